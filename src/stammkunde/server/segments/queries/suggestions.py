"""The shop's own words for slots of a rule: text is compared as it is written, so it should not have to be guessed."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from django.db.models import Model, QuerySet

from stammkunde.server.segments.models import CustomerFacts
from stammkunde.server.shop.models import Event, Order, Product, Variant

SHOWN = 20
LATEST = 5000  # rows looked at where no index leads to the distinct values


def suggestions(about: str, begins: str) -> list[str]:
    """Words that hold what was typed, for a slot: of a fact ("fact:country"), of an order, an article or an event."""
    ask = ASKED.get(about)
    return [] if ask is None else sorted(islice(ask(begins.replace("\0", "").strip()), SHOWN), key=str.casefold)


def _latest(model: type[Model], column: str) -> Callable[[str], Iterator[str]]:
    def ask(begins: str) -> Iterator[str]:
        rows = model._default_manager.order_by("-pk").values_list(column, flat=True)[:LATEST]
        found = dict.fromkeys(rows)
        return (each for each in found if each and begins.casefold() in each.casefold())

    return ask


def _found(rows: QuerySet[Model], column: str) -> Callable[[str], Iterator[str]]:
    def ask(begins: str) -> Iterator[str]:
        held = rows.filter(**{f"{column}__icontains": begins}).exclude(**{column: ""})
        return iter(held.order_by(column).values_list(column, flat=True).distinct()[:SHOWN])

    return ask


def _events(begins: str) -> Iterator[str]:
    """Each name by one step along the index: there are few names, and may be a hundred million events."""
    last = ""
    while True:
        found = Event.objects.filter(name__gt=last).order_by("name").values_list("name", flat=True).first()
        if found is None:
            return
        last = found
        if begins.casefold() in found.casefold():
            yield found


ASKED: Mapping[str, Callable[[str], Iterator[str]]] = {
    **{f"fact:{name}": _latest(CustomerFacts, name) for name in ("country", "locale", "channel", "first_channel")},
    "fact:shop_type": _latest(CustomerFacts, "type"),
    **{name: _latest(Order, name) for name in ("channel", "country", "coupon")},
    "sku": _found(Variant.objects.all(), "sku"),
    "title": _found(Product.objects.all(), "title"),
    "category": _found(Product.objects.all(), "category"),
    "event": _events,
}
