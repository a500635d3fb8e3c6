"""A shop with readers who agreed, some who never did, and buyers who are sent their confirmation."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sends import message
from stammkunde.server.consent.actions import recording
from stammkunde.server.consent.actions.recording import Brought
from stammkunde.server.lib import bulk
from stammkunde.server.mail.actions.planning import Planned, plan
from stammkunde.server.mail.models import Sender
from stammkunde.server.shop.models import Customer, Order, Source

BUYERS, SILENT = 0.15, 0.05  # shares of those who get an order mail, and of those who never agreed


def open_shop(people: int, *, port: int, connections: int, now: datetime) -> None:
    """All of it, with a message due for everybody."""
    # Waits are short: what takes minutes elsewhere takes seconds here. See also `worker`.
    options = {"host": "127.0.0.1", "port": port, "security": "none", "timeout": 2, "answer_timeout": 1,
               "lease": 4, "rest": 0.01}  # fmt: skip
    Sender.objects.create(transport="smtp", options=options, connections=connections, address="shop@chaos.example",
                          quiet_from=datetime.min.time(), quiet_to=datetime.min.time())  # fmt: skip
    ids = customers(people, now)
    buyers, silent = int(people * BUYERS), int(people * SILENT)
    proven = {"confirmed_at": now - timedelta(days=9), "page": "/", "words": "Yes."}
    agreed = (Brought(pk, address(pk), "marketing", now - timedelta(days=9), **proven) for pk in ids[silent:])
    recording.bring(agreed, source="chaos", now=now)
    orders = _orders(ids[-buyers:], now)
    plan(message(now, "order", origin_id=2), (_about(pk, orders, now) for pk in ids[-buyers:]), now=now)
    plan(message(now), (Planned(1, pk, now) for pk in ids[:-buyers]), now=now)


def address(pk: int) -> str:
    """Whose it is can be told from it."""
    return f"p{pk}@chaos.example"


def customers(people: int, now: datetime) -> list[int]:
    """Their numbers."""
    columns = ("origin", "name", "email", "phone", "company", "postcode", "country", "locale", "zone", "type",
               "channel", "known_since", "changed_at")  # fmt: skip
    rows = ((f"email:0:{n}", f"P {n}", "", "", "", "", "DE", "", "", "", "", now, now) for n in range(people))
    bulk.insert(Customer, columns, rows)
    ids = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    for some in _blocks(ids):
        Customer.objects.bulk_update([Customer(pk=pk, email=address(pk)) for pk in some], ["email"])
    return ids


def _blocks(ids: list[int]) -> Iterator[list[int]]:
    return (ids[start : start + 500] for start in range(0, len(ids), 500))


def _orders(ids: list[int], now: datetime) -> dict[int, int]:
    source = Source.objects.create(kind="csv", name="chaos", token="c" * 32, created_at=now)
    said: dict[str, Any] = {"source": source, "placed_at": now, "day": now.date(), "currency": "EUR"}
    rows = (Order(external_id=str(pk), customer_id=pk, gross=1000, total=1000, **said) for pk in ids)
    Order.objects.bulk_create(rows, batch_size=500)
    return {customer: pk for pk, customer in Order.objects.values_list("pk", "customer_id") if customer is not None}


def _about(pk: int, orders: dict[int, int], now: datetime) -> Planned:
    return Planned(2, pk, now, order_id=orders[pk], since=now)
