"""Triggers from outside and back: which settings each has, and what they may be."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from stammkunde.server.journeys.definitions import values
from stammkunde.server.journeys.definitions.language import Data, Span, Trigger
from stammkunde.server.journeys.definitions.values import DefinitionError, place

#: What each may say beside `on` and `max_age`, and about what it may let people in (`per`).
SETTINGS: Mapping[str, tuple[str, ...]] = {
    "order": (),
    "first_order": (),
    "paid": (),
    "shipped": (),
    "delivered": (),
    "refunded": (),
    "withdrawn": (),
    "cart_idle": ("after",),
    "event": ("name", "idle"),
    "signed_up": (),
    "confirmed": (),
    "segment": ("starter", "name"),
    "birthday": ("days",),
    "anniversary": ("of", "days"),
    "overdue": ("factor", "days"),
    "p_alive": ("below",),
    "date": ("every", "day"),
}
ORDERS = frozenset({"order", "first_order", "paid", "shipped", "delivered", "refunded", "withdrawn"})
OLDEST = 31 * 24 * 3600  # seconds: what happened longer ago than a month starts nothing
LAST_DAY = {"week": 7, "month": 31, "quarter": 92}
_READ: Mapping[str, Callable[[Data, str], Any]] = {
    "after": lambda data, path: values.span(data, "after", path),
    "idle": lambda data, path: values.span(data, "idle", path) if "idle" in data else None,
    "starter": lambda data, path: values.text(data, "starter", path, most=40) if "starter" in data else "",
    "days": lambda data, path: values.whole(data, "days", path, low=-180, high=180, default=0),
    "of": lambda data, path: values.chosen(data, "of", ("first_order",), path, default="first_order"),
    "factor": lambda data, path: values.number(data, "factor", path, low=0.1, high=20),
    "below": lambda data, path: values.number(data, "below", path, low=0.01, high=0.99),
    "every": lambda data, path: values.chosen(data, "every", tuple(LAST_DAY), path),
}


def trigger(value: Any, path: str) -> Trigger:
    """What lets people in.

    Raises
    ------
    DefinitionError : there is no such trigger, or a setting of it is wrong.
    """
    data = values.mapping(value, path)
    on = values.chosen(data, "on", tuple(SETTINGS), path)
    values.only(data, ("on", "max_age", *SETTINGS[on]), path)
    age = values.span(data, "max_age", path, default=Span(2, "d"))
    if age.seconds > OLDEST:
        raise DefinitionError(place(path, "max_age"), _("What happened longer ago than a month starts nothing."))
    read: dict[str, Any] = {name: _READ[name](data, path) for name in SETTINGS[on] if name in _READ}
    if on == "event":
        read["name"] = values.text(data, "name", path, most=120)
    if on == "segment":
        read["name"] = values.text(data, "name", path, most=120) if "name" in data else ""
        if bool(read["name"]) == bool(read["starter"]):
            raise DefinitionError(path, _("Name the segment: by its name, or by its starter."))
    if on == "date":
        read["day"] = values.whole(data, "day", path, low=1, high=LAST_DAY[read["every"]], default=1)
    return Trigger(on, age, **read)


def written(found: Trigger) -> dict[str, Any]:
    """A trigger as data again, without what is meant anyway."""
    plain = Trigger(found.on)
    data: dict[str, Any] = {"on": found.on}
    for name in (*SETTINGS[found.on], "max_age"):
        value = getattr(found, name)
        if value != getattr(plain, name):
            data[name] = str(value) if isinstance(value, Span) else value
    return data
