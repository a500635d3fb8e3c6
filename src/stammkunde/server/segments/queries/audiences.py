"""Whom a rule finds: how many, some of them, and why somebody or why not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from stammkunde.server.segments.models import CustomerFacts, Segment
from stammkunde.server.segments.rules.catalogue import FACTS
from stammkunde.server.segments.rules.compiling import FACTS_TABLE, Scope, Sql, answer, compiled, condition
from stammkunde.server.segments.rules.language import Compare, Condition, Node, conditions
from stammkunde.server.shop.models import Customer

SAMPLE = 5


@dataclass(frozen=True)
class Reason:
    """A condition of a rule, by its place; what is known of the customer that it asks for, and whether it holds."""

    path: str
    condition: Condition
    known: Any
    holds: bool


def count(node: Node, *, today: int) -> int:
    """How many customers fit a rule."""
    found = compiled(node, Scope(today))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {FACTS_TABLE} f WHERE {found.text}", found.values)
        return int(cursor.fetchone()[0])


def sample(node: Node, *, today: int, most: int = SAMPLE) -> list[Customer]:
    """Some customers who fit a rule, those known last."""
    found = compiled(node, Scope(today))
    sql = f"SELECT f.customer_id FROM {FACTS_TABLE} f WHERE {found.text} ORDER BY f.customer_id DESC LIMIT {int(most)}"
    with connection.cursor() as cursor:
        cursor.execute(sql, found.values)
        ids = [row[0] for row in cursor.fetchall()]
    there = Customer.objects.in_bulk(ids)
    return [there[pk] for pk in ids]


def why(node: Node, *, customer: int, today: int) -> list[Reason]:
    """Every condition of a rule, asked of one customer; empty where nothing is known of them yet."""
    row = CustomerFacts.objects.filter(customer=customer).values().first()
    if row is None:
        return []
    scope = Scope(today, (customer,))
    asked = list(conditions(node))
    return [
        Reason(path, each, _known(each, row, scope), _true(condition(each, scope), customer)) for path, each in asked
    ]


def _true(found: Sql, customer: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {FACTS_TABLE} f WHERE f.customer_id = %s AND {found.text}", (customer, *found.values)
        )
        return cursor.fetchone() is not None


def _known(asked: Condition, row: Mapping[str, Any], scope: Scope) -> Any:
    """What the record says: a fact's answer, or a number of orders or events."""
    if isinstance(asked, Compare):
        return FACTS[asked.fact].of(row, scope.today)
    return counted(asked, scope)


def counted(asked: Condition, scope: Scope) -> int | None:
    """What the customer of the scope has of what a condition counts; None where it counts nothing."""
    found = answer(asked, scope)
    if found is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(found.text, found.values)
        return int(cursor.fetchone()[0])


def segments_of(customer: int) -> list[Segment]:
    """The segments a customer is in, by name."""
    return list(Segment.objects.filter(members__customer=customer).order_by("kind", "name"))
