"""Endpoints of webhooks through the API: who is told what, and how that went."""

from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Status
from ninja.errors import HttpError

from stammkunde.server.accounts import queries
from stammkunde.server.accounts.actions import RefusedError, endpoints, outgoing
from stammkunde.server.accounts.actions.endpoints import Wish
from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.models import Dispatch, Endpoint, Key, User
from stammkunde.server.accounts.roles import Right
from stammkunde.server.accounts.schemas import (
    DispatchOut,
    EndpointChangeIn,
    EndpointIn,
    EndpointOut,
    NewEndpointOut,
    SecretOut,
    ToldOut,
)

router = Router(tags=["webhooks"])
FAR = 2**62


def _by(request: HttpRequest) -> User | Key:
    by: User | Key = request.auth  # type: ignore[attr-defined]  # ninja sets it
    return by


def _wish(said: EndpointIn) -> Wish:
    return Wish(said.url, said.events, said.about, said.private)


@router.get("/webhooks", response=list[EndpointOut], auth=scoped(Right.SETTINGS))
def every_endpoint(request: HttpRequest) -> QuerySet[Endpoint]:
    """Who is told what happens here, the active first."""
    del request
    return queries.endpoints()


@router.post("/webhooks", response={201: NewEndpointOut}, auth=scoped(Right.SETTINGS))
def add_endpoint(request: HttpRequest, said: EndpointIn) -> Status[Any]:
    """Add an endpoint; its secret is shown this once."""
    try:
        made, secret = endpoints.add(_wish(said), now=timezone.now(), by=_by(request))
    except RefusedError as error:
        raise HttpError(422, str(error)) from error
    return Status(201, {"endpoint": made, "secret": secret})


@router.put("/webhooks/{pk}", response=EndpointOut, auth=scoped(Right.SETTINGS))
def change_endpoint(request: HttpRequest, pk: int, said: EndpointChangeIn) -> Endpoint:
    """Another address, other events, the end of the telling, or its return."""
    found = get_object_or_404(Endpoint, pk=pk)
    try:
        return endpoints.change(found, _wish(said), active=said.active, now=timezone.now(), by=_by(request))
    except RefusedError as error:
        raise HttpError(422, str(error)) from error


@router.delete("/webhooks/{pk}", response={204: None}, auth=scoped(Right.SETTINGS))
def remove_endpoint(request: HttpRequest, pk: int) -> Status[None]:
    """Tell it nothing any more, and forget what it was told."""
    endpoints.remove(get_object_or_404(Endpoint, pk=pk), now=timezone.now(), by=_by(request))
    return Status(204, None)


@router.post("/webhooks/{pk}/secret", response={201: SecretOut}, auth=scoped(Right.SETTINGS))
def rotate_secret(request: HttpRequest, pk: int) -> Status[Any]:
    """Another secret, shown this once; the one before signs along for a day."""
    secret = endpoints.rotate(get_object_or_404(Endpoint, pk=pk), now=timezone.now(), by=_by(request))
    return Status(201, {"secret": secret})


@router.post("/webhooks/{pk}/test", response={202: ToldOut}, auth=scoped(Right.SETTINGS))
def test_endpoint(request: HttpRequest, pk: int) -> Status[Any]:
    """Tell it that it can hear (`webhook.test`)."""
    found = get_object_or_404(Endpoint, pk=pk)
    return Status(202, {"told": outgoing.test(found, now=timezone.now(), by=_by(request))})


@router.get("/webhooks/{pk}/deliveries", response=list[DispatchOut], auth=scoped(Right.SETTINGS))
def told(request: HttpRequest, pk: int, before: Annotated[int | None, Query(ge=1, le=FAR)] = None) -> list[Dispatch]:
    """What it was told, newest first, fifty at a time; `before` is the id of the last one that was seen."""
    del request
    return queries.dispatches(get_object_or_404(Endpoint, pk=pk), before=before)


@router.post("/webhooks/{pk}/deliveries/{dispatch}/replay", response={202: ToldOut}, auth=scoped(Right.SETTINGS))
def replay(request: HttpRequest, pk: int, dispatch: int) -> Status[Any]:
    """Tell one thing again, under the same webhook-id."""
    found = get_object_or_404(Dispatch, pk=dispatch, endpoint=pk)
    return Status(202, {"told": int(outgoing.replay(found, now=timezone.now(), by=_by(request)))})
