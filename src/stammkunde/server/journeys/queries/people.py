"""Where somebody stands on their journeys, and how they came there."""

from dataclasses import dataclass

from stammkunde.server.journeys.models import Enrolment, Trace
from stammkunde.server.mail.models import Send
from stammkunde.server.shop.models import Customer


@dataclass(frozen=True)
class Position:
    """An enrolment with the steps that were taken and the messages that were planned, oldest first."""

    enrolment: Enrolment
    traces: tuple[Trace, ...]
    sends: tuple[Send, ...]


def where(customer: Customer, *, journey: int | None = None, most: int = 100) -> list[Position]:
    """All journeys of a customer, or one, the latest entered first."""
    rows = Enrolment.objects.filter(customer=customer).select_related("journey", "version")
    found = list((rows.filter(journey=journey) if journey is not None else rows).order_by("-entered_at", "-pk")[:most])
    traces: dict[int, list[Trace]] = {}
    for trace in Trace.objects.filter(enrolment__in=found).order_by("at", "pk"):
        traces.setdefault(trace.enrolment_id, []).append(trace)
    sends: dict[int, list[Send]] = {}
    of = Send.objects.filter(customer=customer, message__origin="journey", run__in=[each.pk for each in found])
    for send in of.select_related("message__version__template").order_by("due_at", "pk"):
        sends.setdefault(send.run, []).append(send)
    return [Position(each, tuple(traces.get(each.pk, ())), tuple(sends.get(each.pk, ()))) for each in found]
