"""How many agreed to what, and what was said last: derived from the ledger each time."""

from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery

from stammkunde.server.consent.bases import Topic
from stammkunde.server.consent.models import Entry, Suppression
from stammkunde.server.shop.models import Customer

PAGE = 50
YES, NO = ("confirmed", "granted"), ("withdrawn", "objected")


def counts() -> list[tuple[Topic, int, int, int]]:
    """For each topic: how many addresses agree, how many have a request open, how many have said no."""
    asked = Entry.objects.exclude(address="").filter(kind__in=(*YES, *NO, "requested"))
    later = Entry.objects.filter(
        address=OuterRef("address"), topic=OuterRef("topic"), kind__in=(*YES, *NO, "requested")
    )
    last = asked.filter(pk=Subquery(later.order_by("-at", "-pk").values("pk")[:1]))
    how = {"yes": Q(kind__in=YES), "open": Q(kind="requested"), "no": Q(kind__in=NO)}
    rows = last.values("topic").annotate(**{name: Count("pk", filter=each) for name, each in how.items()})
    found: dict[str, Any] = {row["topic"]: row for row in rows}
    return [(t, found[t]["yes"], found[t]["open"], found[t]["no"]) for t in Topic if t in found]


def blocked() -> list[tuple[str, int]]:
    """How many addresses nothing, or no advertising, goes to, by reason."""
    rows = Suppression.objects.filter(ended_at=None).values_list("reason").annotate(n=Count("pk")).order_by("-n")
    return [(reason, number) for reason, number in rows]


def latest(*, after: int | None = None, most: int = PAGE) -> list[Entry]:
    """The newest entries, or those before one."""
    rows = Entry.objects.select_related("customer", "wording", "user")
    return list((rows.filter(pk__lt=after) if after else rows).order_by("-pk")[:most])


def found(text: str, *, most: int = 20) -> list[Customer]:
    """Customers of an address, or whose name begins so."""
    said = text.strip()
    if not said:
        return []
    rows = Customer.objects.filter(merged_into=None)
    by_address = rows.filter(email=said.lower()).order_by("pk")[:most]
    return list(by_address) or list(rows.filter(name__startswith=said).order_by("name", "pk")[:most])


def open_requests(*, before: datetime) -> int:
    """Sign-ups that nobody has confirmed since a moment."""
    return Entry.objects.filter(kind="requested", at__gte=before, answers=None).count()
