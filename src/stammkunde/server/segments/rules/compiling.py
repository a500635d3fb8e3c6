"""A rule as a condition of SQL on the table of facts, the same on SQLite and PostgreSQL.

What lies in other tables is asked as a set: the customers whose orders or events fulfil it, found once, not once a
customer. Where having none of them fulfils it too, it is asked the other way round.
"""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from stammkunde.server.clv.queries.rates import literal
from stammkunde.server.segments.queries import days
from stammkunde.server.segments.rules.catalogue import FACTS, Fact, Form, Kind
from stammkunde.server.segments.rules.language import (
    Compare,
    Condition,
    FirstOrder,
    Group,
    Happened,
    InSegment,
    Node,
    Ordered,
    Orders,
    Value,
    Where,
    Window,
)

FACTS_TABLE = "segments_customerfacts"
COUNTED = "o.customer_id IS NOT NULL AND NOT o.test AND o.cancelled_at IS NULL"
_SQL = {">=": ">=", "<=": "<=", ">": ">", "<": "<", "=": "=", "!=": "<>", "is": "=", "is not": "<>"}
_PYTHON: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True)
class Sql:
    """A piece of SQL and what belongs in its blanks, in their order."""

    text: str
    values: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Scope:
    """Of which day, and of which customers alone, if not of all: then no table is read whole. They are named by their
    ids, or by a SELECT of them (`among`) that needs no values."""

    today: int
    customers: tuple[int, ...] | None = None
    among: str = ""

    @property
    def some(self) -> bool:
        """Whether it is not of all."""
        return self.customers is not None or bool(self.among)


def compiled(node: Node, scope: Scope) -> Sql:
    """The condition: true or false for every row of facts, never null."""
    if not isinstance(node, Group):
        return condition(node, scope)
    parts = [compiled(part, scope) for part in node.parts]
    values = tuple(value for part in parts for value in part.values)
    if not parts:
        return Sql("1 = 0" if node.kind == "any" else "1 = 1")
    text = (" AND " if node.kind == "all" else " OR ").join(f"({part.text})" for part in parts)
    return Sql(f"NOT ({text})" if node.kind == "none" else text, values)


def condition(node: Condition, scope: Scope) -> Sql:
    """One condition; what is not known fulfils none."""
    if isinstance(node, Compare):
        found = _compare(node, scope)
        return Sql(f"COALESCE(({found.text}), 1 = 0)", found.values)
    if isinstance(node, InSegment):
        member = f"SELECT m.customer_id FROM segments_member m WHERE m.segment_id = %s{_only('m', scope)}"
        return Sql(f"f.customer_id {'' if node.inside else 'NOT '}IN ({member})", (node.segment,))
    if isinstance(node, FirstOrder):
        line = f"SELECT l.order_id FROM shop_orderline l WHERE l.{node.by} = %s"
        if scope.some:
            line += f" AND l.order_id IN (SELECT o.id FROM shop_order o WHERE 1 = 1{_only('o', scope)})"
        return Sql(f"COALESCE(f.first_order IN ({line}), 1 = 0)", (node.value,))
    return _counted(node, scope)


def answer(node: Condition, scope: Scope) -> Sql | None:
    """What customers of the scope have of what a condition counts, together; None where it counts nothing."""
    if isinstance(node, Orders | Ordered | Happened):
        counting = _counting(node, scope)
        return Sql(f"SELECT {counting.what} FROM {counting.rows.text}", counting.rows.values)
    return None


# --- facts ------------------------------------------------------------------------------------------------------------


def expression(fact: Fact, scope: Scope) -> str:
    """A fact's answer in SQL; null where it is not known."""
    column = f"f.{fact.column}"
    if fact.form is Form.SINCE:
        return f"({scope.today} - {column})"
    if fact.form is Form.PER:
        return f"(CAST({scope.today} - f.last_on AS DOUBLE PRECISION) / NULLIF({column}, 0))"
    if fact.form is Form.CELL:
        return "(100 * f.r + 10 * f.f + f.m)"
    return f"NULLIF({column}, '')" if fact.kind in (Kind.TEXT, Kind.STATE) else column


