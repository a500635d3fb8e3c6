"""At the door of every page: nobody without a login, nobody without the right."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url

from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import Right

#: These have doors of their own: keys, signatures, or nothing to hide.
OPEN = (
    *("/static/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/api/", "/v1/", "/batch", "/hooks/"),
    *("/join/", "/p/", "/favicon.ico"),
)

View = Callable[..., HttpResponseBase]


class StaffOnly(LoginRequiredMiddleware):
    """A login for every page but those of `OPEN`."""

    def process_view(
        self, request: HttpRequest, view_func: View, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Let the request pass, or lead to the login; for a part of a page, the whole page goes there."""
        if request.path.startswith(OPEN):
            return None
        answer = super().process_view(request, view_func, view_args, view_kwargs)
        if answer is not None and request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": resolve_url(settings.LOGIN_URL)})
        return answer


def needs(right: Right) -> Callable[[View], View]:
    """A view for staff whose role has this right; others see why not. Settings ask for a second factor besides.

    Raises
    ------
    PermissionDenied : the role has it not.
    """

    def around(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not staff(request).may(right):
                raise PermissionDenied(right)
            if lacks_factor(staff(request), right):
                return redirect("second-factor")
            return view(request, *args, **kwargs)

        guarded.needs = right  # type: ignore[attr-defined]  # the role matrix is tested over all views
        return guarded

    return around


def lacks_factor(user: User, right: Right) -> bool:
    """Whether a right is there, but waits for a second factor. The demo has none: everybody can read its password."""
    return right == Right.SETTINGS and not settings.DEMO and not is_mfa_enabled(user)


def staff(request: HttpRequest) -> User:
    """Who asks.

    Raises
    ------
    PermissionDenied : nobody is logged in.
    """
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
