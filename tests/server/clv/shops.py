"""A shop whose customers order at random paces and leave, as rows."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from stammkunde.server.shop.models import Customer, Order, Refund, Source

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
UNTIL = date(2026, 3, 1)


def shop(source: Source, *, customers: int = 300, seed: int = 1) -> None:
    """Customers who order at random paces and leave, for two years, as rows; some of their orders come back."""
    rng = np.random.default_rng(seed)
    people = Customer.objects.bulk_create(
        Customer(origin=f"sim:{k}", name=f"Customer {k}", known_since=NOW, changed_at=NOW) for k in range(customers)
    )
    orders, number = [], 0
    for who in people:
        day = rng.uniform(0, 550)
        while day < 730:
            number += 1
            gross, when = int(rng.gamma(6, 1000)), UNTIL - timedelta(days=729 - int(day))
            orders.append(
                Order(
                    source=source, external_id=f"sim-{number}", customer=who, day=when, currency="EUR", gross=gross,
                    placed_at=datetime(when.year, when.month, when.day, 12, tzinfo=UTC), total=gross, uncosted=gross,
                    channel=("web", "app")[number % 2], country="DE",
                )
            )  # fmt: skip
            day += rng.exponential(60)
            if rng.random() < 0.25:
                break
    Order.objects.bulk_create(orders)
    Refund.objects.bulk_create(
        Refund(
            source=source, external_id=f"r{order.pk}", order_key=order.external_id, order=order, day=order.day,
            customer=order.customer, at=order.placed_at, amount=order.total,
        )
        for order in Order.objects.order_by("pk")[::20]
    )  # fmt: skip
