"""Errors of the API as problem details (RFC 9457): `application/problem+json`, the same for every room.

A problem has `type` (about:blank: the status says what it is), `title`, `status`, `detail` as advice, and for input
that does not fit `errors`, one for each place.
"""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from stammkunde.errors import StammkundeError

KIND = "application/problem+json"
PREFIX = "/api/"
log = structlog.get_logger("stammkunde.api")

Next = Callable[[HttpRequest], HttpResponse]


def problem(status: int, detail: str = "", **more: Any) -> HttpResponse:
    """An answer that says what went wrong."""
    title = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Error"
    said = {"type": "about:blank", "title": title, "status": status, "detail": detail} | more
    answer = HttpResponse(json.dumps(said, default=str), status=status, content_type=KIND)
    if status == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = 'Bearer realm="stammkunde"'
    return answer


class ProblemAPI(NinjaAPI):
    """An API whose description says of every operation that its errors are problems."""

    def get_openapi_schema(self, **more: Any) -> Any:
        """What `/openapi.json` shows."""
        found = super().get_openapi_schema(**more)
        found["components"].setdefault("schemas", {})["Problem"] = SHAPE
        told = {"$ref": "#/components/schemas/Problem"}
        answer = {"description": "What went wrong, and what to try", "content": {KIND: {"schema": told}}}
        for ways in found["paths"].values():
            for each in ways.values():
                each["responses"] |= {"4XX": answer, "5XX": answer}
        return found


SHAPE = {
    "title": "Problem",
    "description": "Problem details (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "where": {"type": ["string", "null"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "what"],
                "properties": {"where": {"type": "array", "items": {"type": "string"}}, "what": {"type": "string"}},
            },
        },
    },
}


def install(api: NinjaAPI) -> None:
    """Answer every error of an API with a problem."""
    api.add_exception_handler(HttpError, _refused)
    api.add_exception_handler(ValidationError, _unfit)
    api.add_exception_handler(Http404, _missing)
    api.add_exception_handler(PermissionDenied, _forbidden)
    api.add_exception_handler(StammkundeError, _wrong)
    api.add_exception_handler(Exception, _broken)


class Problems:
    """What the API did not answer itself (an unknown address, a method that is not there), as a problem too."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        status = answer.status_code
        if not request.path.startswith(PREFIX) or status < 400 or answer.get("Content-Type", "") == KIND:
            return answer
        instead = problem(status, DETAILS.get(status, ""))
        for name in ("Allow", "Retry-After"):
            if name in answer:
                instead[name] = answer[name]
        return instead


DETAILS = {
    400: "A text holds a character of zero, or the request is none: send it without.",
    404: "There is nothing at this address: /openapi.json lists what there is.",
    405: "This address does not take this method: the header Allow says which.",
    500: "The server failed. Its log says why, in the lines with this answer's X-Request-Id.",
}


def _refused(_: HttpRequest, error: Any) -> HttpResponse:
    detail = str(error)
    if error.status_code == HTTPStatus.UNAUTHORIZED:
        detail = "Show a key that has not ended (Authorization: Bearer stk_…), or log in."
    answer = problem(error.status_code, detail)
    if wait := getattr(error, "wait", None):
        answer["Retry-After"] = str(int(wait) + 1)
    return answer


def _unfit(_: HttpRequest, error: Any) -> HttpResponse:
    errors = [{"where": [str(part) for part in each["loc"]], "what": each["msg"]} for each in error.errors]
    return problem(422, "The input does not fit: each error names the place.", errors=errors)


def _missing(*_: Any) -> HttpResponse:
    return problem(404, "There is no such thing, or it is gone.")


def _forbidden(*_: Any) -> HttpResponse:
    return problem(403, "This is not allowed with these rights.")


def _wrong(_: HttpRequest, error: Any) -> HttpResponse:
    return problem(400, f"{error.what} {error.advice}", where=error.where)


def _broken(request: HttpRequest, error: Any) -> HttpResponse:
    log.error("the API failed", path=request.path, exc_info=error)
    return problem(500, DETAILS[500])
