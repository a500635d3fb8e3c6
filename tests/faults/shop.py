"""A shop that goes on, whatever happens to the server: it sends until it is thanked, brings files and asks for values.

What it was thanked for is what must be found afterwards, once each.
"""

import base64
import hashlib
import hmac
import http.client
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

SECRET = "secret-of-the-webhooks"
TIMEOUT = 20.0  # seconds for an answer
ORDERS = 1500  # of a file: three transactions
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
GOING = {"uploaded", "running"}


@dataclass
class Place:
    """Where the server is, and what opens it."""

    port: int
    hook: str
    key: str

    def ask(self, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """Status and answer; 0 where nobody answered."""
        address = f"http://127.0.0.1:{self.port}{path}"
        method = "POST" if headers or body else "GET"
        request = urllib.request.Request(address, data=body if method == "POST" else None, method=method)
        request.add_header("Authorization", f"Bearer {self.key}")
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except (OSError, http.client.HTTPException):  # nobody there, or killed in the middle of a word
            return 0, b""


@dataclass
class Shop:
    """What was thanked for: totals in cents of webhooks by order, and of each file."""

    place: Place
    seed: int = 1
    hooks: dict[str, int] = field(default_factory=dict)
    files: list[int] = field(default_factory=list)
    repeated: int = 0
    given_up: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def rows(self) -> int:
        """Orders of all files that are in."""
        return ORDERS * len(self.files)

    def open(self, senders: int = 3) -> list[threading.Thread]:
        """Begin everything it does; ends when `stop` is set and what was begun is thanked for."""
        doing: list[Callable[[], None]] = [
            *(lambda n=n: self._send(n) for n in range(senders)),
            self._bring,
            self._wonder,
        ]
        threads = [threading.Thread(target=each, daemon=True) for each in doing]
        for each in threads:
            each.start()
        return threads

    def _send(self, sender: int) -> None:
        chance = random.Random(f"{self.seed} {sender}")
        number = 0
        while not self.stop.is_set():
            number += 1
            order = sender * 10_000_000 + number
            cents = chance.randrange(500, 20_000)
            body = json.dumps(payload(order, customer=chance.randrange(20_000), cents=cents)).encode()
            headers = {
                "X_WC_Webhook_Topic": "order.created",
                "X_WC_Webhook_Delivery_ID": f"d{order}",
                "X_WC_Webhook_Signature": signature(body),
                "Content_Type": "application/json",
            }
            while self.place.ask(self.place.hook, body, **headers)[0] != 200:
                self.repeated += 1
                time.sleep(0.1)
            self.hooks[str(order)] = cents
            if chance.random() < 0.05:  # shops do that
                self.place.ask(self.place.hook, body, **headers)
                self.repeated += 1
            time.sleep(0.005)

    def _bring(self) -> None:
        number = 0
        while not self.stop.is_set():
            number += 1
            text, total = orders(number, chance=random.Random(f"{self.seed} file {number}"))
            if self._brought(number, text):
                self.files.append(total)
            time.sleep(0.5)

    def _brought(self, number: int, text: bytes) -> bool:
        """Upload, wait for the dry run, start, wait until it is in; whatever is not answered is asked again."""
        form = b'--x\r\nContent-Disposition: form-data; name="file"; filename="%d.csv"\r\n\r\n%s\r\n--x--\r\n' % (
            number,
            text,
        )
        found = self._insist("/api/v1/imports", form, Content_Type="multipart/form-data; boundary=x")
        pk, started = found["id"], False
        while found["state"] != "done":
            if found["state"] == "failed" or (found["error"] and not found["busy"]):
                self.given_up.append(f"file {number}: {found['error']}")
                return False
            if found["state"] == "checked":
                started = True
                self.place.ask(f"/api/v1/imports/{pk}/start", b"", Content_Type="application/json")
            time.sleep(0.2)
            found = self._insist(f"/api/v1/imports/{pk}")
        return started

    def _wonder(self) -> None:
        while not self.stop.wait(3):
            self.place.ask("/api/v1/value/runs", b"", Content_Type="application/json")

    def _insist(self, path: str, body: bytes = b"", **headers: str) -> Any:
        while True:
            status, answer = self.place.ask(path, body, **headers)
            if status in {200, 201}:
                return json.loads(answer)
            time.sleep(0.2)


def signature(body: bytes) -> str:
    """As WooCommerce signs."""
    return base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()


def payload(order: int, *, customer: int, cents: int) -> dict[str, Any]:
    """A paid order as WooCommerce tells it."""
    placed = (BEGIN + timedelta(minutes=order % 400_000)).strftime("%Y-%m-%dT%H:%M:%S")
    money = f"{cents / 100:.2f}"
    line = {"id": order, "name": "Tea", "sku": "TEA", "product_id": 7, "quantity": 1, "subtotal": money, "total": money}
    return {
        "id": order,
        "number": str(order),
        "status": "completed",
        "currency": "EUR",
        "date_created_gmt": placed,
        "date_paid_gmt": placed,
        "date_modified_gmt": placed,
        "total": money,
        "total_tax": "0.00",
        "discount_total": "0.00",
        "shipping_total": "0.00",
        "customer_id": customer + 1,
        "billing": {"email": f"customer{customer}@example.com", "country": "DE"},
        "line_items": [line | {"subtotal_tax": "0.00", "total_tax": "0.00"}],
    }


def orders(number: int, *, chance: random.Random) -> tuple[bytes, int]:
    """A file of orders of customers who return, and their sum in cents."""

    def rows() -> Iterator[tuple[int, str]]:
        for each in range(ORDERS):
            cents, day = chance.randrange(500, 20_000), BEGIN + timedelta(days=chance.randrange(600))
            who = f"f{chance.randrange(5_000)}"
            yield cents, f"{number}-{each};{who};{day:%Y-%m-%d};{cents / 100:.2f}\n"

    found = list(rows())
    text = "order_id;customer_id;date;amount\n" + "".join(row for _, row in found)
    return text.encode(), sum(cents for cents, _ in found)
