"""Where customers stand today: by state, tier of value and cell of the RFM grid; and their moves between states."""

from dataclasses import dataclass

from django.db.models import Case, CharField, Count, Sum, Value, When

from stammkunde.server.segments.models import CustomerFacts, State, StateMove

#: Tiers of value: how many hundredths of the customers are worth more, from where to below where.
TIERS = (("top", 0, 10), ("good", 10, 25), ("middle", 25, 50), ("low", 50, 100))


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
    rows = CustomerFacts.objects.exclude(state="").values_list("state").annotate(Count("pk"), Sum("clv"))
    found = {state: Known(customers, clv) for state, customers, clv in rows.order_by()}
    return {state: found.get(state, Known(0, None)) for state in State.values} if found else {}


def flow(*, since: int, until: int) -> list[Flow]:
    """Moves between states from a day to another, both included; days count from 1970."""
    rows = StateMove.objects.filter(day__gte=since, day__lte=until).values_list("before", "after")
    return [Flow(*row) for row in rows.annotate(Count("pk")).order_by("before", "after")]


def tiers() -> dict[str, Known]:
    """Customers by tier of value, the best first; nothing before the first values."""
    whens = [When(value_percent__gte=low, value_percent__lt=high, then=Value(name)) for name, low, high in TIERS]
    tier = Case(*whens, default=Value(""), output_field=CharField())
    rows = CustomerFacts.objects.exclude(value_percent=None).annotate(tier=tier).values_list("tier")
    found = {name: Known(customers, clv) for name, customers, clv in rows.annotate(Count("pk"), Sum("clv")).order_by()}
    return {name: found.get(name, Known(0, None)) for name, _low, _high in TIERS} if found else {}


def grid() -> dict[tuple[int, int], Known]:
    """Customers by scores of recency and frequency."""
    rows = CustomerFacts.objects.exclude(r=None).exclude(f=None).values_list("r", "f").order_by()
    return {(r, f): Known(customers, clv) for r, f, customers, clv in rows.annotate(Count("pk"), Sum("clv"))}


def types() -> dict[int, Known]:
    """Customers by type."""
    rows = CustomerFacts.objects.exclude(customer_type=None).values_list("customer_type").order_by()
    return {kind: Known(customers, clv) for kind, customers, clv in rows.annotate(Count("pk"), Sum("clv"))}
