"""Pages of the settings: staff, API keys, the log."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stammkunde.server.accounts import actions, queries, words
from stammkunde.server.accounts.adapter import password_address
from stammkunde.server.accounts.forms import Invite, NewKey
from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.models import Invitation, Key, User
from stammkunde.server.accounts.roles import Right, Role
from stammkunde.server.accounts.tabs import shown


@needs(Right.SEE)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What there is to set."""
    return render(request, "accounts/overview.html", {"tabs": shown(staff(request), request.path)})


@needs(Right.SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def people(request: HttpRequest) -> HttpResponse:
    """Who works here; POST invites somebody."""
    form, link = Invite(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            secret = actions.invite(role=said["role"], email=said["email"], now=timezone.now(), by=staff(request))
        except actions.RefusedError as error:
            form.add_error("email", str(error))
        else:
            link, form = f"{settings.PUBLIC_URL}/join/{secret}", Invite()
    page = {
        "form": form,
        "link": link,
        "staff": queries.staff(),
        "invitations": queries.invitations(now=timezone.now()),
        "tabs": shown(staff(request), request.path),
    }
    return render(request, "accounts/staff.html", page)


@needs(Right.SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One of the staff; POST gives another role, ends the access or gives it back."""
    user = get_object_or_404(queries.staff(), pk=pk)
    if request.method == "POST":
        return _changed(request, user)
    return _person_page(request, user)


def _changed(request: HttpRequest, user: User) -> HttpResponse:
    role, active = request.POST.get("role", user.role), request.POST.get("active", "1" if user.is_active else "0")
    if role in Role.values and active in {"0", "1"}:
        try:
            actions.change_staff(user, role=role, is_active=active == "1", now=timezone.now(), by=staff(request))
        except actions.RefusedError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Saved. It holds from now on, also where somebody is logged in."))
    return redirect("person", user.pk)


def _person_page(request: HttpRequest, user: User, **more: Any) -> HttpResponse:
    page = {"person": user, "roles": Role.choices, "tabs": shown(staff(request), reverse("staff"))}
    return render(request, "accounts/person.html", page | more)


@needs(Right.SETTINGS)
@require_POST
def new_password(request: HttpRequest, pk: int) -> HttpResponse:
    """A link by which somebody who cannot log in sets a new password; shown this once."""
    user = get_object_or_404(queries.staff(), pk=pk, is_active=True)
    key = actions.password_link(user, now=timezone.now(), by=staff(request))
    return _person_page(request, user, link=password_address(key))


@needs(Right.SETTINGS)
@require_POST
def lost_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody lost the second factor."""
    actions.remove_factor(get_object_or_404(User, pk=pk), now=timezone.now(), by=staff(request))
    messages.success(request, _("The second factor is gone. At the next login the password is enough."))
    return redirect("person", pk)


@needs(Right.SETTINGS)
@require_POST
def end_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    """A link lets nobody in any more."""
    actions.end_invitation(get_object_or_404(Invitation, pk=pk), now=timezone.now(), by=staff(request))
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
    made = queries.keys()
    found = [{"key": key, "may": [Right(scope).label for scope in key.scopes]} for key in made]
    page = {"form": form, "whole": whole, "keys": found, "tabs": shown(staff(request), request.path)}
    return render(request, "accounts/keys.html", page)


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
    subject, who = request.GET.get("subject", "")[:60], request.GET.get("who", "")[:20]
    found = queries.log(subject=subject, who=who, after=request.GET.get("after", ""))
    page = {
        "lines": [words.line(entry) for entry in found.rows],
        "after": found.after,
        "subject": subject,
        "who": who,
        "people": queries.staff(),
        "subjects": [(each, words.word(each)) for each in queries.subjects()],
        "tabs": shown(staff(request), request.path),
    }
    return render(request, "accounts/log.html", page)
