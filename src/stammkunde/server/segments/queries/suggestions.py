"""The shop's own words for slots of a rule: text is compared as it is written, so it should not have to be guessed."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from django.db.models import Model

from stammkunde.server.segments.models import CustomerFacts
from stammkunde.server.shop.models import Event, Order, OrderLine

SHOWN, STEPS = 20, 100
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


def _walked(model: type[Model], column: str) -> Callable[[str], Iterator[str]]:
    """Each value by one step along its index: a hundred million events have few names."""

    def ask(begins: str) -> Iterator[str]:
        last = ""
        for _step in range(STEPS):
            rows = model._default_manager.filter(**{f"{column}__gt": last, f"{column}__gte": begins})
            found = rows.order_by(column).values_list(column, flat=True).first()
            if found is None:
                return
            last = found
            if found.casefold().startswith(begins.casefold()):
                yield found

    return ask


ASKED: Mapping[str, Callable[[str], Iterator[str]]] = {
    **{f"fact:{name}": _latest(CustomerFacts, name) for name in ("country", "locale", "channel", "first_channel")},
    "fact:shop_type": _latest(CustomerFacts, "type"),
    **{name: _latest(Order, name) for name in ("channel", "country", "coupon")},
    "sku": _walked(OrderLine, "sku"),
    "title": _latest(OrderLine, "title"),
    "category": _latest(OrderLine, "category"),
    "event": _walked(Event, "name"),
}
