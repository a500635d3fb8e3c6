"""Orders of Anna, Ben and Deniz, written as rows."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import pytest

from stammkunde.server.shop.models import Customer, Order, Refund, Source

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NUMBERS = count(1)


@pytest.fixture
def person(db: None) -> Callable[..., Customer]:
    """Somebody who orders: `person("Anna")`."""
    del db

    def made(name: str, **fields: Any) -> Customer:
        origin = f"shop:{next(NUMBERS)}"
        return Customer.objects.create(origin=origin, name=name, known_since=NOW, changed_at=NOW, **fields)

    return made


@pytest.fixture
def order(source: Source) -> Callable[..., Order]:
    """An order of somebody on a day: `order(anna, "2026-01-05", gross=11900, tax=1900)`."""

    def made(customer: Customer | None, day: str, *, gross: int = 11_900, **fields: Any) -> Order:
        discount, shipping = fields.pop("discount", 0), fields.pop("shipping", 0)
        when = date.fromisoformat(day)
        known = {"uncosted": gross - discount} if fields.get("goods_cost") is None else {}
        return Order.objects.create(
            source=source, external_id=str(next(NUMBERS)), customer=customer, day=when, currency="EUR", gross=gross,
            placed_at=datetime(when.year, when.month, when.day, 12, tzinfo=UTC), discount=discount, shipping=shipping,
            total=gross - discount + shipping, **{**known, **fields},
        )  # fmt: skip

    return made


@pytest.fixture
def refund(source: Source) -> Callable[..., Refund]:
    """Money given back for an order on a day: `refund(order, "2026-01-20", 5000)`."""

    def made(order: Order, day: str, amount: int, **fields: Any) -> Refund:
        when = date.fromisoformat(day)
        return Refund.objects.create(
            source=source, external_id=str(next(NUMBERS)), order_key=order.external_id, order=order, day=when,
            customer=order.customer, at=datetime(when.year, when.month, when.day, 12, tzinfo=UTC), amount=amount,
            **fields,
        )  # fmt: skip

    return made
