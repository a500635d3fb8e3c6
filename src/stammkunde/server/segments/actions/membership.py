"""Who is in a segment: whom its rule finds now against who was in it, as differences; and why they moved."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction

from stammkunde.server.lib import bulk
from stammkunde.server.segments.models import CustomerFacts, FactsBefore, Move, Segment
from stammkunde.server.segments.queries import audiences
from stammkunde.server.segments.rules.catalogue import FACTS
from stammkunde.server.segments.rules.compiling import FACTS_TABLE, Scope, Sql, compiled, holds_fact
from stammkunde.server.segments.rules.language import Compare, Condition, Node, conditions

SET = 2000  # moves explained at once
EXPLAINED = 10_000  # moves of a segment a computation explains; beyond it something happened to the shop, not to them


@dataclass(frozen=True)
class Moved:
    """How many came and left."""

    entered: int
    left: int


@dataclass(frozen=True)
class When:
    """The day of a computation and of the one before, and its moment."""

    now: datetime
    today: int
    before: int


@transaction.atomic
def renew(
    segment: Segment, node: Node, *, when: When, customers: Sequence[int] | None = None, because: str = ""
) -> Moved:
    """Bring the members up to date, of all customers or of these alone.

    `because` is the reason of all moves where it is none of their facts: "rule" where the rule is new or changed.
    """
    rule = compiled(node, Scope(when.today, None if customers is None else tuple(customers)))
    at = connection.ops.adapt_datetimefield_value(when.now)
    among = "" if customers is None else f" AND customer_id IN ({', '.join(str(int(pk)) for pk in customers)})"
    _find(rule, among)
    entered = _ids(
        f"""INSERT INTO segments_member (segment_id, customer_id, since)
            SELECT {segment.pk}, t.customer_id, %s FROM fitting t WHERE NOT EXISTS (SELECT 1 FROM segments_member m
                WHERE m.segment_id = {segment.pk} AND m.customer_id = t.customer_id) ON CONFLICT DO NOTHING""",
        (at,),
    )
    left = _ids(
        f"""DELETE FROM segments_member WHERE segment_id = {segment.pk}{among} AND NOT EXISTS (
            SELECT 1 FROM fitting t WHERE t.customer_id = segments_member.customer_id)""",
        (),
    )
    if segment.computed_at is not None:  # the first members of all have not moved
        _note(segment, node, entered, entered=True, when=when, because=because)
        _note(segment, node, left, entered=False, when=when, because=because)
    return Moved(len(entered), len(left))


def _find(rule: Sql, among: str) -> None:
    """Whom the rule finds, once, into a table of this connection: who came and who left are asked from it."""
    kind = "BIGINT" if connection.vendor == "postgresql" else "INTEGER"  # of SQLite's kind the key is the row itself
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS fitting (customer_id {kind} PRIMARY KEY)")
        cursor.execute("DELETE FROM fitting" if connection.vendor == "sqlite" else "TRUNCATE fitting")
        cursor.execute(
            f"INSERT INTO fitting SELECT f.customer_id FROM {FACTS_TABLE} f WHERE ({rule.text}){among}", rule.values
        )


def _ids(sql: str, values: Sequence[Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING customer_id", values)
        return [row[0] for row in cursor.fetchall()]


def _note(segment: Segment, node: Node, ids: list[int], *, entered: bool, when: When, because: str) -> None:
    """Moves with their reasons."""
    rows: Iterator[tuple[Any, ...]]
    columns, head = ("segment_id", "customer_id", "entered", "at", "why"), (entered, when.now)
    if because or len(ids) > EXPLAINED:
        told = json.dumps([{"because": because or "many"}])
        rows = ((segment.pk, pk, *head, told) for pk in ids)
    else:
        reasons = _reasons(node, ids, when=when)
        rows = ((segment.pk, pk, *head, json.dumps(reasons.get(pk, []))) for pk in ids)
    bulk.insert(Move, columns, rows)


def _reasons(node: Node, ids: list[int], *, when: When) -> dict[int, list[dict[str, Any]]]:
    """For each customer the conditions that turned, with what was known before and is known now."""
    asked, found = list(conditions(node)), {}
    facts = [(path, each) for path, each in asked if isinstance(each, Compare)]
    others = [(path, each) for path, each in asked if not isinstance(each, Compare)]
    columns = {"customer_id"} | {name for _, each in facts for name in FACTS[each.fact].columns}
    walk = iter(ids)
    while some := list(islice(walk, SET)):
        now = {row["customer_id"]: row for row in CustomerFacts.objects.filter(pk__in=some).values(*columns)}
        before = {row["customer_id"]: row for row in FactsBefore.objects.filter(pk__in=some).values(*columns)}
        for pk in some:
            turned = [why for each in facts if (why := _turned(*each, before.get(pk), now.get(pk), when))]
            # What is not a fact is not kept from before: where no fact turned, it was one of these.
            found[pk] = turned or _counted(others, pk, when)
    return found


def _turned(
    path: str,
    asked: Compare,
    before: Mapping[str, Any] | None,
    now: Mapping[str, Any] | None,
    when: When,
) -> dict[str, Any] | None:
    fact = FACTS[asked.fact]
    then = fact.of(before, when.before) if before is not None else None
    today = fact.of(now, when.today) if now is not None else None
    if holds_fact(asked, then) == holds_fact(asked, today):
        return None
    return {"path": path, "before": then, "after": today}


def _counted(others: Sequence[tuple[str, Condition]], customer: int, when: When) -> list[dict[str, Any]]:
    if not others:
        return [{"because": "merged"}]
    scope = Scope(when.today, (customer,))
    return [{"path": path, "after": audiences.counted(each, scope)} for path, each in others]


def first_that_fits(types: Sequence[tuple[int, Node]], *, today: int) -> Sql:
    """An expression for the type of a customer: the first whose rule fits, null where none does."""
    rules = [(pk, compiled(node, Scope(today))) for pk, node in types]
    if not rules:
        return Sql("NULL")
    cases = " ".join(f"WHEN {rule.text} THEN {pk}" for pk, rule in rules)
    return Sql(f"CASE {cases} END", tuple(value for _, rule in rules for value in rule.values))
