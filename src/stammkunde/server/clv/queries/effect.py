"""What other rates would do to contribution, before they are saved."""

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Max

from stammkunde.server.clv.queries.entries import totals_sql
from stammkunde.server.clv.queries.rates import Costs, Stated, stated
from stammkunde.server.shop.models import Order

MANY = 200_000  # orders up to which all are looked at


@dataclass(frozen=True)
class Totals:
    """Sums over orders, refunds and bookings, in the smallest unit."""

    contribution: int
    charged: int
    estimated: int
    costs: int
    orders: int

    @property
    def per_order(self) -> int | None:
        """Contribution of an order."""
        return round(self.contribution / self.orders) if self.orders else None

    @property
    def estimated_share(self) -> float:
        """The part of all costs that came from rates."""
        return self.estimated / self.costs if self.costs else 0.0


@dataclass(frozen=True)
class Effect:
    """Totals under the saved rates and under others; of every `of`-th customer, scaled up, where orders are many."""

    old: Totals
    new: Totals
    of: int

    @property
    def change(self) -> int:
        """By how much the historic total would move."""
        return self.new.contribution - self.old.contribution


def effect(valid_from: date, costs: Costs, *, until: date) -> Effect:
    """The effect of rates that are not saved yet, valid from a day on."""
    known = stated()
    asked = [*(row for row in known if row[0] != valid_from), (valid_from, costs)]
    of = 1 + (Order.objects.aggregate(last=Max("pk"))["last"] or 0) // MANY
    return Effect(totals(until, known, of=of), totals(until, asked, of=of), of)


def totals(until: date, rates: Stated, *, of: int = 1) -> Totals:
    """Sums of everybody up to a day, from every `of`-th customer."""
    with connection.cursor() as cursor:
        cursor.execute(totals_sql(until, rates, of=of))
        found = cursor.fetchone()
    return Totals(*(int(value) * of for value in found))
