"""Around every request: an id for its log lines, and the policy of what a page may load."""

import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

Next = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger("stammkunde.request")

#: No inline script or style, nothing from another host: what customers write cannot become a program.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; media-src 'self'"
)


class RequestLog:
    """One line a request: path without its query (which may hold keys), status, milliseconds."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        structlog.contextvars.clear_contextvars()
        request_id = uuid.uuid4().hex
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-Id"] = request_id
        spent = round(1000 * (time.perf_counter() - began), 1)
        tell = log.debug if request.path.startswith(("/static/", "/healthz", "/readyz", "/metrics")) else log.info
        tell("request", method=request.method, path=request.path, status=response.status_code, ms=spent)
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
