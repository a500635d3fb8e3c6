"""Pages of staff: joining, oneself, and the settings."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stammkunde.server.accounts import actions, queries
from stammkunde.server.accounts.forms import Invite, Join, Me, NewKey
from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.accounts.roles import Right, Role
from stammkunde.server.accounts.tabs import TABS

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
A_YEAR = 365 * 24 * 3600


@sensitive_post_parameters("password")
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, secret: str) -> HttpResponse:
    """The page behind the link of an invitation."""
    now = timezone.now()
    invited = actions.invitation(secret, now=now)
    if invited is None:
        return render(request, "accounts/join_closed.html", status=404)
    form = Join(request.POST or None, email=invited.email)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        user = actions.join(invited, email=said["email"], name=said["name"], password=said["password"], now=now)
        if user is None:
            return render(request, "accounts/join_closed.html", status=404)
        login(request, user, backend=BACKEND)
        return redirect("mfa_index")
    return render(request, "accounts/join.html", {"form": form, "role": invited.get_role_display()})


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """The language of the pages; kept with whoever is logged in, and in the browser."""
    chosen = request.POST.get("language", "")
    answer = _back(request)
    if chosen in dict(settings.LANGUAGES):
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=A_YEAR, samesite="Lax", httponly=True)
        if isinstance(request.user, User):
            User.objects.filter(pk=request.user.pk).update(language=chosen)
    return answer


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light or dark, or as the system has it."""
    chosen = request.POST.get("theme", "")
    if chosen in {"", "light", "dark"} and isinstance(request.user, User):
        User.objects.filter(pk=request.user.pk).update(theme=chosen)
    return _back(request)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """To the page the form was on, if that is one of ours."""
    came = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(came, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(came if ours else "/")


@needs(Right.SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """Oneself: name, password, second factor."""
    form = Me(request.POST or None, initial={"name": staff(request).name})
    if request.method == "POST" and form.is_valid():
        User.objects.filter(pk=staff(request).pk).update(name=form.cleaned_data["name"])
        messages.success(request, _("Saved."))
        return redirect("me")
    return render(
        request, "accounts/me.html", {"form": form, "factor": is_mfa_enabled(staff(request))} | _tabs(request)
    )


@needs(Right.SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Who works here; POST invites somebody."""
    form, link, now = Invite(request.POST or None), "", timezone.now()
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        secret = actions.invite(role=said["role"], email=said["email"], now=now, by=staff(request))
        link = f"{settings.PUBLIC_URL}/join/{secret}"
    page = {"form": form, "link": link, "staff": queries.staff(), "invitations": queries.invitations(now=now)}
    return render(request, "accounts/staff.html", page | {"roles": Role.choices} | _tabs(request))


@needs(Right.SETTINGS)
@require_POST
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Another role, or the end of somebody's access."""
    user, role = get_object_or_404(User, pk=pk), request.POST.get("role", "")
    if role not in Role.values:
        return redirect("staff")
    try:
        actions.change_staff(
            user, role=role, is_active=request.POST.get("active") == "1", now=timezone.now(), by=staff(request)
        )
    except ValueError:
        messages.error(request, _("Somebody has to stay owner."))
    return redirect("staff")


@needs(Right.SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """Keys of the API; POST makes one and shows it once."""
    form, whole = NewKey(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        scopes = [Right(scope) for scope in form.cleaned_data["scopes"]]
        whole = actions.make_key(name=form.cleaned_data["name"], scopes=scopes, now=timezone.now(), by=staff(request))
        form = NewKey()
    return render(
        request, "accounts/keys.html", {"form": form, "whole": whole, "keys": queries.keys()} | _tabs(request)
    )


@needs(Right.SETTINGS)
@require_POST
def end_key(request: HttpRequest, pk: int) -> HttpResponse:
    """No request is answered with this key any more."""
    actions.end_key(get_object_or_404(Key, pk=pk), now=timezone.now(), by=staff(request))
    return redirect("keys")


@needs(Right.SETTINGS)
@require_GET
def log(request: HttpRequest) -> HttpResponse:
    """What was changed, by whom."""
    subject = request.GET.get("subject", "")[:60]
    found = queries.log(subject=subject, after=request.GET.get("after", ""))
    page = {"page": found, "subject": subject, "subjects": queries.subjects()}
    return render(request, "accounts/log.html", page | _tabs(request))


@needs(Right.SEE)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The settings begin with oneself."""
    del request
    return redirect("me")


def _tabs(request: HttpRequest) -> dict[str, object]:
    """The tabs this role may open, the one that is open marked."""
    may = staff(request).may(Right.SETTINGS)
    return {"tabs": [(name, path, request.path == path) for name, path in TABS if may or path == "/settings/me/"]}
