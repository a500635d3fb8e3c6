"""Whom a newsletter is for, block by block, and how long each of them has been a customer."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from stammkunde.server.campaigns.models import Campaign, Tenure
from stammkunde.server.segments.queries import days
from stammkunde.server.segments.rules.compiling import FACTS_TABLE, Scope, Sql, compiled
from stammkunde.server.segments.rules.language import Group, InSegment, Node
from stammkunde.server.segments.rules.reading import read

BLOCK = 5000
NEW_DAYS = 90


@dataclass(frozen=True)
class Addressee:
    """Somebody of the audience: what decides which text they get, in which language, and when."""

    customer: int
    tenure: str
    zone: str
    country: str
    locale: str


def node(campaign: Campaign) -> Node:
    """The rule of an audience.

    Raises
    ------
    RuleError : its own rule cannot be read.
    """
    if campaign.segment_id is not None:
        return InSegment(campaign.segment_id)
    return read(campaign.rule) if campaign.rule else Group("all", ())


def new(today: int) -> str:
    """New, in SQL: has ordered on at most one day, or for the first time in the last 90 days. Others are long-standing.

    Somebody who signed up and never ordered is new, too: the shop has not shown them what it can do.
    """
    return f"(f.order_days <= 1 OR f.first_on >= {int(today) - NEW_DAYS})"


def found(campaign: Campaign, *, today: int) -> Sql:
    """Rows of facts `f` and customers `c` that belong to it, and have an address."""
    which = compiled(node(campaign), Scope(today))
    text = f"{FACTS_TABLE} f JOIN shop_customer c ON c.id = f.customer_id WHERE c.merged_into_id IS NULL"
    return Sql(f"{text} AND c.email <> '' AND ({which.text})", which.values)


def block(campaign: Campaign, *, after: int, today: int, most: int = BLOCK) -> list[Addressee]:
    """The next of the audience by the number of the customer."""
    rows = found(campaign, today=today)
    tenure = f"CASE WHEN {new(today)} THEN '{Tenure.NEW}' ELSE '{Tenure.LONG}' END"
    sql = (
        f"SELECT f.customer_id, {tenure}, c.zone, c.country, c.locale FROM {rows.text} "
        f"AND f.customer_id > %s ORDER BY f.customer_id LIMIT {int(most)}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, (*rows.values, after))
        return [Addressee(*row) for row in cursor.fetchall()]


def blocks(campaign: Campaign, *, after: int, now: datetime, most: int = BLOCK) -> Iterator[list[Addressee]]:
    """All of the audience, a block at a time; nothing is kept of the ones before."""
    today = days.number(now)
    while rows := block(campaign, after=after, today=today, most=most):
        yield rows
        after = rows[-1].customer


def sizes(campaign: Campaign, *, today: int) -> dict[str, int]:
    """How many of the audience are new, and how many long-standing."""
    rows = found(campaign, today=today)
    return _by_tenure(rows, today)


def everybody(*, today: int) -> dict[str, int]:
    """How many of all customers with an address are new, and how many long-standing."""
    text = f"{FACTS_TABLE} f JOIN shop_customer c ON c.id = f.customer_id"
    return _by_tenure(Sql(f"{text} WHERE c.merged_into_id IS NULL AND c.email <> ''"), today)


def _by_tenure(rows: Sql, today: int) -> dict[str, int]:
    count = f"COUNT(*), COALESCE(SUM(CASE WHEN {new(today)} THEN 1 ELSE 0 END), 0)"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {count} FROM {rows.text}", rows.values)
        whole, fresh = (int(each) for each in cursor.fetchone())
    return {Tenure.NEW: fresh, Tenure.LONG: whole - fresh}


def without_address(campaign: Campaign, *, today: int) -> int:
    """How many the rule finds whom no mail can reach, since no address of theirs is known."""
    which = compiled(node(campaign), Scope(today))
    text = f"{FACTS_TABLE} f JOIN shop_customer c ON c.id = f.customer_id WHERE c.merged_into_id IS NULL"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {text} AND c.email = '' AND ({which.text})", which.values)
        return int(cursor.fetchone()[0])


def some(campaign: Campaign, *, today: int, most: int) -> list[int]:
    """Numbers of customers of the audience, spread over all of it: the same ones each time."""
    rows = found(campaign, today=today)
    sql = f"SELECT f.customer_id FROM {rows.text} ORDER BY (f.customer_id * 7919) %% 10007, f.customer_id LIMIT %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, (*rows.values, most))
        return [row[0] for row in cursor.fetchall()]
