"""Which customers a list shows: found by what is typed, filtered, sorted by value or newest, page by page.

Where few customers can be meant they are gathered first and then sorted; where many can, the index of the order is read
and each is tried until the page is full. What is filtered by goes along with the order (those who ordered once are
nowhere among the best), so that by itself would read far: by value the list is read tier by tier, whose sizes are
known, and the newest in growing windows of their numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Max, Sum

from stammkunde.server.clv.models import Run
from stammkunde.server.dashboards.models import Shelf, Tier
from stammkunde.server.dashboards.queries.shelves import Filter, shelves, sums
from stammkunde.server.lib.requests import row_number
from stammkunde.server.segments.models import Segment
from stammkunde.server.shop.models import Customer
from stammkunde.server.shop.queries import customers as people

FEW = 20_000  # customers that are gathered and sorted
PAGE = people.PAGE
VALUE, NEWEST = "value", "new"
NOTHING = -(10**17)  # below every value


@dataclass(frozen=True)
class Found:
    """Numbers of customers in their order, the key of the next page, and how many there are in all.

    `count` is None where it would have to be counted one by one.
    """

    customers: list[int]
    after: str
    count: int | None


@dataclass(frozen=True)
class Asked:
    """A condition on `customer_id`: as a list of customers, and as a test of one, with about how many it leaves."""

    listed: str
    tested: str
    values: Sequence[Any]
    size: int


def find(who: Filter, *, search: str = "", sort: str = VALUE, after: str = "", most: int = PAGE) -> Found:
    """A page of customers; see `Found`."""
    others = [*_of_segment(who), *_of_search(search)]
    asked = [*_of_shelves(who), *others]
    read = _Read(sort, tuple(asked), _few(asked))
    count: int | None
    if read.few is not None:
        rows, count = read.gathered(after, most + 1)
    else:
        by_shelves = _by_tier if sort == VALUE else _by_window
        rows = by_shelves(who, others, after, most + 1) if who.shelved else read.page(after, most + 1)
        count = _count(read, who, search)
    key = _key(rows[most - 1]) if len(rows) > most else ""
    return Found([row[0] for row in rows[:most]], key, count)


def _key(row: Sequence[Any]) -> str:
    """What the next page begins after: the number; or the value, the number, and the tier where tiers are read."""
    number, *worth = row
    return ".".join(map(str, (*worth[:1], number, *worth[1:])))


#: From the best down; each with the share of customers who are worth less than any in it, as a run's quantiles name it.
TIERS = {Tier.TOP: "", Tier.GOOD: "0.9", Tier.MIDDLE: "0.75", Tier.LOW: "0.5", Tier.BELOW: ""}


def _by_tier(who: Filter, others: Sequence[Asked], after: str, most: int) -> list[tuple[Any, ...]]:
    """Rows of number, value and tier: the tiers one after the other, each from its own best on."""
    sizes = dict(shelves(who).values_list("tier").annotate(n=Sum("valued")))
    done = Run.objects.filter(state=Run.State.DONE).order_by("-until", "-pk")
    cuts = (done.values_list("distribution", flat=True).first() or {}).get("quantiles", {})
    clv, _, rest = after.partition(".")
    customer, _, reached = rest.partition(".")
    order, rows = list(TIERS), list[tuple[Any, ...]]()
    for tier in order[order.index(Tier(reached)) if reached in Tier.values else 0 :]:
        if not sizes.get(tier):
            continue
        asked = (*_of_shelves(replace(who, tier=tier)), *others)
        read = _Read(VALUE, asked, _few(asked), 0 if tier == Tier.BELOW else cuts.get(TIERS[tier]))
        key = f"{clv}.{customer}" if tier == reached else ""
        rows += [(*row, tier.value) for row in read.page(key, most - len(rows))]
        if len(rows) == most:
            break
    return rows


def _by_window(who: Filter, others: Sequence[Asked], after: str, most: int) -> list[tuple[Any, ...]]:
    """Numbers of the newest: of a window at the upper end, which grows until it holds enough of them."""
    everybody = Customer.objects.aggregate(last=Max("pk"))["last"] or 0
    last = row_number(after)
    top, size = everybody + 1 if last is None else last, sums(who).customers
    ids, given = _sql(shelves(who).values("pk"))
    tests = "".join(f" AND {each.tested.format(id='s.customer_id')}" for each in others)
    values = [value for each in others for value in each.values]
    width = 4 * most * max(everybody // max(size, 1), 1)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT s.customer_id FROM dashboards_shelved s WHERE s.shelf_id IN ({ids}) AND s.customer_id < %s"
                f" AND s.customer_id >= %s{tests} ORDER BY s.customer_id DESC LIMIT {int(most)}",
                [*given, top, top - width, *values],
            )
            rows = list(cursor.fetchall())
        if len(rows) == most or width >= top:
            return rows
        width *= 8


def _few(asked: Sequence[Asked]) -> Asked | None:
    """What is gathered first."""
    least = min(asked, key=lambda each: each.size, default=None)
    return least if least is not None and least.size <= FEW else None


def _of_shelves(who: Filter) -> list[Asked]:
    if not who.shelved:
        return []
    ids, values = _sql(shelves(who).values("pk"))
    shelved = f"SELECT s.customer_id FROM dashboards_shelved s WHERE s.shelf_id IN ({ids})"
    return [Asked(shelved, f"EXISTS ({shelved} AND s.customer_id = {{id}})", values, sums(who).customers)]


def _of_segment(who: Filter) -> list[Asked]:
    if who.segment is None:
        return []
    member = "SELECT m.customer_id FROM segments_member m WHERE m.segment_id = %s"
    size = Segment.objects.filter(pk=who.segment).values_list("size", flat=True).first()
    return [Asked(member, f"EXISTS ({member} AND m.customer_id = {{id}})", [who.segment], size or 0)]


def _of_search(search: str) -> list[Asked]:
    """Who fits what was typed."""
    meaning = people.meant(search)
    if meaning is None:
        return []
    listed, few = _sql(meaning.listed)
    if meaning.few:
        return [Asked(listed, f"{{id}} IN ({listed})", few, meaning.size)]
    tested, values = _sql(Customer.objects.filter(meaning.tested).order_by().values("pk"))
    return [Asked("", f"EXISTS ({tested} AND shop_customer.id = {{id}})", values, meaning.size)]


def _sql(rows: Any) -> tuple[str, Sequence[Any]]:
    """The statement; Django has none for what can find nothing."""
    try:
        found: tuple[str, Sequence[Any]] = rows.query.sql_with_params()
    except EmptyResultSet:
        return "SELECT id FROM shop_customer WHERE 1 = 0", []
    return found


@dataclass(frozen=True)
class _Read:
    """The statement: those of `few` looked up and sorted, or the index of the order with all conditions tested.

    Read along the index of values, it begins `below` a value.
    """

    sort: str
    asked: tuple[Asked, ...]
    few: Asked | None
    below: int | None = None

    def page(self, after: str, most: int) -> list[tuple[Any, ...]]:
        """The rows after a key, along the index of the order: number and, sorted by value, value."""
        by_value = self.sort == VALUE
        number, worth = ("r.customer_id", "r.clv") if by_value else ("r.id", "")
        tests = [*self._tests(number), self._after(after, number, worth)]
        tests += [("r.clv < %s", [self.below])] if self.below is not None else []
        where = " AND ".join(test for test, _ in tests)
        columns, order = (
            (f"{number}, {worth}", f"{worth} DESC, {number} DESC") if by_value else (number, f"{number} DESC")
        )
        return _rows(
            f"SELECT {columns} FROM {self._table} WHERE {where} ORDER BY {order} LIMIT {int(most)}",
            [value for _, some in tests for value in some],
        )

    def gathered(self, after: str, most: int) -> tuple[list[tuple[Any, ...]], int]:
        """The rows of few after a key, and how many there are in all. Whoever has no value comes last."""
        assert self.few is not None  # noqa: S101  asked only where there are few
        by_value = self.sort == VALUE
        worth, joined, of = (
            (f"COALESCE(r.clv, {NOTHING})", "LEFT JOIN", "customer_id") if by_value else ("0", "JOIN", "id")
        )
        tests, (key, reached) = self._tests("few.customer_id"), self._after(after, "number", "worth")
        columns, order = ("number, worth", "worth DESC, number DESC") if by_value else ("number", "number DESC")
        rows = _rows(
            f"WITH few(customer_id) AS MATERIALIZED ({self.few.listed}),"
            f" found AS (SELECT few.customer_id AS number, {worth} AS worth, COUNT(*) OVER () AS size"
            f" FROM few {joined} {self._table} ON r.{of} = few.customer_id"
            f" WHERE {' AND '.join(test for test, _ in tests)})"
            f" SELECT {columns}, size FROM found WHERE {key} ORDER BY {order} LIMIT {int(most)}",
            [*self.few.values, *(value for _, some in tests for value in some), *reached],
        )
        if not rows and after:  # everybody stands before the key
            return [], self.gathered("", 1)[1]
        return [row[:-1] for row in rows], rows[0][-1] if rows else 0

    @property
    def _table(self) -> str:
        return "clv_prediction r" if self.sort == VALUE else "shop_customer r"

    def _tests(self, number: str) -> list[tuple[str, Sequence[Any]]]:
        tests = [(each.tested.format(id=number), each.values) for each in self.asked if each is not self.few]
        return [*tests, ("1 = 1" if self.sort == VALUE else "r.merged_into_id IS NULL", [])]

    def _after(self, after: str, number: str, worth: str) -> tuple[str, list[int]]:
        first, _, last = after.partition(".")
        if self.sort != VALUE:
            below = row_number(first)
            return ("1 = 1", []) if below is None else (f"{number} < %s", [below])
        size, below = row_number(first.removeprefix("-")), row_number(last.partition(".")[0])
        if size is None or below is None:
            return "1 = 1", []
        value = -size if first.startswith("-") else size
        return f"({worth} < %s OR ({worth} = %s AND {number} < %s))", [value, value, below]


def _rows(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _count(read: _Read, who: Filter, search: str) -> int | None:
    """How many there are in all, where many are read along an index."""
    if search.strip() or (who.segment is not None and who.shelved):
        return None
    if who.segment is not None:
        return read.asked[0].size
    if not Shelf.objects.exists():
        return None
    found = sums(who)
    return found.valued if read.sort == VALUE else found.customers
