"""A million enrolments due at once, advanced one step: a wait, a branch on a rule, a mail.

    python benchmarks/journeys.py [--customers 1000000] [--database postgresql://user:password@host:5432/name]

Without --database it makes an SQLite file in a temporary folder; with it, the tables are made in that database, which
must be empty; `--keep` names a folder that is filled once and used again. The shop is that of `shop_database.py`, whose
segments are computed. Every customer stands on the step. The journey ends for whoever has ordered since they entered:
that is looked at first, and holds for one in fifty. Each step is a process of its own, on enrolments made anew.
"""

import sys
from typing import Any

import shop_database
from phases import Stopwatch

STEPS = ("wait", "branch", "send")
WAIT = {"id": "rest", "do": "wait", "for": "9d"}
FLOWS: dict[str, list[dict[str, Any]]] = {
    "wait": [{"id": "first", "do": "wait", "for": "2d", "at": "09:00"}, WAIT],
    "branch": [
        {
            "id": "first",
            "do": "branch",
            "if": {"all": [{"rule": {"fact": "orders", "op": ">=", "value": 3}}, {"not": {"happened": "refunded"}}]},
            "then": "rest",
            "else": "end",
        },
        WAIT,
    ],
    "send": [{"id": "first", "do": "send", "mail": "bench-mail"}, WAIT],
}
MAIL = {
    "key": "bench-mail", "name": {"en": "Hello", "de": "Hallo"}, "purpose": "offer",
    "subject": {"en": "Hello", "de": "Hallo"}, "blocks": [{"kind": "text", "text": {"en": "Hello", "de": "Hallo"}}],
}  # fmt: skip
MADE = """
    INSERT INTO journeys_enrolment (journey_id, version_id, customer_id, key, order_id, refs, step, state, due_at,
        entered_at, stepped_at, draw, reason)
    SELECT {journey}, {version}, c.id, '', NULL, '{{}}', 'first', 'active', {now}, CASE WHEN c.id % 50 = 0
        THEN (SELECT MAX(o.placed_at) FROM shop_order o WHERE o.customer_id = c.id) ELSE {now} END, {now}, c.id, ''
    FROM shop_customer c"""


def known() -> None:
    """The facts that rules ask."""
    shop_database.started()
    from datetime import UTC, datetime

    from stammkunde.server.segments.actions.recompute import recompute

    recompute(now=datetime.fromisoformat(shop_database.NOW).astimezone(UTC), full=True)
    Stopwatch().report()


def advance(kind: str) -> None:
    """Enrol everybody, then take one step."""
    shop_database.started()
    from datetime import UTC, datetime

    from django.db import connection

    from stammkunde.server.journeys.actions import editing
    from stammkunde.server.journeys.actions.publishing import publish
    from stammkunde.server.journeys.models import Enrolment, Journey, Trace
    from stammkunde.server.journeys.running.advancing import advance_line, due
    from stammkunde.server.lib.bulk import count_anew
    from stammkunde.server.mail.actions import templates
    from stammkunde.server.mail.models import Send, Template

    now = datetime.fromisoformat(shop_database.NOW).astimezone(UTC)
    with connection.cursor() as cursor:
        for table in ("journeys_trace", "mail_send", "journeys_enrolment"):
            postgres = connection.vendor == "postgresql"
            cursor.execute(f"TRUNCATE {table} CASCADE" if postgres else f"DELETE FROM {table}")
    Journey.objects.update(state="off")
    if not Template.objects.exists():
        templates.create(MAIL, language="en", now=now, by=None)
    data = {
        "key": kind, "name": {"en": kind}, "trigger": {"on": "segment", "name": "nobody"}, "exit": ["ordered"],
        "steps": FLOWS[kind],
    }  # fmt: skip
    journey = Journey.objects.filter(key=kind).first() or editing.create(data, now=now, by=None)
    version = publish(journey, now=now, by=None)
    editing.switch(journey, "on", now=now, by=None)
    moment = f"TIMESTAMPTZ '{shop_database.NOW}'" if postgres else f"'{shop_database.NOW[:19]}'"
    with connection.cursor() as cursor:
        cursor.execute(MADE.format(journey=journey.pk, version=version.pk, now=moment))
    count_anew()
    (line,) = due(now)
    watch = Stopwatch()
    with watch.phase("step"):
        moved = advance_line(line, now)
    watch.facts = {
        "moved": moved,
        "left": Enrolment.objects.filter(state="left").count(),
        "traces": Trace.objects.count(),
        "sends": Send.objects.count(),
    }
    watch.report()


def main() -> None:
    """Advance everybody by each kind of step; print what it took."""
    given = shop_database.asked(__doc__).parse_args()
    with shop_database.prepared(given) as place:
        if not (place / "known").exists():
            shop_database.done(__file__, "known")
            (place / "known").touch()
        for kind in STEPS:
            found = shop_database.done(__file__, "advance", kind)
            cost, facts = found.phases["step"], found.facts
            print(
                f"{kind:<8}{cost.wall:7.1f} s (CPU here {cost.cpu:.1f} s), {cost.over:,.0f} MiB more: "
                f"{facts['moved']:,} enrolments moved, {facts['left']:,} of them left, {facts['traces']:,} traces, "
                f"{facts['sends']:,} messages planned"
            )


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[:1] == ["known"]:
        known()
    elif words[:1] == ["advance"]:
        advance(words[1])
    else:
        main()
