"""What came out of a simulation, counted from its rows before they are gone."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Count

from stammkunde.server.consent.words import REASONS as OF_CONSENT
from stammkunde.server.journeys.models import Enrolment, Journey
from stammkunde.server.mail.models import Passed, Send
from stammkunde.server.shop.models import Order, Refund

NEAR = timedelta(days=2)  # mails of several flows within it reach somebody on top of one another
AFTER_RETURN = timedelta(days=30)
SET = 5000
#: Reasons of the gate: a message stopped for one of them had no basis.
NO_BASIS = frozenset(OF_CONSENT) - {"contract", "request", "consent", "existing", "opt_out"}


@dataclass
class Flow:
    """What one journey did: who entered and how it ended for them, its messages by what became of them, by step."""

    id: int
    key: str
    name: str
    draft: bool
    entered: int = 0
    ended: dict[str, int] = field(default_factory=dict)
    messages: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    steps: dict[str, dict[str, int]] = field(default_factory=dict)
    put_off: int = 0
    on_top_of: dict[str, int] = field(default_factory=dict)
    lost_to: dict[str, int] = field(default_factory=dict)
    after_return: int = 0

    @property
    def sent(self) -> int:
        """How many messages would have left."""
        return self.messages.get("sent", 0)

    @property
    def without_basis(self) -> int:
        """How many would not, since nothing allowed them."""
        return sum(number for reason, number in self.reasons.items() if reason in NO_BASIS)


@dataclass(frozen=True)
class Findings:
    """All of it: the flows, drafts first, and how many messages left week by week, of drafts and of the others."""

    begin: datetime
    end: datetime
    customers: int
    flows: list[Flow]
    weeks: list[tuple[date, int, int]]

    def written(self) -> dict[str, Any]:
        """As data that JSON can hold."""
        data = asdict(self)
        for told, flow in zip(data["flows"], self.flows, strict=True):
            told |= {"sent": flow.sent, "without_basis": flow.without_basis}
        data["begin"], data["end"] = self.begin.isoformat(), self.end.isoformat()
        data["weeks"] = [[week.isoformat(), own, others] for week, own, others in self.weeks]
        return data


def findings(drafts: Sequence[int], *, begin: datetime, end: datetime) -> Findings:
    """Count what the shadows hold."""
    flows = {
        j.pk: Flow(j.pk, j.key, j.name, j.pk in drafts)
        for j in Journey.objects.exclude(live=None).exclude(state=Journey.State.OFF).order_by("pk")
    }
    _entered(flows)
    whose = _messages(flows)
    left = _left(whose)
    _together(flows, left)
    _lost(flows, whose)
    _returned(flows, left)
    ordered = sorted(flows.values(), key=lambda each: (not each.draft, -each.sent, each.key))
    customers = Enrolment.objects.filter(journey__in=drafts).values("customer").distinct().count()
    return Findings(begin, end, customers, ordered, _weeks(left, set(drafts)))


def _entered(flows: Mapping[int, Flow]) -> None:
    rows = Enrolment.objects.filter(journey__in=list(flows)).values("journey", "state", "reason")
    for row in rows.annotate(n=Count("pk")).order_by("journey", "state", "reason"):
        flow = flows[row["journey"]]
        flow.entered += row["n"]
        how = row["reason"] or row["state"]
        flow.ended[how] = flow.ended.get(how, 0) + row["n"]


def _messages(flows: Mapping[int, Flow]) -> dict[int, int]:
    """Counts messages by what became of them; for each message of the many the journey it is of."""
    sends = Send.objects.filter(message__origin="journey", message__origin_id__in=list(flows))
    rows = sends.values("message", "message__origin_id", "message__step", "state", "reason")
    whose = {}
    for row in rows.annotate(n=Count("pk")):
        flow, state, number = flows[row["message__origin_id"]], row["state"], row["n"]
        whose[row["message"]] = flow.id
        flow.messages[state] = flow.messages.get(state, 0) + number
        step = flow.steps.setdefault(row["message__step"], {})
        step[state] = step.get(state, 0) + number
        if state == Send.State.SUPPRESSED:
            flow.reasons[row["reason"]] = flow.reasons.get(row["reason"], 0) + number
    return whose


@dataclass(frozen=True)
class _Gone:
    """A message that left: to whom, when, of which journey, about which order."""

    customer: int
    at: datetime
    flow: int
    order: int | None
    marketing: bool


def _left(whose: Mapping[int, int]) -> list[_Gone]:
    """Every message that left, by customer and time."""
    rows = Send.objects.filter(message__in=list(whose), state=Send.State.SENT, customer__isnull=False)
    columns = ("customer_id", "settled_at", "message_id", "order_id", "marketing")
    found = rows.order_by("customer_id", "settled_at", "pk").values_list(*columns)
    return [_Gone(pk, at, whose[message], order, ad) for pk, at, message, order, ad in found.iterator(SET)]


def _together(flows: Mapping[int, Flow], left: Sequence[_Gone]) -> None:
    """Advertising that reached somebody within `NEAR` of another flow's: counted once for the flow that came later."""
    for before, each in pairwise(left):
        near = before.customer == each.customer and each.at - before.at < NEAR
        if near and before.flow != each.flow and before.marketing and each.marketing:
            name = flows[before.flow].key
            flows[each.flow].on_top_of[name] = flows[each.flow].on_top_of.get(name, 0) + 1


def _lost(flows: Mapping[int, Flow], whose: Mapping[int, int]) -> None:
    rows = Passed.objects.filter(send__message__in=list(whose)).values("send__message", "winner__message")
    for row in rows.annotate(n=Count("pk")):
        flow, winner = flows[whose[row["send__message"]]], whose.get(row["winner__message"] or 0)
        flow.put_off += row["n"]
        if winner is not None and winner != flow.id:
            name = flows[winner].key
            flow.lost_to[name] = flow.lost_to.get(name, 0) + row["n"]


def _returned(flows: Mapping[int, Flow], left: Sequence[_Gone]) -> None:
    """Advertising to somebody who had sent something back shortly before."""
    back = defaultdict[int, list[datetime]](list)
    for pk, at in Refund.objects.filter(customer__isnull=False).order_by("at").values_list("customer", "at"):
        back[pk].append(at)
    gone = Order.objects.filter(cancelled_at__isnull=False, customer__isnull=False)
    for pk, cancelled in gone.values_list("customer", "cancelled_at"):
        back[pk] += [cancelled] if cancelled else []
    for each in left:
        if each.marketing and any(timedelta(0) <= each.at - at <= AFTER_RETURN for at in back.get(each.customer, ())):
            flows[each.flow].after_return += 1


def _weeks(left: Sequence[_Gone], drafts: set[int]) -> list[tuple[date, int, int]]:
    counted = defaultdict[date, list[int]](lambda: [0, 0])
    for each in left:
        monday = each.at.date() - timedelta(days=each.at.weekday())
        counted[monday][each.flow not in drafts] += 1
    return [(week, own, others) for week, (own, others) in sorted(counted.items())]
