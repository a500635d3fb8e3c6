"""Carts in the record: put together anew from the events of their customers, and joined with the orders they became."""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, Window
from django.db.models.functions import RowNumber

from stammkunde.server.shop.actions import take
from stammkunde.server.shop.collector import baskets, names
from stammkunde.server.shop.facts import Who
from stammkunde.server.shop.models import Cart, Event, Identity, Order, Source
from stammkunde.server.shop.queries.people import in_sets

MOST = 300  # events, the newest, that make a customer's carts
LATE = timedelta(days=2)  # how long an order may come after the event that tells of it


def put_together(source: Source, customers: Iterable[int], *, now: datetime) -> None:
    """Make the carts of customers anew from their events, and join them with the orders they became."""
    by_customer = _events(source, set(customers))
    found = {customer: baskets.fold(events) for customer, events in by_customer.items()}
    for some in found.values():
        if sum(basket.events for basket in some) >= MOST:
            del some[0]  # it may have begun earlier: it stays as it is
    made = [basket for some in found.values() for basket in some]
    take(source, [basket.fact() for basket in made], now=now)
    _mend(source, found)
    _join(source, [basket for basket in made if basket.stage == baskets.ORDERED])


def _events(source: Source, customers: Collection[int]) -> dict[int, list[baskets.Happened]]:
    """What customers did with carts, the newest of it."""
    found: dict[int, list[baskets.Happened]] = {customer: [] for customer in customers}
    place = Window(RowNumber(), partition_by=["customer"], order_by=["-at", "-pk"])
    columns = ("pk", "key", "name", "at", "currency", "properties", "identity__kind", "identity__value", "customer")
    for some in in_sets(list(customers)):
        rows = Event.objects.filter(source=source, customer__in=some, name__in=names.OF_CARTS)
        for row in rows.annotate(place=place).filter(place__lte=MOST).values_list(*columns):
            *event, kind, value, customer = row
            pk, key, name, at, currency, properties = event
            who = _BY_KIND[kind](value) if kind else Who()
            found[customer].append(baskets.Happened(pk, key, name, at, who, currency, properties))
    return found


_BY_KIND: dict[str, Callable[[str], Who]] = {
    Identity.Kind.EMAIL: lambda value: Who(email=value),
    Identity.Kind.PHONE: lambda value: Who(phone=value),
    Identity.Kind.SHOP: lambda value: Who(shop_id=value),
    Identity.Kind.USER: lambda value: Who(user_id=value),
    Identity.Kind.ANONYMOUS: lambda value: Who(anonymous_id=value),
}


def _mend(source: Source, found: dict[int, list[baskets.Basket]]) -> None:
    """What an event that came late changes of carts there were: when one began, or that two of them are one."""
    made = {basket.key: basket for some in found.values() for basket in some}
    first = {customer: min(basket.first.at for basket in some) for customer, some in found.items() if some}
    there = Cart.objects.filter(source=source, customer__in=first)
    for pk, key, customer, began in there.values_list("pk", "external_id", "customer", "began_at"):
        if key in made and began != made[key].first.at:
            Cart.objects.filter(pk=pk).update(began_at=made[key].first.at)
        elif key not in made and began >= first[customer]:
            Cart.objects.filter(pk=pk).delete()


def _join(source: Source, ordered: Sequence[baskets.Basket]) -> None:
    """Carts to the orders of any source they became: by the token of the cart, or by the order's only namesake."""
    for basket in ordered:
        cart = Cart.objects.filter(source=source, external_id=basket.key).first()
        if cart is not None and (order := _order(basket, cart)) is not None:
            Cart.objects.filter(pk=cart.pk).update(order=order)


def _order(basket: baskets.Basket, cart: Cart) -> Order | None:
    tokens = [name for name in (basket.cart_id, basket.checkout_id) if name]
    by_token = Order.objects.filter(cart_token__in=tokens).first() if tokens else None
    if by_token is not None or not basket.order_id:
        return by_token
    numbers = [basket.order_id, basket.order_id.removeprefix("#"), f"#{basket.order_id}"]
    rows = Order.objects.filter(Q(external_id__in=numbers) | Q(number__in=numbers))
    named = {each.pk: each for each in rows[:20]}
    theirs = [each for each in named.values() if each.customer_id == cart.customer_id]
    return theirs[0] if len(theirs) == 1 else next(iter(named.values())) if len(named) == 1 else None


def join_late(source: Source, *, now: datetime) -> None:
    """Look once more for the orders that carts became, where they come later than the event that tells of them."""
    waiting = Cart.objects.filter(source=source, stage=baskets.ORDERED, order=None, changed_at__gte=now - LATE)
    customers = waiting.filter(customer__isnull=False).values_list("customer", flat=True).distinct()[:200]
    if customers:
        with transaction.atomic():
            put_together(source, customers, now=now)
