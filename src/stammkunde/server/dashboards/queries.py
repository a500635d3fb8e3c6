"""What pages show of several rooms at once."""

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Max, Min, Sum

from stammkunde.server.shop.models import Customer, Order


@dataclass(frozen=True)
class Bought:
    """What a customer has bought: valid orders, what was charged less what was given back, first and last day."""

    orders: int = 0
    revenue: int = 0
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Row:
    """A line of the list of customers."""

    customer: Customer
    bought: Bought = field(default_factory=Bought)


def bought(customers: list[int]) -> dict[int, Bought]:
    """What these customers have bought; cancelled and test orders do not count."""
    valid = Order.objects.filter(customer__in=customers, cancelled_at=None, test=False)
    sums = valid.values("customer").annotate(
        orders=Count("pk"), charged=Sum("total"), back=Sum("refunded"), first=Min("day"), last=Max("day")
    )
    return {
        each["customer"]: Bought(each["orders"], each["charged"] - each["back"], each["first"], each["last"])
        for each in sums
    }


def rows(customers: list[Customer]) -> list[Row]:
    """Lines of the list, in one further query."""
    found = bought([customer.pk for customer in customers])
    return [Row(customer, found.get(customer.pk, Bought())) for customer in customers]
