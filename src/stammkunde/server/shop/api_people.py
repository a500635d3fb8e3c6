"""What people know of customers, through the API: who is one person, of which type they are, what winning them cost."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema, Status
from ninja.errors import HttpError

from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.roles import Right
from stammkunde.server.lib.bodies import Body
from stammkunde.server.lib.money import LARGEST
from stammkunde.server.shop import actions
from stammkunde.server.shop.actions import stating
from stammkunde.server.shop.api_sources import asking
from stammkunde.server.shop.models import Customer, Merge

router = Router(tags=["shop"])


class MergeIn(Body):
    """The number of a customer who is the same person, and how that is known."""

    customer: int = Field(ge=0, lt=2**63)
    reason: str = Field("", max_length=300)


class MergeOut(Schema):
    """A customer who was merged into another."""

    id: int
    gone: int = Field(alias="gone_id")
    rule: str
    reason: str
    at: datetime
    undone_at: datetime | None


class StatedIn(Body):
    """What no source tells of a customer; what is left out stays. The cost of winning them wins over the mean. Of a
    birthday only month and day matter: the year may be 1904."""

    type: str | None = Field(None, max_length=60)
    channel: str | None = Field(None, max_length=80)
    acquisition_cost: int | None = Field(None, ge=0, le=LARGEST // 1000)
    born_on: date | None = None


class StatedOut(Schema):
    """What was stated; the cost is null where it is taken from what was spent in a channel and month."""

    id: int
    type: str
    channel: str
    acquisition_cost: int | None
    born_on: date | None


@router.patch("/customers/{pk}/stated", response=StatedOut, auth=scoped(Right.CUSTOMERS))
def state(request: HttpRequest, pk: int, given: StatedIn) -> Customer:
    """State their type, how they were won and what that cost, in the smallest unit; a cost of null is taken back."""
    told: dict[str, Any] = given.dict(exclude_unset=True)
    told |= {name: (told[name] or "").replace("\0", "") for name in ("type", "channel") if name in told}
    found = _customer(pk)
    stating.state(found, now=timezone.now(), by=asking(request), **told)
    found.refresh_from_db()
    return found


@router.get("/customers/{pk}/merges", response=list[MergeOut], auth=scoped(Right.SEE))
def merges(request: HttpRequest, pk: int) -> QuerySet[Merge]:
    """Who was found to be this customer, newest first, also what was taken back."""
    del request
    return Merge.objects.filter(kept=_customer(pk)).order_by("-pk")[:200]


@router.post("/customers/{pk}/merges", response={201: MergeOut}, auth=scoped(Right.CUSTOMERS))
def merge(request: HttpRequest, pk: int, given: MergeIn) -> Status[Any]:
    """This customer and another are one person; it can be taken back."""
    kept, gone, reason = _customer(pk), _customer(given.customer), given.reason.replace("\0", "")
    try:
        return Status(201, actions.merge(kept, gone, reason=reason, now=timezone.now(), by=asking(request)))
    except ValueError as error:
        raise HttpError(409, str(error)) from error


@router.post("/customers/{pk}/merges/{merged}/undo", response=MergeOut, auth=scoped(Right.CUSTOMERS))
def unmerge(request: HttpRequest, pk: int, merged: int) -> Merge:
    """They were two after all."""
    found = get_object_or_404(Merge, pk=merged if 0 <= merged < 2**63 else 0, kept=_customer(pk))
    try:
        actions.unmerge(found, now=timezone.now(), by=asking(request))
    except ValueError as error:
        raise HttpError(409, str(error)) from error
    found.refresh_from_db()
    return found


def _customer(pk: int) -> Customer:
    return get_object_or_404(Customer, pk=pk if 0 <= pk < 2**63 else 0)
