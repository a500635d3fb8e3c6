"""What stops advertising to a customer for now: something is open between them and the shop.

Rows of `Hold` (a reply nobody has answered, a ticket, what staff said), and what the shop's record tells (`record`).
Later rooms add their own with `register`; a query takes customers, or None for everybody, and the moment.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stammkunde.server.mail.models import Hold
from stammkunde.server.shop.models import Customer


@dataclass(frozen=True)
class Held:
    """Something open. `until` only where it is certain to end then; else it is looked at again every day."""

    customer_id: int
    kind: str
    since: datetime
    until: datetime | None = None
    ref: str = ""


Query = Callable[[Sequence[int] | None, datetime], Iterable[Held]]
QUERIES: dict[str, Query] = {}
#: What each kind says to staff.
WORDS: dict[str, Promise | str] = {
    "reply": _("They wrote back, and nobody has answered yet."),
    "ticket": _("A ticket of theirs is open."),
    "staff": _("Somebody of the shop asked for silence."),
}


def register(kind: str, query: Query, words: Promise | str) -> None:
    """Let a room tell what it knows to be open, and how that is called."""
    QUERIES[kind], WORDS[kind] = query, words


def word(kind: str) -> str:
    """A kind of hold in the reader's language; one that nobody put into words stays as it is."""
    return str(WORDS.get(kind, kind))


def holding(customer_ids: Sequence[int] | None, *, now: datetime) -> Mapping[int, Sequence[Held]]:
    """What is open with these customers, or with all where None; those with nothing are not there. A statement for the
    rows, and those of the registered queries."""
    found: dict[int, list[Held]] = defaultdict(list)
    rows = Hold.objects.filter(Q(until=None) | Q(until__gt=now), since__lte=now)
    if customer_ids is not None:
        rows = rows.filter(customer__in=customer_ids)
    columns = ("customer_id", "kind", "since", "until", "ref")
    for row in rows.order_by("since", "pk").values_list(*columns):
        found[row[0]].append(Held(*row))
    for kind in sorted(QUERIES):
        for held in QUERIES[kind](customer_ids, now):
            found[held.customer_id].append(held)
    return found


def hold(
    customer: Customer, kind: str, ref: str = "", *, now: datetime, until: datetime | None = None, note: str = ""
) -> Hold:
    """No advertising to a customer until this is over. The same thing told again is the same row."""
    values = {"until": until, "note": note[:300]}
    made, _new = Hold.objects.update_or_create(
        customer=customer, kind=kind, ref=ref[:120], defaults=values, create_defaults={**values, "since": now}
    )
    return made


def release_hold(customer: Customer, kind: str, ref: str = "") -> bool:
    """It is over; whether it was there."""
    return Hold.objects.filter(customer=customer, kind=kind, ref=ref[:120]).delete()[0] > 0
