"""The gallery through the API."""

from typing import Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status
from ninja.errors import HttpError

from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.accounts.roles import Right
from stammkunde.server.journeys.actions import copying
from stammkunde.server.journeys.definitions.reading import read
from stammkunde.server.journeys.library.reading import Flow
from stammkunde.server.journeys.queries import library
from stammkunde.server.journeys.schemas_flows import FlowCopyOut, FlowStoryOut, JourneyFlowOut

router = Router(tags=["journeys"])


@router.get("/flows", response=list[JourneyFlowOut], auth=scoped(Right.SEE))
def flows(request: HttpRequest) -> list[JourneyFlowOut]:
    """The flows there are to copy."""
    del request
    return [JourneyFlowOut.of(each) for each in library.flows()]


@router.get("/flows/{key}", response=FlowStoryOut, auth=scoped(Right.SEE))
def flow(request: HttpRequest, key: str) -> FlowStoryOut:
    """A flow with its journey and its mails."""
    del request
    return FlowStoryOut.of(_flow(key))


@router.post("/flows/{key}/copies", response={201: FlowCopyOut}, auth=scoped(Right.MESSAGES))
def copy(request: HttpRequest, key: str, language: Literal["en", "de"] = "en") -> Status[FlowCopyOut]:
    """Copy a flow to the shop's journeys, named in a language. It is off; nothing is published."""
    by: User | Key = request.auth  # type: ignore[attr-defined]  # ninja sets it
    made = copying.copy(_flow(key), language=language, now=timezone.now(), by=by)
    mails = list(read(made.draft).mails)
    return Status(201, FlowCopyOut(id=made.pk, key=made.key, name=made.name, state=made.state, mails=mails))


def _flow(key: str) -> Flow:
    found = library.flow(key)
    if found is None:
        raise HttpError(404, "There is no such flow.")
    return found
