"""The addresses clients send to: a request is weighed, its key looked up, its bytes stored; then it is answered.

What an event means is found out later, so a bad one never keeps its sender trying: only a body that is too large, is no
JSON or has no known key is refused, in words every client stops at.
"""

import base64
import hashlib
import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import structlog
from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from stammkunde.server.lib.problems import problem
from stammkunde.server.shop.collector import keys, reading
from stammkunde.server.shop.collector.limits import buckets
from stammkunde.server.shop.collector.refusals import RefusedError
from stammkunde.server.shop.collector.writer import NotStoredError, writer
from stammkunde.server.shop.models import Delivery

View = Callable[..., HttpResponse]
log = structlog.get_logger("stammkunde.collector")

#: Headers of clients; those that a browser asks for are allowed besides, for every version brings its own.
HEADERS = ("Authorization", "Content-Type", "Content-Encoding", "AnonymousId", "SentAt", "X-Retry-Count", "X-Write-Key")
HEADER = re.compile(r"[A-Za-z0-9-]{1,60}")
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
#: Calls of Segment's contract by the last part of their address; browsers send the first letter.
CALLS = {
    **{name[0]: name for name in ("identify", "track", "page", "screen", "group", "alias", "batch")},
    **{name: name for name in ("identify", "track", "page", "screen", "group", "alias", "batch", "import")},
}
BUSY = RefusedError(503, "busy", "The database is busy: send it again.", 2)
METRICS = "m"  # what browser clients tell of themselves
KB = 1024


@dataclass(frozen=True)
class Dialect:
    """How one maker's clients are heard: bytes of a request and of one event, and the answer they want."""

    name: str
    most: int = 500 * KB  # Segment's limits: some clients cut their batches by them
    event: int = 32 * KB
    said: Any = None
    status: int = 200

    def answer(self) -> HttpResponse:
        """What a client wants to hear."""
        if self.said is None:
            return HttpResponse(status=self.status)
        return HttpResponse(json.dumps(self.said), status=self.status, content_type="application/json")


SEGMENT = Dialect("segment", said={"success": True})
POSTHOG = Dialect("posthog", most=5000 * KB, event=1000 * KB, said={"status": 1})  # its client cuts at these
KLAVIYO = Dialect("klaviyo", most=5000 * KB, event=5000 * KB, status=202)
SNOWPLOW = Dialect("snowplow", most=1000 * KB, event=1000 * KB, said="ok")


def door(view: View) -> View:
    """A view for clients on any site and none: no login, no token, refusals in their shape."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer = HttpResponse(status=204) if request.method == "OPTIONS" else view(request, *args, **kwargs)
        except RefusedError as refused:
            answer = refusal(refused)
        except (OperationalError, InterfaceError) as error:  # the database is not there: clients come again
            log.warning("the database does not answer", error=str(error))
            answer = refusal(BUSY)
        answer["Access-Control-Allow-Origin"] = "*"
        if request.method == "OPTIONS":
            allow(request, answer)
        return answer

    return login_not_required(opened)


def allow(request: HttpRequest, answer: HttpResponse) -> None:
    """What a browser wants to know before it sends from another site."""
    asked = request.headers.get("Access-Control-Request-Headers", "").split(",")[:50]
    names = {name.lower(): name for name in (*HEADERS, *map(str.strip, asked)) if HEADER.fullmatch(name)}
    answer["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
    answer["Access-Control-Allow-Headers"] = ", ".join(names.values())
    answer["Access-Control-Max-Age"] = "86400"


def refusal(refused: RefusedError) -> HttpResponse:
    """Why not, in the words of every dialect at once; as a problem, as all errors of this server."""
    told = {"status": refused.status, "code": refused.code, "title": refused.code, "detail": refused.message}
    answer = problem(
        refused.status, refused.message, success=False, code=refused.code, message=refused.message, errors=[told]
    )
    if refused.retry_after is not None:
        answer["Retry-After"] = str(refused.retry_after)
        answer["X-RateLimit-Reset"] = str(int(timezone.now().timestamp()) + refused.retry_after)
    if refused.status == 405:
        answer["Allow"] = "POST, OPTIONS"
    return answer


@csrf_exempt
@door
def call(request: HttpRequest, name: str) -> HttpResponse:
    """Segment's contract, and RudderStack's: one event or a batch."""
    if name == METRICS:
        return SEGMENT.answer()
    if name not in CALLS:
        raise RefusedError(404, "unknown_address", f"There is no call {name[:40]!r}: send to /v1/batch.")
    return _posted(request, SEGMENT, CALLS[name])


@csrf_exempt
@door
def posthog(request: HttpRequest) -> HttpResponse:
    """PostHog's addresses; `/batch` without a version is also where RudderStack's beacon goes."""
    return _posted(request, POSTHOG, "capture")


@csrf_exempt
@door
def klaviyo(request: HttpRequest, name: str) -> HttpResponse:
    """An event or a profile of Klaviyo's API."""
    text = _taken(request, KLAVIYO, name)
    if name == "events":
        return KLAVIYO.answer()
    return HttpResponse(json.dumps(_profile(text)), content_type="application/vnd.api+json")


@csrf_exempt
@door
def snowplow(request: HttpRequest) -> HttpResponse:
    """A batch of Snowplow's trackers."""
    return _posted(request, SNOWPLOW, "tp2")


@door
def snowplow_pixel(request: HttpRequest) -> HttpResponse:
    """One event of Snowplow as the query of an image."""
    return _pixel(request, SNOWPLOW, "tp2", lambda query: {"data": [query]})


