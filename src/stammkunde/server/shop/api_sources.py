"""Sources through the API, as on their pages: connected, set, switched, asked, and what was not understood."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from ninja.errors import HttpError

from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.accounts.roles import Right
from stammkunde.server.lib.bodies import Body
from stammkunde.server.lib.seal import unseal
from stammkunde.server.shop import forms
from stammkunde.server.shop.actions import doors as actions
from stammkunde.server.shop.actions import sources as connecting
from stammkunde.server.shop.collector.keys import KIND as COLLECTOR
from stammkunde.server.shop.collector.snippets import snippets
from stammkunde.server.shop.models import Delivery, Source
from stammkunde.server.shop.queries import doors
from stammkunde.server.shop.sources import kinds

router = Router(tags=["sources"])
MOST = 200
PRIVATE = "allow_private"  # an option that no page offers: whoever sets it opens the own network to an address


class SourceOut(Schema):
    """A place facts come from; `done`, `stale`, `ignored`, `waiting` and `failed` count what was delivered."""

    id: int
    kind: str
    name: str
    active: bool
    heard_at: datetime | None
    pulled_at: datetime | None
    done: int
    stale: int
    ignored: int
    waiting: int
    oldest_waiting: datetime | None
    failed: int
    error: str
    error_at: datetime | None


class RejectOut(Schema):
    """A delivery that was not understood, and why."""

    id: int
    received_at: datetime
    topic: str
    entity: str
    error: str


class RejectsOut(Schema):
    """A page of them, newest first; `before` asks for older ones, null at the end."""

    items: list[RejectOut]
    before: int | None


class AskedOut(Schema):
    """A setting that a kind of source asks for."""

    name: str
    label: str
    secret: bool
    required: bool


class SourceKindOut(Schema):
    """A kind of source; `pulls` where it can be asked, `hears` where it sends of itself."""

    name: str
    title: str
    pulls: bool
    hears: bool
    fields: list[AskedOut]


class ConnectIn(Body):
    """A source to be connected."""

    kind: str = Field(max_length=30)
    name: str = Field(min_length=1, max_length=120)


class SettingsIn(Body):
    """Settings by the names of the kind's fields; a secret that is left out stays as it is."""

    name: str = Field(min_length=1, max_length=120)
    values: dict[str, str] = Field(default_factory=dict, max_length=50)
    allow_private: bool | None = None


class SnippetOut(Schema):
    """A client of the collector, and the lines it needs."""

    client: str
    lines: str


class SettingsOut(Schema):
    """What stands open of a source's settings; of secrets, which of them are `set`. `hook` is where it is to send."""

    name: str
    values: dict[str, Any]
    set: list[str]
    allow_private: bool
    hook: str
    snippets: list[SnippetOut]


class SwitchIn(Body):
    """Whether anything is taken from a source."""

    active: bool


class ReplayedOut(Schema):
    """How many deliveries are read once more."""

    deliveries: int


@router.get("/sources", response=list[SourceOut], auth=scoped(Right.SEE))
def sources(request: HttpRequest) -> list[Any]:
    """Where facts come from, and whether they do."""
    del request
    return [_told(door) for door in doors.doors(now=timezone.now())]


@router.get("/sources/kinds", response=list[SourceKindOut], auth=scoped(Right.SEE))
def known(request: HttpRequest) -> list[dict[str, Any]]:
    """Which kinds of sources there are, and what they ask for."""
    del request
    names = ("name", "title", "pulls", "hears")
    asked = ("name", "secret", "required")
    return [
        {name: getattr(kind, name) for name in names}
        | {"fields": [{n: getattr(f, n) for n in asked} | {"label": str(f.label)} for f in kind.fields]}
        for kind in kinds().values()
    ]


@router.post("/sources", response={201: SourceOut}, auth=scoped(Right.SETTINGS))
def connect(request: HttpRequest, given: ConnectIn) -> Status[Any]:
    """Connect a source; its settings come after."""
    if given.kind not in kinds():
        raise HttpError(422, f"There is no kind {given.kind!r}; there are {', '.join(kinds())}.")
    found = connecting.connect(given.kind, name=_plain(given.name), now=timezone.now(), by=asking(request))
    return Status(201, _one(found.pk))


@router.get("/sources/{pk}", response=SourceOut, auth=scoped(Right.SEE))
def one(request: HttpRequest, pk: int) -> dict[str, Any]:
    """One source: how it is doing."""
    del request
    return _one(pk)


