"""How many personal mails a CPU second sends, ledger and all, to Debian's `smtp-sink`; and whether memory stays flat.

    python benchmarks/mail_send.py [--customers 10000] [--database postgresql://user:password@host:5432/name]

A newsletter of about 11 kB HTML with four products for each customer and a plain-text part (that of `mail_render.py`),
for customers who agreed to it, of the shop of `shop_database.py`. Counted is all that the worker does: claiming,
looking at each message again (consent, orders, quiet hours, slot), reading, filling in, building, handing over and
settling, with a commit a message. CPU seconds are those of our process (on SQLite the database is in it; PostgreSQL's
own and those of smtp-sink are not). Beside it stands what a bare loop around smtplib reaches with finished mails on the
same sink.

`--null` hands over to nobody: where only memory is asked for. `--most` ends after so many mails, with the rest still
due.
"""

import argparse
import itertools
import shutil
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import time as hour
from datetime import timedelta
from pathlib import Path
from typing import Any

import shop_database
from mail_render import MAIL, contexts
from phases import Stopwatch, resident

PRODUCTS = 200
SINK = "/usr/sbin/smtp-sink"
#: What others publish, for comparison: see the README.
PUBLISHED = "listmonk publishes about 40,000 to 50,000 a minute (700 to 950 with default pools): 670 to 830 a second"


@contextmanager
def sink() -> Iterator[int]:
    """A server that takes everything and keeps nothing; its port."""
    program = shutil.which("smtp-sink") or SINK
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    running = subprocess.Popen([program, "-u", "nobody", f"127.0.0.1:{port}", "200"])
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        running.terminate()
        running.wait()


