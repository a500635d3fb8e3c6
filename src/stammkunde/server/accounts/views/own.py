"""Pages for oneself: joining, name, language, light, and the second factor."""

from typing import Any

from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stammkunde.server.accounts import actions
from stammkunde.server.accounts.forms import Join, Me
from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.models import Invitation, User
from stammkunde.server.accounts.roles import Right
from stammkunde.server.accounts.tabs import shown

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
A_YEAR = 365 * 24 * 3600


@sensitive_post_parameters("password")
@never_cache
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """The page behind the link of an invitation. Used, ended and never given look alike."""
    found = actions.invitation(secret, now=timezone.now())
    if found is None:
        return _closed(request)
    form = Join(request.POST or None, email=found.email)
    if request.method == "POST" and form.is_valid():
        answer = _let_in(request, found, form)
        if answer is not None:
            return answer
    return render(request, "accounts/join.html", {"form": form, "role": found.get_role_display()})


def _let_in(request: HttpRequest, found: Invitation, form: Join) -> HttpResponse | None:
    """Into the house and on to the second factor; nothing where the form has to be shown again."""
    said = {name: form.cleaned_data[name] for name in ("email", "name", "password")}
    try:
        user = actions.join(found, **said, now=timezone.now())
    except actions.RefusedError as error:
        form.add_error("email", str(error))
        return None
    if user is None:
        return _closed(request)
    login(request, user, backend=BACKEND)
    reauthenticate_by_password(request)  # it was typed a moment ago: the second factor need not ask for it again
    return redirect("mfa_activate_totp")


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/join_closed.html", status=404)


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """The language of the pages; kept with whoever is logged in, and in the browser."""
    chosen = request.POST.get("language", "")
    answer = _back(request)
    if chosen in dict(settings.LANGUAGES):
        _remember_language(answer, chosen)
        if isinstance(request.user, User):
            actions.prefer(request.user, language=chosen)
    return answer


def _remember_language(answer: HttpResponse, chosen: str) -> None:
    name, secure = settings.LANGUAGE_COOKIE_NAME, settings.SESSION_COOKIE_SECURE
    answer.set_cookie(name, chosen, max_age=A_YEAR, samesite="Lax", httponly=True, secure=secure)


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light or dark, or as the system has it."""
    chosen = request.POST.get("theme", "")
    if chosen in {"", "light", "dark"} and isinstance(request.user, User):
        actions.prefer(request.user, theme=chosen)
    return _back(request)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page the form was on, if that is one of ours."""
    came = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(came, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(came if ours else "/")


@needs(Right.SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """Oneself: name, language, light, password, second factor."""
    user = staff(request)
    form = Me(request.POST or None, initial={name: getattr(user, name) for name in ("name", "language", "theme")})
    if request.method == "POST" and form.is_valid():
        return _saved(request, user, form)
    page = {"form": form, "factor": is_mfa_enabled(user), "tabs": shown(user, request.path)}
    return render(request, "accounts/me.html", page)


def _saved(request: HttpRequest, user: User, form: Me) -> HttpResponse:
    said = form.cleaned_data
    actions.rename(user, name=said["name"], now=timezone.now())
    actions.prefer(user, language=said["language"], theme=said["theme"])
    answer = redirect("me")
    if said["language"]:
        _remember_language(answer, said["language"])
    else:
        answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    with override(said["language"] or None):
        messages.success(request, _("Saved."))
    return answer


@needs(Right.SEE)
@require_GET
def second_factor(request: HttpRequest) -> HttpResponse:
    """Why the settings are closed for now, and how they open."""
    user = staff(request)
    if is_mfa_enabled(user) or not user.may(Right.SETTINGS):
        return redirect("settings")
    return render(request, "accounts/second_factor.html", {"tabs": shown(user, request.path)})


@login_not_required
def closed(request: HttpRequest, **parts: Any) -> HttpResponse:
    """A page of allauth that this house has no use for.

    Raises
    ------
    Http404 : always.
    """
    del request, parts
    raise Http404
