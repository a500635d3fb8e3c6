"""The list of customers: a line for each, with what they bought, where they stand, and what they are worth."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Max, Min, Q, Sum

from stammkunde.server.clv.models import Prediction
from stammkunde.server.dashboards.queries.finding import NEWEST, PAGE, VALUE, find
from stammkunde.server.dashboards.queries.shelves import Filter
from stammkunde.server.segments.models import CustomerFacts, State
from stammkunde.server.shop.models import Customer, Order, Refund

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Bought:
    """What a customer has bought: valid orders, what was charged less what was given back, first and last day."""

    orders: int = 0
    revenue: int = 0
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Row:
    """A line of the list of customers; prediction and state where they have been computed."""

    customer: Customer
    bought: Bought
    prediction: Prediction | None
    known: CustomerFacts | None = None

    @property
    def state(self) -> State | None:
        """Where they are in their life with the shop."""
        return State(self.known.state) if self.known is not None and self.known.state else None


@dataclass(frozen=True)
class Page:
    """A page of lines; `after` and `count` as in `Found`."""

    rows: list[Row]
    after: str
    count: int | None = None


def customers(
    *, who: Filter | None = None, search: str = "", sort: str = VALUE, after: str = "", most: int = PAGE
) -> Page:
    """A page of customers who fit a filter and what was typed, the most valuable or the newest first."""
    asked = who or Filter()
    found = find(asked, search=search, sort=VALUE if sort == VALUE else NEWEST, after=after, most=most)
    return Page(_rows(found.customers), found.after, found.count)


def _rows(ids: list[int]) -> list[Row]:
    """Lines of these customers in their order; who was merged since has none."""
    people = Customer.objects.filter(merged_into=None).in_bulk(ids)
    predictions, known = Prediction.objects.in_bulk(ids), CustomerFacts.objects.in_bulk(ids)
    sums = bought([pk for pk in ids if pk not in known])
    return [
        Row(
            people[pk],
            _bought(known[pk]) if pk in known else sums.get(pk, Bought()),
            predictions.get(pk),
            known.get(pk),
        )
        for pk in ids
        if pk in people
    ]


def _bought(facts: CustomerFacts) -> Bought:
    """What was bought, as of the last computation of facts."""
    return Bought(facts.orders, facts.revenue, day_of(facts.first_on), day_of(facts.last_on))


def day_of(number: int | None) -> date | None:
    """The day with a number, counted from 1970."""
    return None if number is None else EPOCH + timedelta(days=number)


def bought(customers: list[int]) -> dict[int, Bought]:
    """What these customers have bought; cancelled and test orders do not count, and refunds without an order do."""
    valid = Order.objects.filter(customer__in=customers, cancelled_at=None, test=False)
    sums = valid.values("customer").annotate(
        orders=Count("pk"), charged=Sum("total"), first=Min("day"), last=Max("day")
    )
    void = Q(order__isnull=False) & (Q(order__test=True) | Q(order__cancelled_at__isnull=False))
    refunds = Refund.objects.filter(customer__in=customers).exclude(void).values("customer")
    back = dict(refunds.annotate(back=Sum("amount")).values_list("customer", "back"))
    return {
        each["customer"]: Bought(
            each["orders"], each["charged"] - back.get(each["customer"], 0), each["first"], each["last"]
        )
        for each in sums
    }