@door
def pixel(request: HttpRequest, name: str) -> HttpResponse:
    """One event of Segment's as base64 in the query of an image, for mails and pages without scripts."""
    if name not in CALLS:
        raise RefusedError(404, "unknown_address", f"There is no call {name[:40]!r}.")
    return _pixel(request, SEGMENT, CALLS[name], lambda query: reading.document(_decoded(query.get("data", ""))))


@door
def settings(request: HttpRequest, key: str) -> HttpResponse:
    """What analytics-next asks for before it sends anything: one destination, this server."""
    here = {"apiKey": key, "apiHost": f"{request.get_host()}/v1", "protocol": request.scheme}
    found = {"integrations": {"Segment.io": here}, "metrics": {"sampleRate": 0, "host": here["apiHost"]}}
    return HttpResponse(json.dumps(found), content_type="application/json")


@door
def source_config(request: HttpRequest) -> HttpResponse:
    """What RudderStack's browser client asks for first: a source without destinations."""
    key = next(filter(None, keys.of_request(request)), "")
    source = {
        "id": "stammkunde", "name": "Stammkunde", "writeKey": key, "enabled": True, "workspaceId": "stammkunde",
        "connections": [], "destinations": [], "dataplanes": {}, "updatedAt": "2026-01-01T00:00:00.000Z",
        "config": {"statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}}},
    }  # fmt: skip
    found = {"source": source, "updatedAt": source["updatedAt"], "consentManagementMetadata": {}}
    return HttpResponse(json.dumps(found), content_type="application/json")


def _posted(request: HttpRequest, dialect: Dialect, name: str) -> HttpResponse:
    _taken(request, dialect, name)
    return dialect.answer()


def _pixel(
    request: HttpRequest, dialect: Dialect, name: str, read: Callable[[dict[str, str]], reading.Document]
) -> HttpResponse:
    if request.method not in {"GET", "HEAD"}:
        raise RefusedError(405, "method", "An image is asked for with GET.")
    found = read({key: value for key, value in request.GET.items() if isinstance(value, str)})
    source = _source(request)
    source = keys.source_of(keys.of_document(found)) if source is None else source
    _keep(source, dialect, name, json.dumps(found).encode())
    return HttpResponse(PIXEL, content_type="image/gif", headers={"Cache-Control": "no-store"})


def _taken(request: HttpRequest, dialect: Dialect, name: str) -> bytes:
    """Store what a request holds; returns its text.

    Raises
    ------
    RefusedError : it cannot be taken.
    """
    if request.method != "POST":
        raise RefusedError(405, "method", "Events are sent with POST.")
    source = _source(request)
    text = reading.body(request, most=dialect.most)
    found = reading.document(text)
    if "batch" not in found and "data" not in found and len(text) > dialect.event:
        raise reading.too_large(dialect.event)
    source = keys.source_of(keys.of_document(found)) if source is None else source
    plain = text if text.lstrip()[:1] == b"{" else json.dumps(found).encode()
    _keep(source, dialect, name, plain)
    return plain


def _source(request: HttpRequest) -> int | None:
    """The source of the key in header or query, if there is one."""
    return keys.source_of(keys.of_request(request))


def _keep(source: int | None, dialect: Dialect, name: str, text: bytes) -> None:
    if source is None:
        raise RefusedError(401, "unknown_key", "No source has this write key, or it is switched off.")
    buckets.take(source)
    digest = hashlib.sha256(text).hexdigest()
    # Events know themselves by their ids; a request sent again is another request.
    topic, key = f"{dialect.name}/{name}", uuid.uuid4().hex
    try:
        writer.store((source, topic, key, digest, "", text, "{}", timezone.now(), Delivery.State.NEW, 0, ""))
    except NotStoredError as error:
        log.warning("a request was not stored", source=source, error=str(error))
        raise BUSY from error


def _decoded(data: str) -> bytes:
    """JSON as base64 of either alphabet, with or without its padding."""
    text = data.replace(" ", "+").replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError as error:
        raise RefusedError(400, "bad_data", "`data` is to be JSON as base64.") from error


def _profile(text: bytes) -> dict[str, Any]:
    """A profile as Klaviyo answers it: what was sent, with an id."""
    sent = json.loads(text).get("data")
    given = sent if isinstance(sent, dict) else {}
    said = given.get("attributes")
    attributes = said if isinstance(said, dict) else {}
    known = str(given.get("id") or attributes.get("external_id") or attributes.get("email") or "")
    made = uuid.uuid5(uuid.NAMESPACE_URL, known).hex[:26].upper()
    kept = {name: attributes.get(name) for name in ("email", "phone_number", "external_id")}
    return {"data": {"type": "profile", "id": made, "attributes": kept, "links": {"self": "/api/profiles/" + made}}}


def both(address: str, view: Any, called: str, **values: Any) -> list[Any]:
    """An address with and without a slash at its end: clients do either, and none follows a redirect with a body."""
    return [path(address, view, values, name=called), path(f"{address}/", view, values)]


urlpatterns = [
    path("v1/projects/<str:key>/settings", settings, name="collector-settings"),
    *both("v1/pixel/<str:name>", pixel, "collector-pixel"),
    *both("v1/<str:name>", call, "collector"),
    *both("sourceConfig", source_config, "collector-config"),
    *both("beacon/v1/<str:name>", call, "collector-beacon"),
    *both("batch", posthog, "collector-batch"),
    *both("capture", posthog, "collector-capture"),
    path("e/", posthog, name="collector-browser"),
    *both("i/v0/e", posthog, "collector-event"),
    *both("api/events", klaviyo, "collector-klaviyo", name="events"),
    *both("api/profile-import", klaviyo, "collector-profile", name="profile-import"),
    path("com.snowplowanalytics.snowplow/tp2", snowplow, name="collector-snowplow"),
    *both("i", snowplow_pixel, "collector-image"),
]