@router.get("/sources/{pk}/settings", response=SettingsOut, auth=scoped(Right.SETTINGS))
def settings_of(request: HttpRequest, pk: int) -> dict[str, Any]:
    """The address its webhooks go to, and its options. Credentials are never shown."""
    del request
    source = _source(pk)
    kind, secrets = kinds().get(source.kind), _secrets(source)
    return {
        "name": source.name,
        "values": {each.name: source.options.get(each.name, "") for each in _fields(source) if not each.secret},
        "set": sorted(name for name, value in secrets.items() if value),
        "allow_private": source.options.get(PRIVATE) is True,
        "hook": f"{settings.PUBLIC_URL}/hooks/{source.token}/" if kind and kind.hears else "",
        "snippets": [
            {"client": str(each.client), "lines": each.lines}
            for each in (snippets(settings.PUBLIC_URL, source.token) if source.kind == COLLECTOR else [])
        ],
    }


@router.put("/sources/{pk}/settings", response=SettingsOut, auth=scoped(Right.SETTINGS))
def configure(request: HttpRequest, pk: int, given: SettingsIn) -> dict[str, Any]:
    """Set it anew, as its page does; `allow_private` lets an address of the own network be asked."""
    source = _source(pk)
    if strange := given.values.keys() - {each.name for each in _fields(source)}:
        raise HttpError(422, f"This kind of source asks for no {', '.join(sorted(strange))}.")
    said = {each.name: source.options.get(each.name, "") for each in _fields(source) if not each.secret} | given.values
    typed = {"name": _plain(given.name), **{f"of_{name}": _plain(str(value)) for name, value in said.items()}}
    form = forms.Settings(typed, source=source, fields=_fields(source))
    if not form.is_valid():
        raise HttpError(
            422, " ".join(f"{name.removeprefix('of_')}: {' '.join(map(str, w))}" for name, w in form.errors.items())
        )
    private = {} if given.allow_private is None else {PRIVATE: given.allow_private}
    connecting.configure(
        source, name=form.cleaned_data["name"], options=form.options() | private, given=form.secrets(),
        now=timezone.now(), by=asking(request),
    )  # fmt: skip
    return settings_of(request, pk)


@router.post("/sources/{pk}/switch", response=SourceOut, auth=scoped(Right.SETTINGS))
def switch(request: HttpRequest, pk: int, given: SwitchIn) -> dict[str, Any]:
    """Take nothing more from it, or again."""
    connecting.switch(_source(pk), on=given.active, now=timezone.now(), by=asking(request))
    return _one(pk)


@router.post("/sources/{pk}/pull", response={202: SourceOut}, auth=scoped(Right.DATA))
def pull(request: HttpRequest, pk: int) -> Status[Any]:
    """Ask the shop now for everything there is."""
    source = _source(pk)
    kind = kinds().get(source.kind)
    if kind is None or not kind.pulls:
        raise HttpError(409, "This source cannot be asked: it sends of itself, or is a file.")
    actions.pull_again(source, now=timezone.now(), by=asking(request))
    return Status(202, _one(pk))


@router.get("/sources/{pk}/rejects", response=RejectsOut, auth=scoped(Right.SEE))
def rejects(
    request: HttpRequest,
    pk: int,
    before: int | None = Query(None, ge=0, lt=2**63),  # type: ignore[type-arg]  # ninja's function, not its type
    limit: int = 50,
) -> dict[str, Any]:
    """What was not understood, newest first."""
    del request
    most = max(1, min(limit, MOST))
    found: list[Delivery] = list(doors.rejects(_source(pk), before=before, count=most + 1))
    return {"items": found[:most], "before": found[most - 1].pk if len(found) > most else None}


@router.post("/sources/{pk}/replay", response=ReplayedOut, auth=scoped(Right.DATA))
def replay(request: HttpRequest, pk: int) -> dict[str, int]:
    """Let what was not understood be read once more."""
    return {"deliveries": actions.replay(_source(pk), now=timezone.now(), by=asking(request))}


def asking(request: HttpRequest) -> User | Key:
    """Who asks: staff in their session, or a key."""
    by: User | Key = request.auth  # type: ignore[attr-defined]  # ninja sets it to what authenticate returned
    return by


def _source(pk: int) -> Source:
    return get_object_or_404(Source, pk=pk if 0 <= pk < 2**63 else 0)


def _one(pk: int) -> dict[str, Any]:
    source = _source(pk)
    return _told(next(door for door in doors.doors(now=timezone.now()) if door.source.pk == source.pk))


def _told(door: doors.Door) -> dict[str, Any]:
    of_source = ("id", "kind", "name", "active", "heard_at", "pulled_at")
    counts = ("done", "stale", "ignored", "waiting", "oldest_waiting", "failed")
    return (
        {name: getattr(door.source, name) for name in of_source}
        | {name: getattr(door, name) for name in counts}
        | {"error": door.last_error, "error_at": door.last_error_at}
    )


def _fields(source: Source) -> Any:
    kind = kinds().get(source.kind)
    return kind.fields if kind else ()


def _secrets(source: Source) -> Mapping[str, str]:
    try:
        return unseal(source.sealed)
    except ValueError:  # sealed with a key that is no longer known: to be entered again
        return {}


def _plain(text: str) -> str:
    return text.replace("\0", "")
