"""A tea shop: pots, cups and tea, and who bought what."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count

import pytest

from server.conftest import NOW
from stammkunde.server.offers.actions import pools
from stammkunde.server.offers.actions.pools import Terms
from stammkunde.server.offers.models import Pool
from stammkunde.server.shop.models import Customer, Order, OrderLine, Product, Source, Variant

Buy = Callable[..., Order]


@pytest.fixture
def pool(db: None) -> Pool:
    """Twenty per cent off the second order, for thirty days."""
    del db
    terms = Terms("Second order", "percent", 20, second_purchase=True, alarm_below=3)
    return pools.make("second-order", terms, source="uploaded", now=NOW, by=None)


@pytest.fixture
def person(db: None) -> Callable[[str], Customer]:
    """Somebody by name; asked for again, the same."""
    del db

    def found(name: str) -> Customer:
        fields = {"name": name, "known_since": NOW, "changed_at": NOW}
        return Customer.objects.get_or_create(origin=f"shop:{name}", defaults=fields)[0]

    return found


@pytest.fixture
def article(source: Source) -> Callable[..., Product]:
    """Something the shop sells, with one variant: `article("Sencha", stock=0)`."""

    def found(title: str, *, category: str = "Tea", stock: int | None = 5, active: bool = True) -> Product:
        made, fresh = Product.objects.get_or_create(
            source=source, external_id=title, defaults={"title": title, "category": category, "active": active}
        )
        if fresh:
            Variant.objects.create(product=made, external_id="1", sku=title, price=990, currency="EUR", stock=stock)
        return made

    return found


@pytest.fixture
def buy(source: Source, person: Callable[[str], Customer], article: Callable[..., Product]) -> Buy:
    """`buy("Anna", ["Sencha", "Pot"], days_ago=3)`."""
    numbers = count(1)

    def bought(
        name: str, titles: Sequence[str], *, days_ago: int = 3, coupon: str = "", at: datetime | None = None,
        returned: int = 0, cancelled: bool = False,
    ) -> Order:  # fmt: skip
        placed = at or NOW - timedelta(days=days_ago)
        order = Order.objects.create(
            source=source, external_id=str(next(numbers)), customer=person(name), placed_at=placed, day=placed.date(),
            currency="EUR", gross=990, total=990, coupon=coupon, cancelled_at=placed if cancelled else None,
        )  # fmt: skip
        for place, title in enumerate(titles):
            variant = article(title).variants.get()
            OrderLine.objects.create(
                order=order, external_id=str(place), variant=variant, sku=title, title=title, quantity=1, price=990,
                total=990, returned=returned,
            )  # fmt: skip
        return order

    return bought
