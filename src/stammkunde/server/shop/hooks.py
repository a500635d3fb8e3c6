"""The address webhooks come to: kept as they came, thanked for, and looked at afterwards.

An address nobody has, one that is switched off and a signature that is wrong are answered alike, after the same work.
"""

from datetime import timedelta
from functools import cache

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from stammkunde.server.lib.seal import seal
from stammkunde.server.shop.actions import doors
from stammkunde.server.shop.models import Source
from stammkunde.server.shop.sources import kind_of, kinds
from stammkunde.server.shop.sources.base import Asked, Delivered, Headers, Kind, SealedError
from stammkunde.server.shop.sources.payloads import PayloadError

log = structlog.get_logger("stammkunde.hooks")
LARGEST = 2_000_000  # bytes: ten times the largest order that was seen
TOKEN = 64
QUIET = timedelta(minutes=1)
WRONG = (
    "A delivery was refused, since its signature does not fit. "
    "If the shop sent it, the secret here is not that of the shop: enter it again."
)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest, token: str, rest: str = "") -> HttpResponse:
    """One delivery, or the first word of a shop that wants to connect."""
    body = _raw(request)
    if body is None:
        return JsonResponse({"error": f"More than {LARGEST} bytes."}, status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    source = Source.objects.filter(token=token[:TOKEN], active=True, kind__in=kinds()).first()
    if source is None:
        kind_of(_nobody().kind).signature(_nobody(), {_SIGNATURE: "none", **headers}, body)
        return _unknown()
    asked = Asked(request.method or "", rest, request.META.get("QUERY_STRING", ""), headers, body)
    try:
        return _handshake(source, asked) or _delivery(source, asked)
    except SealedError as error:  # the shop may try again until somebody has mended it
        doors.note(source, str(error), now=timezone.now())
        return JsonResponse({"error": "Signatures cannot be judged at the moment."}, status=503)


def _handshake(source: Source, asked: Asked) -> HttpResponse | None:
    reply = kind_of(source.kind).handshake(source, asked)
    if reply is None:
        return None
    if reply.keep:
        doors.keep_secrets(source, reply.keep, now=timezone.now())
    return JsonResponse(dict(reply.document), status=reply.status)


def _delivery(source: Source, asked: Asked) -> HttpResponse:
    kind = kind_of(source.kind)
    if asked.method == "POST" and kind.ping(asked.headers, asked.body):
        return JsonResponse({})
    if asked.method != "POST" or not kind.signature(source, asked.headers, asked.body):
        log.warning("a delivery with a wrong signature", source=source.pk, bytes=len(asked.body))
        return _Refused(source)
    _keep(kind, source, asked.headers, asked.body)
    return JsonResponse({})


class _Refused(JsonResponse):
    """As for an address that nobody has. Staff are told afterwards: the answer must not take longer than that one."""

    def __init__(self, source: Source) -> None:
        super().__init__(_UNKNOWN, status=401)
        self.source = source

    def close(self) -> None:
        """Tell staff, who may have entered a wrong secret; once a minute, since a stranger may know the address."""
        super().close()
        now = timezone.now()
        if self.source.error_at is None or now - self.source.error_at > QUIET:
            doors.note(self.source, WRONG, now=now)


def _keep(kind: Kind, source: Source, headers: Headers, body: bytes) -> None:
    try:
        found, error = kind.delivery(headers, body), ""
    except PayloadError as problem:
        found, error = Delivered(key="", topic=""), str(problem)
    doors.keep(
        source,
        topic=found.topic,
        key=found.key,
        body=body,
        headers=_kept(kind, headers),
        now=timezone.now(),
        entity=found.entity,
        version=found.version,
        error=error,
    )


def _kept(kind: Kind, headers: Headers) -> dict[str, str]:
    """What of the headers is worth keeping: what the sender says of the delivery, no signatures."""
    beginnings = tuple(kind.kept_headers)
    return {
        name: value[:500].replace("\x00", "")
        for name, value in headers.items()
        if beginnings and name.startswith(beginnings) and not name.endswith(("signature", "hmac-sha256"))
    }


def _raw(request: HttpRequest) -> bytes | None:
    """The bytes of the body before anything is made of them; None where they are too many."""
    told = request.META.get("CONTENT_LENGTH") or ""
    if told.isascii() and told.isdigit() and int(told) > LARGEST:
        return None
    chunked = not told and "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    # Django takes a body without a stated length for an empty one; the web server knows where it ends.
    found: bytes = (request.META["wsgi.input"] if chunked else request).read(LARGEST + 1)
    return None if len(found) > LARGEST else found


def _unknown() -> HttpResponse:
    return JsonResponse(_UNKNOWN, status=401)


_UNKNOWN = {"error": "Unknown address, or a signature that does not fit."}
_SIGNATURE = "x-shopify-hmac-sha256"


@cache
def _nobody() -> Source:
    """Whose signature is judged where an address is nobody's, so that the answer takes as long."""
    return Source(kind="shopify", options={}, sealed=seal({"webhook_secrets": "of nobody at all"}))


urlpatterns = [
    path("hooks/<str:token>/", receive, name="hook"),
    path("hooks/<str:token>/<path:rest>", receive, name="hook-rest"),
]