def planned(customers: int) -> None:
    """Products with pictures, what sells, who agreed, and a mail due for everybody."""
    shop_database.started()
    from django.db import connection
    from django.utils import timezone

    from stammkunde.server.consent.actions import recording
    from stammkunde.server.mail.actions.planning import Planned, message_for, plan
    from stammkunde.server.mail.models import Attention, Send, Sender, Template, Version
    from stammkunde.server.mail.rendering.compiling import compiled
    from stammkunde.server.mail.rendering.documents import digest, read
    from stammkunde.server.offers.actions.counting import count
    from stammkunde.server.shop.models import Customer

    now, watch = timezone.now(), Stopwatch()
    if Send.objects.exists():  # a database that was kept: as if nothing had left
        Attention.objects.all().delete()
        Send.objects.update(
            state="waiting", attempts=0, due_at=now, expires_at=now + timedelta(days=9), settled_at=None
        )
        watch.report()
        return
    with watch.phase("planned"):
        _stocked()
        count(now=now)
        rows = Customer.objects.order_by("pk").values_list("pk", "email")[:customers]
        then = now - timedelta(days=30)
        words = {"confirmed_at": then, "page": "/newsletter", "words": "Yes, write to me."}
        agreed = (recording.Brought(pk, email, "marketing", then, **words) for pk, email in rows.iterator())
        recording.bring(agreed, source="benchmark", now=now)
        Sender.objects.create(connections=1, address="hallo@shop.example", name="Teehaus Müller",
                              return_address="bounce@shop.example", quiet_from=hour(0), quiet_to=hour(0))  # fmt: skip
        document = read(MAIL)
        template = Template.objects.create(
            key="spring", name="Spring", purpose="newsletter", changed_at=now, created_at=now
        )
        made: dict[str, Any] = {"document": MAIL, "compiled": compiled(document), "digest": digest(document)}
        version = Version.objects.create(template=template, number=1, created_at=now, **made)
        message = message_for("campaign", 1, step="", version=version, now=now, rules={"max_age": "9d"})
        ids = Customer.objects.order_by("pk").values_list("pk", flat=True)[:customers]
        plan(message, (Planned(1, pk, now) for pk in ids.iterator()), now=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    watch.report()


def _stocked() -> None:
    from django.db import connection

    from stammkunde.server.shop.models import Product, Variant

    numbers = range(PRODUCTS)
    Product.objects.bulk_create(
        Product(pk=n + 1, source_id=1, external_id=str(n), title=f"First flush no. {n}", category=f"Category {n % 12}",
                image=f"https://shop.example/images/{n}.jpg", url=f"https://shop.example/tea/{n}")
        for n in numbers
    )  # fmt: skip
    Variant.objects.bulk_create(
        Variant(pk=n + 1, product_id=n + 1, external_id=str(n), sku=f"sku-{n}", currency="EUR", price=990 + n)
        for n in numbers
    )
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shop_orderline SET variant_id = id % %s + 1", [PRODUCTS])


class Nobody:
    """A session that takes everything at once."""

    provider = "null"

    def send(self, _envelope_from: str, _to: str, _message: bytes) -> Any:
        """Say that it was taken."""
        from stammkunde.server.mail.sending.transports.base import Outcome, Receipt

        return Receipt(Outcome.SENT, "250 taken")

    def close(self) -> None:
        """Nothing to do."""


def sent(port: int, most: int, connections: int) -> None:
    """What the worker does, until nothing is due or so many left."""
    shop_database.started()
    from django.utils import timezone

    from stammkunde.server.mail.models import Send, Sender
    from stammkunde.server.mail.sending.letters import Letters
    from stammkunde.server.mail.sending.slices import send_due
    from stammkunde.server.mail.sending.transports import open_session

    options = {"host": "127.0.0.1", "port": port, "security": "none"}
    Sender.objects.update(transport="smtp", options=options, connections=connections)
    opening = open_session if port else lambda _sender: Nobody()
    told: dict[str, Any] = {"handed": 0}
    private: list[float] = []
    enough = type("EnoughError", (Exception,), {})

    def beat(handed: int) -> None:
        told["handed"] = handed
        private.append(resident("RssAnon"))
        if most and handed >= most:
            raise enough

    watch = Stopwatch()
    asked: dict[str, Any] = {"seconds": 1e9, "composing": Letters, "opening": opening, "beat": beat}
    with watch.phase("sent"), suppress(enough):
        send_due(worker="b", clock=timezone.now, **asked)
    states = Send.objects.values_list("state").order_by("state")
    watch.facts |= told | {
        "states": {state: states.filter(state=state).count() for state in ("sent", "unknown", "refused")}
    }
    watch.facts |= {"private": max(private), "early": max(private[:5])}
    watch.report()


def bare(port: int, number: int) -> None:
    """Finished mails in a loop around smtplib, over one connection: the ceiling."""
    shop_database.started()
    from datetime import UTC, datetime

    from stammkunde.server.mail.rendering.compiling import compile_document
    from stammkunde.server.mail.rendering.documents import read
    from stammkunde.server.mail.rendering.mime import Letter, build
    from stammkunde.server.mail.rendering.rendering import Renderer

    document = read(MAIL)
    renderer = Renderer(document, compile_document(document, voice="de-sie"))
    mails = []
    for each, context in enumerate(contexts(200)):
        mail = renderer.render(context)
        about = {
            "from_address": "hallo@shop.example",
            "to_address": f"anna{each}@example.com",
            "date": datetime.now(UTC),
        }
        letter = Letter(subject=mail.subject, html=mail.html, text=mail.text, message_id=f"<{each}@x.example>", **about)
        mails.append(build(letter))
    watch = Stopwatch()
    with watch.phase("bare"), smtplib.SMTP("127.0.0.1", port, local_hostname="localhost") as server:
        server.ehlo()
        for mail_ in itertools.islice(itertools.cycle(mails), number):
            server.sendmail("hallo@shop.example", ["anna@example.com"], mail_)
    watch.facts |= {"size": len(mails[0])}
    watch.report()


def main() -> None:
    """Print the figures."""
    options = shop_database.asked(__doc__)
    options.set_defaults(customers=10_000)
    options.add_argument("--most", type=int, default=0)
    options.add_argument("--connections", type=int, default=1)
    options.add_argument("--null", action="store_true")
    given = options.parse_args()
    if not given.null and not (shutil.which("smtp-sink") or Path(SINK).exists()):
        sys.exit("smtp-sink is not here: it is in Debian's package postfix, which need not run.")
    with shop_database.beside(given.database) as database, _prepared(given, database), sink() as port:
        shop_database.done(__file__, "planned", given.customers)
        found = shop_database.done(__file__, "sent", 0 if given.null else port, given.most, given.connections)
        loop = shop_database.done(__file__, "bare", port, min(given.customers, 10_000))
    report(found, loop, given)


@contextmanager
def _prepared(given: argparse.Namespace, database: str) -> Iterator[None]:
    given.database = database
    with shop_database.prepared(given):
        yield


def report(found: Any, loop: Any, given: argparse.Namespace) -> None:
    """Our rate beside the ceiling, and memory."""
    handed, cost = found.facts["handed"], found.phases["sent"]
    ours, ceiling = handed / cost.cpu, min(given.customers, 10_000) / loop.phases["bare"].cpu
    print(f"{handed:,} mails of {loop.facts['size']:,} bytes to {'nobody' if given.null else 'smtp-sink'}; "
          f"{found.facts['states']}")  # fmt: skip
    print(f"sent, ledger and all    {ours:8,.0f} per CPU second, {handed / cost.wall:,.0f} a second")
    print(f"bare loop of smtplib    {ceiling:8,.0f} per CPU second: our share is {ours / ceiling:.0%}")
    early, most = found.facts["early"], found.facts["private"]
    print(f"private memory          {most:8,.0f} MiB at its most, {early:,.0f} after the first sets")
    print(PUBLISHED)


if __name__ == "__main__":
    steps = {
        "planned": lambda: planned(int(sys.argv[2])),
        "sent": lambda: sent(int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])),
        "bare": lambda: bare(int(sys.argv[2]), int(sys.argv[3])),
    }
    steps[sys.argv[1]]() if len(sys.argv) > 1 and sys.argv[1] in steps else main()
