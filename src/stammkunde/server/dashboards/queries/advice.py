"""The cards of the Start page in words: what was found, how much money it is about, what to do, and why.

What is said to be done needs nobody's consent: lists to look at, parcels to add something to, figures to state. Whoever
writes to customers has to have been allowed to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stammkunde.server.clv.queries.kinds import NAMES
from stammkunde.server.ui.templatetags.ui import count, money, share

Card = Mapping[str, Any]


@dataclass(frozen=True)
class Advice:
    """A card as a reader sees it; `amount` and `between` are empty where no money is said."""

    key: str
    title: str
    text: str
    todo: str
    why: str
    link: str
    button: str
    amount: str = ""
    between: str = ""
    measure: str = ""


def told(cards: Sequence[Card]) -> list[Advice]:
    """All cards in words, in their order."""
    return [_told(card) for card in cards if card["key"] in WORDS]


def _told(card: Card) -> Advice:
    title, text, todo = WORDS[card["key"]](card)
    between = ""
    if card["low"] is not None and card["high"] is not None:
        between = _("between %(low)s and %(high)s with 80%% probability") % {
            "low": money(card["low"]), "high": money(card["high"])
        }  # fmt: skip
    asked = {**card["filter"], "sort": "value"} if card["filter"] else {}
    return Advice(
        key=card["key"],
        title=title,
        text=text,
        todo=todo,
        why=WHY[card["measure"]]() if card["measure"] else "",
        link=f"{reverse('customers')}?{urlencode(asked)}" if asked else _elsewhere(card["key"]),
        button=_("See these customers") if asked else BUTTONS[card["key"]](),
        amount="" if card["amount"] is None else money(card["amount"]),
        between=between,
        measure=MEASURES[card["measure"]]() if card["measure"] else "",
    )


def _elsewhere(key: str) -> str:
    return reverse("value-costs") if key == "costs" else reverse("value") + "#what-if"


BUTTONS: Mapping[str, Callable[[], str]] = {
    "costs": lambda: _("State costs"),
    "once": lambda: _("See how this is computed"),
}
MEASURES: Mapping[str, Callable[[], str]] = {
    "expected": lambda: _("expected of them"),
    "gain": lambda: _("a year for each point more"),
    "loss": lambda: _("lost on them"),
}
WHY: Mapping[str, Callable[[], str]] = {
    "expected": lambda: _(
        "What the model expects these customers to bring within the horizon of the values. It hangs on their next "
        "orders. "
        "What acting on it adds is not proven: that takes a comparison with customers who were left alone."
    ),
    "gain": lambda: _(
        "By the fitted model: what the new customers of a year bring more when one more of a hundred orders again. "
        "What it costs to get there is not taken off."
    ),
    "loss": lambda: _(
        "The sum of the values below zero, so far and expected: refunds, returns and service took more than the "
        "orders brought."
    ),
}


def _slipping(card: Card) -> tuple[str, str, str]:
    n = card["customers"]
    title = ngettext(
        "%(number)s customer is falling silent", "%(number)s customers are falling silent", n
    ) % {"number": count(n)}  # fmt: skip
    text = _(
        "They have been silent clearly longer than they usually are. Until now they have brought %(historic)s."
    ) % {"historic": money(card["historic"])}  # fmt: skip
    return (
        title,
        text,
        _("Look at the most valuable first: was something wrong with the last order? Call, or set it right."),
    )


def _due(card: Card) -> tuple[str, str, str]:
    n = card["customers"]
    title = ngettext(
        "%(number)s customer is due for the next order", "%(number)s customers are due for the next order", n
    ) % {"number": count(n)}  # fmt: skip
    text = _(
        "By their own rhythm they order about now. Until now they have brought %(historic)s."
    ) % {"historic": money(card["historic"])}  # fmt: skip
    return title, text, _("See that what they usually buy is in stock, and that the shop shows it to them.")


def _lost(card: Card) -> tuple[str, str, str]:
    n = card["customers"]
    title = ngettext(
        "%(number)s of the best customers is probably lost", "%(number)s of the best customers are probably lost", n
    ) % {"number": count(n)}  # fmt: skip
    text = _(
        "They belong to the best tenth and have been silent much longer than usual. Until now they have brought "
        "%(historic)s."
    ) % {"historic": money(card["historic"])}  # fmt: skip
    return (
        title,
        text,
        _("Read the last lines of their history and ask a few of them why. What is learnt helps with the next ones."),
    )


def _welcome(card: Card) -> tuple[str, str, str]:
    n = card["customers"]
    title = ngettext(
        "%(number)s new customer already belongs to the best tenth",
            "%(number)s new customers already belong to the best tenth"
        , n
    ) % {"number": count(n)}  # fmt: skip
    text = _("The second order decides whether they stay. Until now they have brought %(historic)s.") % {
        "historic": money(card["historic"])
    }
    return title, text, _("Let somebody look at their first order personally, and put a thank-you into the parcel.")


def _nameless(card: Card) -> tuple[str, str, str]:
    n = card["customers"]
    title = ngettext(
        "%(number)s of the best customers has no e-mail address",
            "%(number)s of the best customers have no e-mail address"
        , n
    ) % {"number": count(n)}  # fmt: skip
    text = _("They belong to the best tenth, and no word can reach them but by post.")
    return title, text, _("Ask for it on a card in the next parcel, and say what it will be used for.")


def _once(card: Card) -> tuple[str, str, str]:
    n, more = card["customers"], card["more"]
    title = ngettext(
        "%(number)s customer has ordered only once", "%(number)s customers have ordered only once", n
    ) % {"number": count(n)}  # fmt: skip
    text = _(
        "Of new customers %(share)s order again within %(days)s days. Each point more brings money without paying "
        "for a new customer."
    ) % {
        "share": share(more["share"]), "days": more["days"]
    }  # fmt: skip
    return (
        title,
        text,
        _(
            "Help with what they bought, in the parcel and on the order page, before the days are over in which "
            "others come back."
        ),
    )


def _below(card: Card) -> tuple[str, str, str]:
    n = card["customers"]
    title = ngettext(
        "%(number)s customer costs more than they bring", "%(number)s customers cost more than they bring", n
    ) % {"number": count(n)}  # fmt: skip
    text = _("More was given back or spent on them than their orders brought and will bring.")
    return (
        title,
        text,
        _(
            "Open their ledgers: is it a product that always comes back, a cost that is stated too high, or a refund "
            "booked twice?"
        ),
    )


def _costs(card: Card) -> tuple[str, str, str]:
    names = ", ".join(str(NAMES[name]) for name in card["more"]["names"])
    if card["more"]["basis"] == "contribution":
        title = _("Some costs are not known, so values are too high")
    else:
        title = _("No costs are stated: the values are revenue, not profit")
    text = _("Not known of up to %(share)s of the orders: %(names)s.") % {
        "share": share(card["more"]["share"]),
        "names": names,
    }
    return (
        title,
        text,
        _("State a rate for each. It takes five minutes, and the effect is shown before anything is saved."),
    )


WORDS: Mapping[str, Callable[[Card], tuple[str, str, str]]] = {
    "slipping": _slipping,
    "due": _due,
    "lost": _lost,
    "welcome": _welcome,
    "nameless": _nameless,
    "once": _once,
    "below": _below,
    "costs": _costs,
}
