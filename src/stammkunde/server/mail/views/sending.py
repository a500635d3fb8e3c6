"""The page of how mail leaves the house: from whom, by which way, how fast, how often, and whether it would arrive."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from stammkunde.errors import StammkundeError
from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.accounts.tabs import shown
from stammkunde.server.mail.actions import gating, settings, ways
from stammkunde.server.mail.deliverability.names import Live
from stammkunde.server.mail.deliverability.providers import PROVIDERS
from stammkunde.server.mail.forms.sending import (
    FromForm,
    HabitForm,
    MailboxForm,
    PaceForm,
    TrialForm,
    WarmForm,
    WayForm,
)
from stammkunde.server.mail.forms.sending import ways as all_ways
from stammkunde.server.mail.models import Sender
from stammkunde.server.mail.queries.sending import last_check, last_trial
from stammkunde.server.mail.sending.pacing import plan_of

PARTS: dict[str, type[forms.Form]] = {"from": FromForm, "pace": PaceForm, "habits": HabitForm}


@needs(Right.SETTINGS)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """All of it."""
    return _page(request)


def _page(request: HttpRequest, **more: Any) -> HttpResponse:
    sender = Sender.now()
    way = request.GET.get("way") or sender.transport
    way = way if way in dict(all_ways()) else "captured"
    page: dict[str, Any] = {
        "sender": sender,
        "check": last_check(),
        "trial": last_trial(),
        "tried": gating.setting_of(sender).tried,
        "way": way,
        "ways": all_ways(),
        "hook": PROVIDERS[sender.transport].hook if sender.transport in PROVIDERS else "",
        "forms": {name: _form(name, sender) for name in PARTS},
        "way_form": _way(way, sender),
        "mailbox": MailboxForm(prefix="mailbox", initial=sender.options.get("imap") or None),
        "trial_form": TrialForm(initial={"to": staff(request).email}),
        "warm_form": WarmForm(initial={"first": sender.warm_up_first}),
        "plan": plan_of(sender, now=timezone.now()),
        "tabs": shown(staff(request), reverse("sending")),
    }
    return render(request, "mail/sending.html", page | more)


def _form(part: str, sender: Sender, data: Any = None) -> forms.Form:
    kind = PARTS[part]
    return kind(data, initial={name: getattr(sender, name) for name in kind.base_fields})


def _way(way: str, sender: Sender, data: Any = None) -> WayForm:
    known = frozenset(ways.known_secrets(sender)) if way == sender.transport else frozenset()
    return WayForm(data, way=way, known=known, initial=dict(sender.options))


@needs(Right.SETTINGS)
@require_POST
def save(request: HttpRequest, part: str) -> HttpResponse:
    """Set from whom, how fast, or how often."""
    if part not in PARTS:
        raise Http404
    sender = Sender.now()
    form = _form(part, sender, request.POST)
    if form.is_valid():
        try:
            ways.set_values(form.cleaned_data, now=timezone.now(), by=staff(request))
        except StammkundeError as error:
            form.add_error(None, str(error))
        else:
            return _saved(request, part)
    return _page(request, forms={name: form if name == part else _form(name, sender) for name in PARTS})


def _saved(request: HttpRequest, place: str) -> HttpResponse:
    messages.success(request, _("Saved."))
    return redirect(f"{reverse('sending')}#{place}")


@needs(Right.SETTINGS)
@require_POST
def choose(request: HttpRequest, way: str) -> HttpResponse:
    """Take this way out."""
    if way not in dict(all_ways()):
        raise Http404
    form = _way(way, Sender.now(), request.POST)
    if form.is_valid():
        try:
            ways.choose(way, form.options, form.given, now=timezone.now(), by=staff(request))
        except StammkundeError as error:
            form.add_error(None, str(error))
        else:
            return _saved(request, "way")
    return _page(request, way=way, way_form=form)


@needs(Right.SETTINGS)
@require_POST
def mailbox(request: HttpRequest) -> HttpResponse:
    """Where mail that comes back is fetched from."""
    form = MailboxForm(request.POST, prefix="mailbox")
    if not form.is_valid():
        return _page(request, mailbox=form)
    said = dict(form.cleaned_data)
    password = said.pop("password")
    ways.set_mailbox(said, password, now=timezone.now(), by=staff(request))
    return _saved(request, "returns")


@needs(Right.SETTINGS)
@require_POST
def hook(request: HttpRequest) -> HttpResponse:
    """The address for the provider's webhooks, shown this once."""
    return _page(request, hook_address=ways.hook_address(now=timezone.now(), by=staff(request)))


@needs(Right.SETTINGS)
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Look at everything now."""
    found = gating.gate(Live(), now=timezone.now(), by=staff(request))
    if found.passed:
        messages.success(request, _("Nothing is in the way of mail to many."))
    else:
        messages.warning(request, _("Mail to many has to wait: see what is to be mended."))
    return redirect("sending")


@needs(Right.SETTINGS)
@require_POST
def trial(request: HttpRequest) -> HttpResponse:
    """Send a test mail."""
    form, sender, now = TrialForm(request.POST), Sender.now(), timezone.now()
    if not form.is_valid():
        return _page(request, trial_form=form)
    to = form.cleaned_data["to"]
    try:
        response = settings.trial(sender, to, now=now)
    except StammkundeError as error:
        form.add_error(None, str(error))
        return _page(request, trial_form=form)
    gating.note_trial(sender, to, response, now=now, by=staff(request))
    messages.success(request, _("The server took it: %(said)s") % {"said": response})
    return redirect(f"{reverse('sending')}#trial")


@needs(Right.SETTINGS)
@require_POST
def warm(request: HttpRequest) -> HttpResponse:
    """Begin the plan of a new sender today."""
    form = WarmForm(request.POST)
    if not form.is_valid():
        return _page(request, warm_form=form)
    settings.warm_up(first=form.cleaned_data["first"], now=timezone.now(), by=staff(request))
    return _saved(request, "pace")


@needs(Right.SETTINGS)
@require_POST
def halt(request: HttpRequest) -> HttpResponse:
    """Let nothing leave for now, or go on."""
    now, by = timezone.now(), staff(request)
    if Sender.now().paused_at is None:
        settings.pause(why=request.POST.get("why", "").replace("\0", "")[:500], now=now, by=by)
    else:
        settings.resume(now=now, by=by)
    return redirect("sending")
