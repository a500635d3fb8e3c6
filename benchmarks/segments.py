"""A hundred segments over a million customers: computed for the first time, a night later, and for those who changed.

    python benchmarks/segments.py [--customers 1000000] [--database postgresql://user:password@host:5432/name]

Without --database it makes an SQLite file in a temporary folder; `--keep` names a folder that is filled once and used
again. The shop is that of `shop_database.py`. Rules ask facts, orders within a time, articles, events and other
segments, about as often as people do. Every step is a process of its own.
"""

import sys
from typing import Any

import shop_database
from phases import Stopwatch

SEGMENTS = 100
CHANGED = 1000


def rules() -> list[dict[str, Any]]:
    """A hundred rules: two thirds of facts alone, in twos and threes; the rest ask what customers did."""

    def fact(name: str, op: str, value: Any) -> dict[str, Any]:
        return {"fact": name, "op": op, "value": value}

    found: list[dict[str, Any]] = []
    states = ("new", "one_time", "active", "due", "slipping", "lost", "reactivated")
    for number in range(66):
        state = fact("state", "is" if number % 2 else "is not", states[number % 7])
        money = fact("revenue", ">=", 2_000 * (1 + number))
        silent = fact("days_since_last_order", "<=", 20 + 10 * number)
        found.append({"all": [state, money, silent][: 2 + number % 2]})
    found += [
        {"all": [{"orders": "count", "op": ">=", "value": 1 + number % 3, "days": 30 * (1 + number)}]}
        for number in range(14)
    ]
    for number in range(8):
        asked = {"orders": "revenue", "op": "<", "value": 5_000 * (1 + number), "days": 365}
        found.append({"all": [fact("orders", ">=", 2), asked]})
    found += [{"all": [{"ordered": "sku", "value": f"sku-{number}"}]} for number in range(4)]
    found += [
        {"all": [{"event": "Product Viewed", "op": ">=", "times": 1 + number, "days": 60}]} for number in range(4)
    ]
    return found


def make() -> None:
    """Keep the segments, the last four asking for the first ones."""
    shop_database.started()
    from django.utils import timezone

    from stammkunde.server.segments.actions import audiences
    from stammkunde.server.segments.rules.reading import read

    watch, now = Stopwatch(), timezone.now()
    with watch.phase("made"):
        made = [
            audiences.save(None, kind="audience", name=f"Rule {number}", node=read(rule), now=now, by=None)
            for number, rule in enumerate(rules())
        ]
        for number in range(SEGMENTS - len(made)):
            asked = {"any": [{"segment": made[number].pk, "op": "in"}, {"segment": made[number + 9].pk, "op": "in"}]}
            audiences.save(None, kind="audience", name=f"Of others {number}", node=read(asked), now=now, by=None)
    watch.report()


def compute(days: int, full: str) -> None:
    """A computation so many days later."""
    shop_database.started()
    from datetime import UTC, datetime, timedelta

    from stammkunde.server.segments.actions.recompute import recompute
    from stammkunde.server.segments.models import Member, Segment
    from stammkunde.server.shop.actions.people import changed
    from stammkunde.server.shop.models import Customer

    now = datetime.fromisoformat(shop_database.NOW).astimezone(UTC) + timedelta(days=days)
    if full != "full":
        step = max(1, Customer.objects.count() // CHANGED)
        changed(Customer.objects.filter(pk__in=range(1, step * CHANGED, step)).values_list("pk", flat=True))
    watch, phases = Stopwatch(), dict[str, float]()
    began = [datetime.now(UTC), ""]

    def tell(doing: str, done: int, total: int) -> None:
        del done, total
        moment = datetime.now(UTC)
        if doing != began[1]:
            phases[str(began[1])] = phases.get(str(began[1]), 0.0) + (moment - began[0]).total_seconds()
            began[:] = [moment, doing]

    with watch.phase("run"):
        run = recompute(now=now, full=full == "full", tell=tell)
    tell("", 0, 0)
    watch.facts = {
        "customers": run.customers, "moves": run.moves, "segments": Segment.objects.count(),
        "members": Member.objects.count(), "phases": {name: took for name, took in phases.items() if name},
    }  # fmt: skip
    watch.report()


def main() -> None:
    """Compute for the first time, a night later, and for those who changed; print what each took."""
    given = shop_database.asked(__doc__).parse_args()
    with shop_database.prepared(given) as place:
        if not (place / "segments").exists():
            shop_database.done(__file__, "make")
            (place / "segments").touch()
        for name, days, full in (("first", 0, "full"), ("a night later", 1, "full"), ("changed", 1, "")):
            found = shop_database.done(__file__, "compute", days, full)
            facts, cost = found.facts, found.phases["run"]
            print(
                f"{name:<14}{cost.wall:7.1f} s (CPU {cost.cpu:.1f} s), {cost.over:,.0f} MiB more: "
                f"{facts['customers']:,} customers, {facts['segments']} segments, {facts['members']:,} members, "
                f"{facts['moves']:,} moves"
            )
            for phase, took in facts["phases"].items():
                print(f"    {phase:<28}{took:7.1f} s")


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[:1] == ["make"]:
        make()
    elif words[:1] == ["compute"]:
        compute(int(words[1]), words[2] if len(words) > 2 else "")
    else:
        main()
