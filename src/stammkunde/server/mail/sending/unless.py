"""Happenings that make a message pointless, by the words that its rules name them with.

A word is about what happened since `Send.since` (or since it was planned): of the message's own order or cart where it
has one, else of any of the customer's. What was undone with the own order makes it pointless whenever that was.

    ordered paid shipped delivered refunded returned withdrawn cart_closed cart_changed sold_out clicked replied
    confirmed event:NAME
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from stammkunde.server.consent.models import Entry
from stammkunde.server.mail.models import Send, Signal
from stammkunde.server.shop.models import Cart, Event, Order, Parcel, Refund, Variant

WITHDRAWN = ("Order Withdrawn", "Withdrawal Declared")
Found = Iterator[int]
Looks = Callable[[Sequence[Send]], Found]


def pointless(sends: Sequence[Send], words: Mapping[int, Sequence[str]]) -> dict[int, str]:
    """Which of these messages became pointless, and by which of their words: a few statements a word.

    Raises
    ------
    ValueError : a word is none of those above.
    """
    by_word: dict[str, list[Send]] = defaultdict(list)
    for each in sends:
        for word in words.get(each.pk, ()):
            by_word[word].append(each)
    found: dict[int, str] = {}
    for word, some in by_word.items():
        left = [each for each in some if each.pk not in found]
        found |= dict.fromkeys(_looks(word)(left), word[:40]) if left else {}
    return found


def _looks(word: str) -> Looks:
    if word.startswith("event:"):
        return lambda sends: _events(sends, (word.removeprefix("event:"),))
    if word not in LOOKS:
        raise ValueError(f"{word!r} is no happening; known are {', '.join(LOOKS)} and event:NAME.")
    return LOOKS[word]


def _since(send: Send) -> datetime:
    return send.since or send.planned_at


def _first(sends: Iterable[Send]) -> datetime:
    return min(_since(each) for each in sends)


def _after(sends: Sequence[Send], happened: Iterable[tuple[int | None, datetime | None]], key: str) -> Found:
    """Messages for whom something happened after they began to count; `key` is what a happening names them by."""
    latest: dict[int, datetime] = {}
    for pk, at in happened:
        if pk is not None and at is not None and (pk not in latest or at > latest[pk]):
            latest[pk] = at
    for each in sends:
        at = latest.get(getattr(each, key) or 0)
        if at is not None and at > _since(each):
            yield each.pk


def _customers(sends: Iterable[Send]) -> list[int]:
    return [each.customer_id for each in sends if each.customer_id is not None]


def _parted(sends: Sequence[Send]) -> tuple[list[Send], list[Send]]:
    """Those that speak of an order, and the others."""
    return [each for each in sends if each.order_id], [each for each in sends if not each.order_id]


def _ordered(sends: Sequence[Send]) -> Found:
    """Another order than the one it speaks of."""
    rows = Order.objects.filter(
        customer__in=_customers(sends), placed_at__gt=_first(sends), test=False, cancelled_at=None
    ).values_list("customer_id", "pk", "placed_at")
    orders: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    for customer, pk, placed_at in rows:
        orders[customer].append((pk, placed_at))
    for each in sends:
        if any(pk != each.order_id and at > _since(each) for pk, at in orders.get(each.customer_id or 0, ())):
            yield each.pk


def _paid(sends: Sequence[Send]) -> Found:
    own, others = _parted(sends)
    paid = Order.objects.filter(paid_at__isnull=False, test=False)
    mine = set(paid.filter(pk__in=[each.order_id for each in own]).values_list("pk", flat=True))
    yield from (each.pk for each in own if each.order_id in mine)
    rows = paid.filter(customer__in=_customers(others)).values_list("customer_id", "paid_at")
    yield from _after(others, rows, "customer_id")


def _parcels(column: str) -> Looks:
    def looks(sends: Sequence[Send]) -> Found:
        own, others = _parted(sends)
        there = Parcel.objects.exclude(**{column: None})
        mine = set(there.filter(order__in=[each.order_id for each in own]).values_list("order_id", flat=True))
        yield from (each.pk for each in own if each.order_id in mine)
        rows = there.filter(order__customer__in=_customers(others)).values_list("order__customer_id", column)
        yield from _after(others, rows, "customer_id")

    return looks


def _refunded(sends: Sequence[Send]) -> Found:
    own, others = _parted(sends)
    mine = set(Refund.objects.filter(order__in=[each.order_id for each in own]).values_list("order_id", flat=True))
    yield from (each.pk for each in own if each.order_id in mine)
    rows = Refund.objects.filter(customer__in=_customers(others)).values_list("customer_id", "at")
    yield from _after(others, rows, "customer_id")


def _returned(sends: Sequence[Send]) -> Found:
    """Money given back, or an order cancelled."""
    found = set(_refunded(sends))
    yield from found
    own, others = _parted(sends)
    cancelled = Order.objects.exclude(cancelled_at=None)
    mine = set(cancelled.filter(pk__in=[each.order_id for each in own]).values_list("pk", flat=True))
    yield from (each.pk for each in own if each.order_id in mine and each.pk not in found)
    rows = cancelled.filter(customer__in=_customers(others)).values_list("customer_id", "cancelled_at")
    yield from (pk for pk in _after(others, rows, "customer_id") if pk not in found)


def _withdrawn(sends: Sequence[Send]) -> Found:
    """A withdrawal of the order it speaks of, or of any where it names none or the message speaks of none."""
    numbers = dict(
        Order.objects.filter(pk__in=[each.order_id for each in sends if each.order_id]).values_list("pk", "external_id")
    )
    rows = Event.objects.filter(customer__in=_customers(sends), name__in=WITHDRAWN)
    told: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    for customer, at, properties in rows.values_list("customer_id", "at", "properties"):
        told[customer].append((at, str(properties.get("order_id") or "")))
    for each in sends:
        own = numbers.get(each.order_id or 0, "")
        words = told.get(each.customer_id or 0, ())
        if any(order == own if order and own else at > _since(each) for at, order in words):
            yield each.pk


def _cart_closed(sends: Sequence[Send]) -> Found:
    """Its cart became an order, or was emptied."""
    closed = Cart.objects.filter(Q(order__isnull=False) | Q(lines=[]), pk__in=[each.cart_id for each in sends])
    mine = set(closed.values_list("pk", flat=True))
    yield from (each.pk for each in sends if each.cart_id in mine)


def _cart_changed(sends: Sequence[Send]) -> Found:
    rows = Cart.objects.filter(pk__in=[each.cart_id for each in sends]).values_list("pk", "changed_at")
    yield from _after(sends, rows, "cart_id")


def _sold_out(sends: Sequence[Send]) -> Found:
    """Nothing of its cart can be had any more. Stock that the shop does not tell is no reason."""
    carts = dict(Cart.objects.filter(pk__in=[each.cart_id for each in sends]).values_list("pk", "lines"))
    wanted = {pk: {str(line.get("sku")) for line in lines if line.get("sku")} for pk, lines in carts.items()}
    skus = set().union(*wanted.values())
    out = set(Variant.objects.filter(sku__in=skus, stock__lte=0).values_list("sku", flat=True))
    out -= set(Variant.objects.filter(Q(stock__gt=0) | Q(stock=None), sku__in=out).values_list("sku", flat=True))
    yield from (each.pk for each in sends if wanted.get(each.cart_id or 0) and wanted[each.cart_id or 0] <= out)


def _events(sends: Sequence[Send], names: Sequence[str]) -> Found:
    rows = Event.objects.filter(customer__in=_customers(sends), name__in=names, at__gt=_first(sends))
    yield from _after(sends, rows.values_list("customer_id", "at"), "customer_id")


def _signals(kind: str) -> Looks:
    """What came back on a message of the same run, by a person."""

    def looks(sends: Sequence[Send]) -> Found:
        rows = Signal.objects.filter(
            kind=kind, machine=False, at__gt=_first(sends), send__customer__in=_customers(sends)
        ).values_list("send__customer_id", "send__message__origin", "send__message__origin_id", "send__run", "at")
        told: dict[tuple[object, ...], datetime] = {}
        for *whose, at in rows:
            told[tuple(whose)] = max(at, told.get(tuple(whose), at))
        for each in sends:
            last = told.get((each.customer_id, each.message.origin, each.message.origin_id, each.run))
            if last is not None and last > _since(each):
                yield each.pk

    return looks


def _confirmed(sends: Sequence[Send]) -> Found:
    rows = Entry.objects.filter(customer__in=_customers(sends), kind=Entry.Kind.CONFIRMED, at__gt=_first(sends))
    yield from _after(sends, rows.values_list("customer_id", "at"), "customer_id")


LOOKS: Mapping[str, Looks] = {
    "ordered": _ordered,
    "paid": _paid,
    "shipped": _parcels("shipped_at"),
    "delivered": _parcels("delivered_at"),
    "refunded": _refunded,
    "returned": _returned,
    "withdrawn": _withdrawn,
    "cart_closed": _cart_closed,
    "cart_changed": _cart_changed,
    "sold_out": _sold_out,
    "clicked": _signals(Signal.Kind.CLICKED),
    "replied": _signals(Signal.Kind.REPLIED),
    "confirmed": _confirmed,
}
