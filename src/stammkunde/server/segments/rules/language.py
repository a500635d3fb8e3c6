"""A rule as data: nested groups of conditions on what is known of one customer.

    {"version": 1, "rule": {"all": [
        {"fact": "orders", "op": ">=", "value": 2},
        {"orders": "revenue", "op": ">=", "value": 10000, "days": 365, "coupon": "WELCOME"},
        {"ordered": "sku", "value": "TEA-1", "op": ">=", "times": 2, "from": "2026-01-01", "to": "2026-03-31"},
        {"first_order": "category", "value": "Tea"},
        {"event": "Product Viewed", "where": [{"property": "price", "op": ">", "value": 20}], "op": ">=", "times": 3,
         "days": 30},
        {"any": [{"segment": 12, "op": "in"}, {"none": [{"fact": "country", "op": "is", "value": "DE"}]}]}]}}

What is not known satisfies no comparison, not even "is not": ask for "unknown". `none` holds where none of its parts
do. "Within the last N days" begins N days ago and includes today. Text is compared as it is written.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

VERSION = 1

Scalar = str | int | float | bool
Value = Scalar | tuple[Scalar, ...] | None


@dataclass(frozen=True)
class Window:
    """The last `days` days with today, or the days from `start` to `end`, both included; without either: ever."""

    days: int | None = None
    start: date | None = None
    end: date | None = None

    def __bool__(self) -> bool:
        return (self.days, self.start, self.end) != (None, None, None)


@dataclass(frozen=True)
class Compare:
    """A fact of the customer's row compared with a value."""

    fact: str
    op: str
    value: Value = None


@dataclass(frozen=True)
class Orders:
    """Orders in a window, of a channel, to a country or with a coupon: how many, or for how much."""

    measure: str
    op: str
    value: Value
    window: Window = Window()
    channel: str = ""
    country: str = ""
    coupon: str = ""


@dataclass(frozen=True)
class Ordered:
    """In how many orders of a window an article was, named by its sku, title or category."""

    by: str
    value: str
    op: str = ">="
    times: int = 1
    window: Window = Window()


@dataclass(frozen=True)
class FirstOrder:
    """An article that was in the first order."""

    by: str
    value: str


@dataclass(frozen=True)
class Where:
    """What a property of an event must be."""

    property: str
    op: str
    value: Scalar | None = None


@dataclass(frozen=True)
class Happened:
    """How often an event of a name, with such properties, happened in a window."""

    event: str
    op: str = ">="
    times: int = 1
    window: Window = Window()
    where: tuple[Where, ...] = ()


@dataclass(frozen=True)
class InSegment:
    """Whether the customer is in another segment."""

    segment: int
    inside: bool = True


@dataclass(frozen=True)
class Group:
    """Parts of which all, any or none must hold. An empty `all` and an empty `none` hold for everybody."""

    kind: str
    parts: "tuple[Node, ...]"


Condition = Compare | Orders | Ordered | FirstOrder | Happened | InSegment
Node = Condition | Group


def conditions(node: Node, path: str = "") -> Iterator[tuple[str, Condition]]:
    """Every condition of a rule with its path."""
    if not isinstance(node, Group):
        yield path, node
        return
    for number, part in enumerate(node.parts):
        yield from conditions(part, f"{path}.{node.kind}[{number}]".lstrip("."))


def segments_of(node: Node) -> set[int]:
    """The segments a rule asks for."""
    return {found.segment for _, found in conditions(node) if isinstance(found, InSegment)}


def renumbered(node: Node, ids: dict[int, int]) -> Node:
    """The rule with the ids of segments replaced; those not in `ids` stay."""
    if isinstance(node, Group):
        return replace(node, parts=tuple(renumbered(part, ids) for part in node.parts))
    return replace(node, segment=ids.get(node.segment, node.segment)) if isinstance(node, InSegment) else node


def written(node: Node) -> dict[str, Any]:
    """A group or condition as data again; `reading.read` of it gives the same."""
    if isinstance(node, Group):
        return {node.kind: [written(part) for part in node.parts]}
    found = _named(node)
    return found | _window(node.window) if isinstance(node, Orders | Ordered | Happened) else found


def _named(node: Condition) -> dict[str, Any]:
    if isinstance(node, Compare):
        return {"fact": node.fact, "op": node.op} | ({} if node.value is None else {"value": _plain(node.value)})
    if isinstance(node, Orders):
        found: dict[str, Any] = {"orders": node.measure, "op": node.op, "value": _plain(node.value)}
        return found | {name: value for name in ("channel", "country", "coupon") if (value := getattr(node, name))}
    if isinstance(node, Ordered):
        return {"ordered": node.by, "value": node.value, "op": node.op, "times": node.times}
    if isinstance(node, Happened):
        where = [_where(each) for each in node.where]
        return {"event": node.event, "op": node.op, "times": node.times} | ({"where": where} if where else {})
    if isinstance(node, FirstOrder):
        return {"first_order": node.by, "value": node.value}
    return {"segment": node.segment, "op": "in" if node.inside else "not in"}


def _where(where: Where) -> dict[str, Any]:
    return {"property": where.property, "op": where.op} | ({} if where.value is None else {"value": where.value})


def rule(node: Node) -> dict[str, Any]:
    """A whole rule as it is kept, with the version of the language."""
    return {"version": VERSION, "rule": written(node)}


def _plain(value: Value) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _window(window: Window) -> dict[str, Any]:
    found: dict[str, Any] = {"days": window.days} if window.days is not None else {}
    found |= {"from": window.start.isoformat()} if window.start else {}
    return found | ({"to": window.end.isoformat()} if window.end else {})
