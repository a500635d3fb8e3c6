"""Where customers stand today: by state, tier of value and cell of the RFM grid; and their moves between states."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Count, Sum

from stammkunde.server.segments.models import Standing, State, StateMove

#: Tiers of value: how many hundredths of the customers are worth more, from where to below where.
TIERS = (("top", 0, 10), ("good", 10, 25), ("middle", 25, 50), ("low", 50, 100))
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Known:
    """Customers who have something in common, and what they are worth together; None where nothing is predicted."""

    customers: int
    clv: int | None


@dataclass(frozen=True)
class Flow:
    """How many times a customer came from one state into another."""

    before: str
    after: str
    customers: int


def states() -> dict[str, Known]:
    """Customers by state, in the order of a customer's life; nothing before the first computation."""
    return _all(State.values, {state: known for (state,), known in _standing("state").items() if state})


def flow(*, since: int, until: int) -> list[Flow]:
    """Moves between states from a day to another, both included; days count from 1970."""
    rows = StateMove.objects.filter(day__gte=since, day__lte=until).values_list("before", "after")
    return [Flow(*row) for row in rows.annotate(Count("pk")).order_by("before", "after")]


def tiers() -> dict[str, Known]:
    """Customers by tier of value, the best first; nothing before the first values."""
    return _all(
        [name for name, _low, _high in TIERS], {tier: known for (tier,), known in _standing("tier").items() if tier}
    )


def grid() -> dict[tuple[int, int], Known]:
    """Customers by scores of recency and frequency."""
    return {(r, f): known for (r, f), known in _standing("r", "f").items() if r and f}


def types() -> dict[int, Known]:
    """Customers by type."""
    return {kind: known for (kind,), known in _standing("customer_type").items() if kind}


def _standing(*names: str) -> dict[Any, Known]:
    rows = Standing.objects.filter(customers__gt=0).values_list(*names).order_by()
    sums = rows.annotate(Sum("customers"), Sum("valued"), Sum("clv"))
    return {row[:-3]: Known(row[-3], row[-1] if row[-2] else None) for row in sums}


def _all(keys: Any, found: dict[Key, Known]) -> dict[Key, Known]:
    """All keys in their order, where there is any."""
    return {key: found.get(key, Known(0, None)) for key in keys} if found else {}
