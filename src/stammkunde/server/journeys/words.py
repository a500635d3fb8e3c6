"""Journeys in words, in the reader's language: what lets people in, what a step does and when, what ends it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext, npgettext
from django.utils.translation import gettext as _

from stammkunde.server.journeys.definitions.language import (
    EVENT,
    Definition,
    Fits,
    Happened,
    Span,
    Step,
    Texts,
    Trigger,
)
from stammkunde.server.journeys.steps.wait import Wait
from stammkunde.server.journeys.steps.wait_until import WaitUntil
from stammkunde.server.segments.rules.sentence import sentence
from stammkunde.server.ui.templatetags.ui import number, share

#: What ends a journey, each after "Ends when".
HAPPENINGS: Mapping[str, Promise] = {
    "ordered": gettext_lazy("an order comes"),
    "paid": gettext_lazy("an order is paid"),
    "shipped": gettext_lazy("a parcel leaves"),
    "delivered": gettext_lazy("a parcel arrives"),
    "refunded": gettext_lazy("money is given back"),
    "returned": gettext_lazy("the order is returned or cancelled"),
    "withdrawn": gettext_lazy("an order is withdrawn from"),
    "cart_closed": gettext_lazy("the cart is ordered or empty"),
    "cart_changed": gettext_lazy("the cart changes"),
    "clicked": gettext_lazy("a link in a mail is clicked"),
    "replied": gettext_lazy("an answer comes"),
    "confirmed": gettext_lazy("the sign-up is confirmed"),
    "chosen": gettext_lazy("they choose what reaches them"),
}
#: What lets people in, where the trigger has no settings.
PLAIN: Mapping[str, Promise] = {
    "order": gettext_lazy("When an order arrives"),
    "first_order": gettext_lazy("When the first order arrives"),
    "paid": gettext_lazy("When an order is paid"),
    "shipped": gettext_lazy("When a parcel leaves"),
    "delivered": gettext_lazy("When a parcel arrives"),
    "refunded": gettext_lazy("When money is given back"),
    "withdrawn": gettext_lazy("When an order is withdrawn from"),
    "signed_up": gettext_lazy("When an address signs up"),
    "confirmed": gettext_lazy("When an address confirms its sign-up"),
    "anniversary": gettext_lazy("On the anniversary of the first order"),
}
EVERY: Mapping[str, Promise] = {
    "week": gettext_lazy("Every week, on day %(day)s of it"),
    "month": gettext_lazy("Every month, on day %(day)s of it"),
    "quarter": gettext_lazy("Every quarter, on day %(day)s of it"),
}


def said(texts: Texts, language: str) -> str:
    """A text that a file has in several languages, in one of them; staff are addressed formally."""
    wanted = ("de-sie", "de") if language.startswith("de") else ("en",)
    return next((texts[each] for each in (*wanted, "en", *texts) if each in texts), "")


def own(texts: Texts) -> str:
    """A text that a file has in several languages, in that of the reader."""
    return said(texts, get_language() or "en")


def span(found: Span) -> str:
    """A length of time: "2 hours"."""
    told = {"count": number(found.count)}
    if found.unit == "m":
        return ngettext("%(count)s minute", "%(count)s minutes", found.count) % told
    if found.unit == "h":
        return ngettext("%(count)s hour", "%(count)s hours", found.count) % told
    days = found.count * (7 if found.unit == "w" else 1)
    return ngettext("%(count)s day", "%(count)s days", days) % {"count": number(days)}


def after(found: Span) -> str:
    """A length of time as it follows "after" and "in", where German wants another case."""
    days = found.count * (7 if found.unit == "w" else 1)
    if found.unit == "m":
        told = npgettext("after", "%(count)s minute", "%(count)s minutes", found.count)
    elif found.unit == "h":
        told = npgettext("after", "%(count)s hour", "%(count)s hours", found.count)
    else:
        told = npgettext("after", "%(count)s day", "%(count)s days", days)
    return told % {"count": number(days)}


def happening(word: str) -> str:
    """What happens, after "when"."""
    if word.startswith(EVENT):
        return _("the event “%(name)s” comes") % {"name": word.removeprefix(EVENT)}
    return str(HAPPENINGS[word])


def ending(found: Happened | Fits) -> str:
    """What ends a journey, after "when"."""
    if isinstance(found, Happened):
        return happening(found.word)
    return _("this holds: %(rule)s") % {"rule": sentence(found.rule, segments={})}


def often(found: Definition) -> str:
    """How often somebody may enter."""
    if found.per == "order":
        return _("once for each order")
    if found.per == "cart":
        return _("once for each cart")
    if found.again is None:
        return _("once for each customer")
    return _("for each customer once in %(time)s") % {"time": after(found.again)}


def trigger(found: Trigger) -> str:
    """What lets people in, as the beginning of a sentence."""
    if found.on in PLAIN:
        return str(PLAIN[found.on])
    return _TOLD[found.on](found)


def _cart(found: Trigger) -> str:
    return _("When a cart is left for %(time)s") % {"time": span(found.after) if found.after else ""}


def _event(found: Trigger) -> str:
    if found.idle is None:
        return _("When the event “%(name)s” comes") % {"name": found.name}
    told = {"name": found.name, "time": span(found.idle)}
    return _("When nothing has followed the event “%(name)s” for %(time)s") % told


def _segment(found: Trigger) -> str:
    return _("When somebody comes into the segment “%(name)s”") % {"name": found.name or found.starter}


def _birthday(found: Trigger) -> str:
    if not found.days:
        return _("On the birthday")
    told = {"count": number(abs(found.days))}
    if found.days < 0:
        return ngettext("%(count)s day before the birthday", "%(count)s days before the birthday", -found.days) % told
    return ngettext("%(count)s day after the birthday", "%(count)s days after the birthday", found.days) % told


def _overdue(found: Trigger) -> str:
    if found.factor == 1 and found.days < 0:
        few = {"count": number(-found.days)}
        return (
            ngettext(
                "%(count)s day before the next order is expected by the own rhythm",
                "%(count)s days before the next order is expected by the own rhythm",
                -found.days,
            )
            % few
        )
    told = {"factor": number(found.factor, 1)}
    return _("When the silence is longer than %(factor)s times the own rhythm") % told


def _alive(found: Trigger) -> str:
    return _("When the chance to be still a customer falls below %(share)s") % {"share": share(found.below)}


def _date(found: Trigger) -> str:
    return str(EVERY[found.every]) % {"day": found.day}


_TOLD = {
    "cart_idle": _cart, "event": _event, "segment": _segment, "birthday": _birthday, "overdue": _overdue,
    "p_alive": _alive, "date": _date,
}  # fmt: skip


# --- when a step comes ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class When:
    """How long after entry a step comes at the earliest, at which hour, and what may bring it about sooner."""

    after: timedelta = timedelta(0)
    at: time | None = None
    once: str = ""

    def __str__(self) -> str:
        if self.once:
            return _("once %(what)s") % {"what": self.once}
        if not self.after and self.at is None:
            return _("at once")
        told = {"time": after(_rounded(self.after)), "hour": f"{self.at:%H:%M}" if self.at else ""}
        return _("after %(time)s, at %(hour)s") % told if self.at else _("after %(time)s") % told


def _rounded(length: timedelta) -> Span:
    hours, rest = divmod(int(length.total_seconds()) // 60, 60)
    if rest:
        return Span(hours * 60 + rest, "m")
    return Span(hours // 24, "d") if hours and hours % 24 == 0 else Span(hours, "h")


def times(found: Definition) -> Mapping[str, When]:
    """When each step comes at the earliest, by its id; what let people in took its own time before."""
    silence = found.trigger.silence.time
    ahead, times = [(found.first, When(silence))], dict[str, When]()
    while ahead:
        name, when = ahead.pop(0)
        step = found.step(name)
        if step is None or (name in times and times[name].after <= when.after):
            continue
        times[name] = when
        ahead += [(target, _following(step, target, when)) for target in found.targets(step)]
    return times


def _following(step: Step, target: str, when: When) -> When:
    if isinstance(step, Wait):
        return When(when.after + step.span.time, step.at)
    if isinstance(step, WaitUntil):
        if isinstance(step.condition, Happened) and target == step.yes:
            return When(when.after, None, happening(step.condition.word))
        return When(when.after + step.within.time)
    return when