def _compare(node: Compare, scope: Scope) -> Sql:
    fact = FACTS[node.fact]
    what, op = expression(fact, scope), node.op
    if op in ("known", "unknown"):
        return Sql(f"{what} IS {'NOT ' if op == 'known' else ''}NULL")
    if op in ("starts", "contains"):
        return _text(what, op, str(node.value))
    value = _numbered(node.value) if fact.kind is Kind.DAY else node.value
    return _against(what, op, value)


def _against(what: str, op: str, value: Value) -> Sql:
    if isinstance(value, tuple):
        if op == "between":
            return Sql(f"{what} BETWEEN %s AND %s", value)
        blanks = ", ".join(["%s"] * len(value))
        return Sql(f"{what} {'NOT ' if op == 'not in' else ''}IN ({blanks})", value)
    return Sql(f"{what} {_SQL[op]} %s", (value,))


def _text(what: str, op: str, value: str) -> Sql:
    if op == "starts":
        return Sql(f"SUBSTR({what}, 1, {len(value)}) = %s", (value,))
    find = "STRPOS" if connection.vendor == "postgresql" else "INSTR"
    return Sql(f"{find}({what}, %s) > 0", (value,))


def _numbered(value: Value) -> Value:
    """Days as text become their numbers."""
    if isinstance(value, tuple):
        return tuple(days.count(date.fromisoformat(str(each))) for each in value)
    return days.count(date.fromisoformat(str(value)))


def holds_fact(node: Compare, found: Any) -> bool:
    """The same for a fact's answer in Python, as `Fact.of` gives it."""
    op, value = node.op, node.value
    if op in ("known", "unknown"):
        return (found is None) == (op == "unknown")
    if found is None:
        return False
    if FACTS[node.fact].kind is Kind.DAY:
        value = _numbered(value)
    if op in ("in", "not in"):
        return (found in value) == (op == "in")  # type: ignore[operator]  # a tuple, as reading saw to
    if op in ("starts", "contains"):
        return str(found).startswith(str(value)) if op == "starts" else str(value) in str(found)
    return holds(found, {"is": "=", "is not": "!="}.get(op, op), value)


# --- what they did ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Counting:
    """Rows of customers, what is counted of them, and how they are compared."""

    rows: Sql
    what: str
    whose: str
    op: str
    value: Value


def _counted(node: Orders | Ordered | Happened, scope: Scope) -> Sql:
    found = _counting(node, scope)
    none = holds(0, found.op, found.value)
    having = _against(found.what, found.op, found.value)
    inverted = f"NOT ({having.text})" if none else having.text
    rows = f"SELECT {found.whose} FROM {found.rows.text} GROUP BY {found.whose} HAVING {inverted}"
    text = f"f.customer_id {'NOT ' if none else ''}IN ({rows})"
    return Sql(text, (*found.rows.values, *having.values))


def holds(number: Any, op: str, value: Value) -> bool:
    """Whether a number of things fulfils a comparison."""
    if isinstance(value, tuple):
        return bool(value[0] <= number <= value[1])
    return _PYTHON[op](number, value)


def _counting(node: Orders | Ordered | Happened, scope: Scope) -> _Counting:
    if isinstance(node, Happened):
        return _Counting(_events(node, scope), "COUNT(*)", "e.customer_id", node.op, node.times)
    if isinstance(node, Ordered):
        # SQLite reads what a cross join names first: the few lines of an article, or the orders of some customers. Left
        # to itself it would go through all orders by customer, to spare the sorting.
        lines = "shop_orderline l CROSS JOIN shop_order o"
        if scope.some:
            lines = "shop_order o CROSS JOIN shop_orderline l"
        rows = _orders(lines, node.window, scope, also={f"l.{node.by}": node.value}, on="l.order_id = o.id")
        return _Counting(rows, "COUNT(DISTINCT o.id)", "o.customer_id", node.op, node.times)
    also = {f"o.{name}": value for name in ("channel", "country", "coupon") if (value := getattr(node, name))}
    rows = _orders("shop_order o", node.window, scope, also=also)
    what = "COUNT(*)" if node.measure == "count" else "COALESCE(SUM(o.total - o.refunded), 0)"
    return _Counting(rows, what, "o.customer_id", node.op, node.value)


