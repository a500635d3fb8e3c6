"""The language somebody has chosen, on every browser they log in with."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import translation

from stammkunde.server.accounts.models import User


class OwnLanguage:
    """After Django has guessed from the cookie and the browser, what the user has said counts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.user.language if isinstance(request.user, User) else ""
        if not chosen:
            return self.get_response(request)
        with translation.override(chosen):
            response = self.get_response(request)
            response.headers["Content-Language"] = chosen
            return response
