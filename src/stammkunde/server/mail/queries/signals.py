"""What became known of messages, counted from the rows each time; and the tray of mail that somebody has to look at."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from stammkunde.server.lib.requests import row_number
from stammkunde.server.mail.models import Arrival, Signal
from stammkunde.server.shop.models import Customer

PAGE, MOST = 50, 1000


@dataclass(frozen=True)
class Counts:
    """Of how many sends each became known; `hard` of the bounces, and openings and clicks without those of machines.
    Where sums are kept without persons, openings and clicks are those, each counted."""

    delivered: int = 0
    bounced: int = 0
    hard: int = 0
    complained: int = 0
    unsubscribed: int = 0
    replied: int = 0
    opened: int = 0
    clicked: int = 0


def counts(message_ids: Iterable[int]) -> Mapping[int, Counts]:
    """For each message what became known of its sends; those of which nothing is known are not there."""
    found: dict[int, dict[str, int]] = {}
    people = Signal.objects.filter(message__in=list(message_ids), machine=False)
    known = people.values("message", "kind").annotate(
        persons=Count("send", distinct=True), sums=Count("pk", filter=Q(send=None))
    )
    for row in known:
        found.setdefault(row["message"], {})[row["kind"]] = row["persons"] + row["sums"]
    dead = people.filter(kind=Signal.Kind.BOUNCED, hard=True)
    for message, number in dead.values_list("message").annotate(Count("send", distinct=True)):
        found[message]["hard"] = number
    names = Counts.__dataclass_fields__
    return {key: Counts(**{k: n for k, n in row.items() if k in names}) for key, row in found.items()}


def of_customer(customer: Customer, *, most: int = 50) -> list[Signal]:
    """What became known of the messages to a customer, newest first."""
    rows = Signal.objects.filter(send__customer=customer).select_related("send")
    return list(rows.order_by("-at", "-pk")[:most])


def signals(*, kind: str = "", message: int | None = None) -> QuerySet[Signal]:
    """All of them, newest first."""
    rows = Signal.objects.order_by("-pk")
    if kind in Signal.Kind.values:
        rows = rows.filter(kind=kind)
    return rows.filter(message=message) if message is not None else rows


@dataclass(frozen=True)
class Tray:
    """Mail that somebody has to look at, newest first, and the key after which the next page begins."""

    rows: list[Arrival]
    after: int | None


def tray(*, after: str = "", handled: bool = False, most: int = PAGE) -> Tray:
    """A page of it; or of what was looked at, or needed no look."""
    rows = Arrival.objects.filter(handled_at__isnull=not handled).select_related("customer", "send").defer("raw")
    last = row_number(after)
    shown = list((rows if last is None else rows.filter(pk__lt=last)).order_by("-pk")[: most + 1])
    return Tray(shown[:most], shown[most - 1].pk if len(shown) > most else None)


def waiting() -> int:
    """How many wait for somebody; at most `MOST` are counted."""
    return Arrival.objects.filter(handled_at=None)[:MOST].count()
