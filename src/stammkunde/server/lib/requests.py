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
