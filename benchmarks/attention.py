"""A hundred thousand messages that want 80,000 customers' attention: chosen, and learnt from.

    python benchmarks/attention.py [--customers 80000] [--database postgresql://user:password@host:5432/name]

The shop is that of `shop_database.py`. Every fourth customer has two messages due, all had four in the last weeks,
every 20th has a rhythm of their own. Messages are chosen in claims of a thousand, as sending does it; what they are
expected to bring is estimated on the way, as for messages nobody has said it of. Every step is a process of its own;
seconds are those of one worker, without the database's where that is a server.
"""

import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import shop_database
from phases import Stopwatch

CLAIM = 1000
NOW = datetime(2026, 1, 2, 9, 0, tzinfo=UTC)


def make() -> None:
    """A ledger: four messages that left and one or two that are due, for everybody."""
    shop_database.started()
    from stammkunde.server.consent.models import Preference  # after setup
    from stammkunde.server.lib.bulk import count_anew, insert
    from stammkunde.server.mail.models import Message, Send, Template, Version
    from stammkunde.server.segments.actions.knowing import know
    from stammkunde.server.shop.models import Customer

    watch = Stopwatch()
    with watch.phase("ledger"):
        messages = []
        for purpose in ("newsletter", "vip", "cart"):
            template = Template.objects.create(key=purpose, purpose=purpose, changed_at=NOW, created_at=NOW)
            version = Version.objects.create(template=template, number=1, document={}, compiled={}, created_at=NOW)
            values = {"purpose": purpose, "marketing": True, "created_at": NOW}
            messages.append(Message.objects.create(origin="benchmark", step=purpose, version=version, **values).pk)
        ids = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
        know("1 = 1", now=NOW)
        liked = ((pk, "[]", "weekly", "email", NOW) for pk in ids[::20])
        insert(Preference, ("customer_id", "off", "rhythm", "channel", "changed_at"), liked)
        blank = [field for field in Send._meta.concrete_fields if field.attname not in GIVEN and not field.primary_key]
        filled = [field.get_default() if not isinstance(field.get_default(), list | dict) else "{}" for field in blank]
        columns = (*GIVEN, *(field.attname for field in blank))
        insert(Send, columns, ((*row, *filled) for row in _rows(ids, messages)))
        count_anew()
    watch.report()


GIVEN = (
    "message_id",
    "scope",
    "run",
    "customer_id",
    "marketing",
    "planned_at",
    "due_at",
    "state",
    "settled_at",
    "bases",
)


def _rows(ids: list[int], messages: list[int]) -> Iterator[tuple[Any, ...]]:
    for number, pk in enumerate(ids):
        for past in range(4):
            left = NOW - timedelta(days=9 * past + number % 40 + 1, hours=number % 7)
            yield messages[past % 2], "benchmark:0:", past, pk, True, left, left, "sent", left, "[]"
        for due in range(2 if number % 4 == 0 else 1):
            yield messages[(number + due) % 3], "benchmark:0:", 10 + due, pk, True, NOW, NOW, "waiting", None, "[]"


def choosing() -> None:
    """All of them, a claim at a time."""
    shop_database.started()
    from collections import Counter

    from stammkunde.server.mail.attention.choosing import choose  # after setup
    from stammkunde.server.mail.models import Send, Sender

    watch, told, number, took, spent = Stopwatch(), Counter[str](), 0, 0.0, 0.0
    sender = Sender.now()
    with watch.phase("all"):
        while ids := list(Send.objects.filter(state="waiting", due_at__lte=NOW).values_list("pk", flat=True)[:CLAIM]):
            Send.objects.filter(pk__in=ids).update(state="claimed", worker="one")
            sends = list(Send.objects.filter(pk__in=ids))
            began, cpu = time.perf_counter(), time.process_time()
            verdicts = choose(sends, now=NOW, sender=sender)
            took, spent = took + time.perf_counter() - began, spent + time.process_time() - cpu
            gone = [each.send.pk for each in verdicts if each.outcome == "go"]
            Send.objects.filter(pk__in=gone).update(state="sent", settled_at=NOW)
            later = [each.send.pk for each in verdicts if each.outcome != "go"]
            Send.objects.filter(pk__in=later).update(state="waiting", due_at=NOW + timedelta(days=2))
            told.update(f"{each.outcome} {each.reason}" for each in verdicts)
            number += len(sends)
    watch.facts |= {
        "messages": number,
        "per_second": round(number / took),
        "per_cpu": round(number / spent),
        "outcomes": dict(told),
    }
    watch.report()


def learning() -> None:
    """How much everybody bears."""
    shop_database.started()
    from stammkunde.server.mail.attention.learning import learn  # after setup

    watch = Stopwatch()
    with watch.phase("learnt"):
        watch.facts["customers"] = learn(now=NOW)
    watch.report()


def main() -> None:
    """Fill, choose, learn, and say what it took."""
    given = shop_database.asked(__doc__).parse_args()
    with shop_database.beside(given.database) as database:
        given.database = database
        with shop_database.prepared(given):
            shop_database.done(__file__, "make")
            chosen, learnt = (shop_database.done(__file__, word) for word in ("choose", "learn"))
    facts = chosen.facts
    print(f"{facts['messages']:,} messages: {facts['per_second']:,} a second, {facts['per_cpu']:,} a CPU second")
    for outcome, count in sorted(chosen.facts["outcomes"].items(), key=lambda each: -each[1]):
        print(f"    {count:>8,} {outcome}")
    cost = learnt.phases["learnt"]
    print(f"{learnt.facts['customers']:,} customers learnt from in {cost.wall:.1f} s ({cost.cpu:.1f} CPU s)")


if __name__ == "__main__":
    words = {"make": make, "choose": choosing, "learn": learning}
    words[sys.argv[1]]() if sys.argv[1:2] and sys.argv[1] in words else main()