def _orders(table: str, window: Window, scope: Scope, *, also: Mapping[str, str], on: str = "1 = 1") -> Sql:
    first, last = _ends(window, scope.today)
    where = [on, COUNTED, *(f"{name} = %s" for name in also)]
    where += [f"o.day >= {literal(first)}"] if first else []
    where += [f"o.day <= {literal(last)}"] if last else []
    return Sql(f"{table} WHERE {' AND '.join(where)}{_only('o', scope)}", tuple(also.values()))


def _events(node: Happened, scope: Scope) -> Sql:
    first, last = _ends(node.window, scope.today)
    parts = [Sql("e.name = %s", (node.event,)), Sql("e.customer_id IS NOT NULL"), *map(_where, node.where)]
    parts += [Sql("e.at >= %s", (_midnight(first),))] if first else []
    parts += [Sql("e.at < %s", (_midnight(last + timedelta(days=1)),))] if last else []
    text = " AND ".join(part.text for part in parts)
    return Sql(f"shop_event e WHERE {text}{_only('e', scope)}", tuple(v for part in parts for v in part.values))


def _only(table: str, scope: Scope) -> str:
    if scope.among:
        return f" AND {table}.customer_id IN ({scope.among})"
    if scope.customers is None:
        return ""
    return f" AND {table}.customer_id IN ({', '.join(str(int(pk)) for pk in scope.customers)})"


def _ends(window: Window, today: int) -> tuple[date | None, date | None]:
    """First and last day. "Within the last N days" begins N days ago and includes today."""
    if window.days is not None:
        return days.day(today - window.days), days.day(today)
    return window.start, window.end


def _midnight(day: date) -> Any:
    moment = datetime.combine(day, time.min, tzinfo=ZoneInfo(settings.SHOP_ZONE))
    return connection.ops.adapt_datetimefield_value(moment)


def _where(where: Where) -> Sql:
    """A property of an event: numbers are compared with numbers, texts with texts, yes with yes."""
    found = _Json(where.property)
    if where.op in ("known", "unknown"):
        return Sql(f"({found.of(found.ANY)}) IS {'NOT ' if where.op == 'known' else ''}NULL", found.names(2))
    value: Any = where.value
    kinds = found.FLAGS if isinstance(value, bool) else found.TEXTS if isinstance(value, str) else found.FIGURES
    what = found.of(kinds, number=kinds == found.FIGURES)
    if isinstance(value, bool):
        value = found.flag(value=value)
    return Sql(f"({what}) {_SQL[where.op]} %s", (*found.names(2), value))


class _Json:
    """A property of the JSON of an event."""

    def __init__(self, name: str) -> None:
        self.name, self.postgres = name, connection.vendor == "postgresql"
        self.ANY: Sequence[str] = ("number", "string", "boolean", "object", "array")
        self.TEXTS, self.FIGURES, self.FLAGS = ("string",), ("number",), ("boolean",)
        if not self.postgres:
            self.ANY = ("integer", "real", "text", "true", "false", "object", "array")
            self.TEXTS, self.FIGURES, self.FLAGS = ("text",), ("integer", "real"), ("true", "false")  # type: ignore[assignment]

    def of(self, kinds: Sequence[str], *, number: bool = False) -> str:
        """Its value, where it is of one of these kinds. Two blanks."""
        among = ", ".join(f"'{kind}'" for kind in kinds)
        if not self.postgres:
            return f"CASE WHEN JSON_TYPE(e.properties, %s) IN ({among}) THEN JSON_EXTRACT(e.properties, %s) END"
        value = "CAST(e.properties ->> %s AS DOUBLE PRECISION)" if number else "e.properties ->> %s"
        return f"CASE WHEN JSONB_TYPEOF(e.properties -> %s) IN ({among}) THEN {value} END"

    def names(self, count: int) -> tuple[str, ...]:
        """What goes into the blanks."""
        return (self.name if self.postgres else f'$."{self.name}"',) * count

    def flag(self, *, value: bool) -> Any:
        """Yes or no as the database says it."""
        return str(value).lower() if self.postgres else int(value)
