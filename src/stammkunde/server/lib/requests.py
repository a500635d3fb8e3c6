"""Around every request: an id for its log lines, and the policy of what a page may load."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

from stammkunde.server.lib.logs import veiled
from stammkunde.server.lib.metrics import count_request

Next = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger("stammkunde.request")

#: No inline script or style, nothing from another host: what customers write cannot become a program.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; media-src 'self'"
)
QUIET = ("/static/", "/healthz", "/readyz", "/metrics")
GIVEN_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")  # anything else could write lines of its own into a log


def row_number(text: str) -> int | None:
    """The number of a row, as a question names it; None where it can be none: `"²"` is a digit that `int` fails at."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


class RequestLog:
    """One line a request: path without its query (which may hold keys), status, milliseconds."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-Id", "")
        request_id = given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        spent = time.perf_counter() - began
        method, path, status = request.method or "", request.path, response.status_code
        count_request(method, status, spent)
        tell = log.debug if path.startswith(QUIET) and status < 500 else log.info
        tell("request", method=method, path=veiled(path), status=status, ms=round(1000 * spent, 1))
        return response


class ContentSecurity:
    """The Content-Security-Policy header on every page."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response


class NoZeros:
    """Text with characters of zero is refused: no database takes it, and no keyboard writes it."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path or self._in_body(request):
            return HttpResponse("A text holds a character of zero.\n", "text/plain; charset=utf-8", status=400)
        return self.get_response(request)

    def _in_body(self, request: HttpRequest) -> bool:
        """Whether it is in a form or in what the API is told; doors for machines judge what they read by themselves."""
        mark = ZEROS.get(request.content_type or "")
        return mark is not None and not request.path.startswith(MACHINES) and mark in request.body


ZEROS = {"application/json": b"\\u0000", "application/x-www-form-urlencoded": b"%00"}
MACHINES = ("/hooks/", "/v1/", "/batch")
