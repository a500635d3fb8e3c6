"""One newsletter: before it goes out what it would do, on its way how far it is, afterwards what came of it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from stammkunde.errors import StammkundeError
from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import Right
from stammkunde.server.campaigns.actions import approving, sending, trying
from stammkunde.server.campaigns.models import Campaign
from stammkunde.server.campaigns.queries import looking
from stammkunde.server.campaigns.queries.reach import Reach, reach
from stammkunde.server.campaigns.queries.results import reasons, total
from stammkunde.server.campaigns.queries.tenure import check
from stammkunde.server.campaigns.subjects import cut
from stammkunde.server.campaigns.words import sentence
from stammkunde.server.consent.bases import Basis
from stammkunde.server.lib.models import Job
from stammkunde.server.mail.words import reason
from stammkunde.server.segments.queries.naming import title, titles
from stammkunde.server.segments.rules.language import Node
from stammkunde.server.segments.rules.reading import RuleError, read
from stammkunde.server.segments.rules.sentence import sentence as said
from stammkunde.server.ui import figures
from stammkunde.server.ui.templatetags.ui import locale, share

State = Campaign.State


@needs(Right.SEE)
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """What it is, what it would do, or what came of it."""
    campaign = get_object_or_404(Campaign.objects.select_related("segment", "made_by", "approved_by"), pk=pk)
    return render(request, "campaigns/one.html", _told(campaign, staff(request), timezone.now()))


@needs(Right.SEE)
@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is: the part of the page that asks again."""
    campaign = get_object_or_404(Campaign, pk=pk)
    return render(request, "campaigns/_going.html", _going(campaign, timezone.now()))


def _told(campaign: Campaign, user: User, now: datetime) -> dict[str, Any]:
    rows = looking.rows(campaign, now=now)
    page = {
        "campaign": campaign,
        "audience": _audience(campaign),
        "texts": [(row, _subjects(row), _bar(row, rows)) for row in rows],
        "may_write": user.may(Right.MESSAGES),
        "may_send": user.may(Right.SEND),
        "another": approving.needs_another(campaign, user),
        "alone": user.pk in (campaign.made_by_id, campaign.changed_by_id),
        "not_ready": sending.ready(now) if campaign.open or campaign.state == State.SCHEDULED else "",
        "over": sending.over(campaign, now),
        "archive": campaign.public and campaign.started_at is not None,
    }
    if campaign.started_at is None:
        return page | _before(campaign, now)
    judged = [(each, sentence(each)) for each in looking.judged(campaign, now=now)]
    page |= {"judged": judged, "reasons": [(reason(code), number) for code, number in reasons(campaign)]}
    return page | _going(campaign, now)


def _before(campaign: Campaign, now: datetime) -> dict[str, Any]:
    """Whom it would reach, and who would be left out."""
    try:
        found = reach(campaign, now=now)
    except RuleError as error:
        return {"wrong": error.message}
    wrong = {each.pk: trying.findings(campaign, each) for each in campaign.variants.select_related("template")}
    return {"reach": found, "check": check(campaign, now=now), "findings": wrong} | _reach(found)


def _reach(found: Reach) -> dict[str, Any]:
    languages = {"de": _("German"), "en": _("English")}
    return {
        "bases": [(Basis(name).label, number) for name, number in found.bases.items()],
        "without": [(reason(code), number) for code, number in found.reasons.items()],
        "languages": [(languages.get(code, code), number) for code, number in found.languages.items()],
    }


def _going(campaign: Campaign, now: datetime) -> dict[str, Any]:
    """How many have an end, and how many are still to be put down."""
    whole = total({row.variant.key: row.result for row in looking.rows(campaign, now=now)})
    job = Job.objects.filter(kind=sending.PLAN, key=str(campaign.pk), state=Job.State.RUNNING).first()
    busy = campaign.state in (State.SCHEDULED, State.SENDING)
    return {"campaign": campaign, "whole": whole, "job": job, "busy": busy}


def _audience(campaign: Campaign) -> str:
    """Whom it is for, in words."""
    if campaign.segment is not None:
        return title(campaign.segment)
    node = _node(campaign)
    return said(node, segments=titles()) if node is not None else _("Everybody who may be written to")


def _node(campaign: Campaign) -> Node | None:
    try:
        return read(campaign.rule) if campaign.rule else None
    except RuleError:
        return None


def _subjects(row: looking.TextRow) -> list[tuple[str, Any]]:
    """The subjects of a text, as they are cut."""
    document = row.variant.version.document if row.variant.version else row.variant.template.draft
    own = document.get("subject") if isinstance(document, dict) else None
    subjects = (own if isinstance(own, dict) else {}) | row.variant.subjects
    before = document.get("preheader") if isinstance(document, dict) else None
    after = before if isinstance(before, dict) else {}
    return [(voice, cut(str(text), str(after.get(voice, "")))) for voice, text in sorted(subjects.items())]


def _bar(row: looking.TextRow, rows: list[looking.TextRow]) -> dict[str, str] | None:
    """A rate in words and as a bar; bars of one page have one scale."""
    if row.low is None or row.rate is None or row.high is None:
        return None
    most = max((each.high or 0.0) for each in rows)
    places = 1 if most >= 0.02 else 2
    number = locale().number
    ends = {"low": number(100 * row.low, places), "high": number(100 * row.high, places)}
    label = _("between %(low)s and %(high)s %%") % ends
    return {
        "picture": figures.interval(row.low, row.rate, row.high, label=label, most=most),
        "rate": share(row.rate) if most >= 0.2 else f"{number(100 * row.rate, places)} %",
        "between": label,
    }


# --- what is done with it ---------------------------------------------------------------------------------------------

Act = Callable[..., Any]


def _done(request: HttpRequest, pk: int, act: Act, told: Callable[[Any], str]) -> HttpResponse:
    """Do it, and say what came of it or why not."""
    try:
        found = act(get_object_or_404(Campaign, pk=pk), now=timezone.now(), by=staff(request))
        messages.success(request, told(found))
    except StammkundeError as error:
        messages.error(request, str(error))
    return redirect("newsletter", pk=pk)


@needs(Right.SEND)
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it go out as it stands."""

    def told(campaign: Campaign) -> str:
        alone = campaign.approved_by_id in (campaign.made_by_id, campaign.changed_by_id)
        if alone:
            return _("Approved by whoever wrote it, since nobody else may. Its mails are kept as they are now.")
        return _("Approved. Its mails are kept as they are now.")

    return _done(request, pk, approving.approve, told)


@needs(Right.SEND)
@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft again."""
    return _done(request, pk, approving.take_back, lambda _found: _("It is a draft again."))


@needs(Right.MESSAGES)
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send its texts to oneself."""

    def act(campaign: Campaign, *, now: datetime, by: User) -> int:
        return trying.send_test(campaign, language=get_language() or "en", now=now, by=by)

    to = staff(request).email
    return _done(request, pk, act, lambda _number: _("Sent to %(address)s.") % {"address": to})


@needs(Right.SEND)
@require_POST
def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Let it go out at its time, or now."""
    return _done(request, pk, sending.schedule, lambda _found: _("On its way. It can be stopped at any time."))


@needs(Right.SEND)
@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Call off what has not left."""
    return _done(request, pk, sending.stop, _called_off)


def _called_off(number: int) -> str:
    told = ngettext("Stopped. One mail was called off.", "Stopped. %(number)s mails were called off.", number)
    return told % {"number": locale().count(number)} if number != 1 else told


@needs(Right.SEND)
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with what was called off."""
    return _done(request, pk, sending.resume, lambda _number: _("It goes on. Nobody gets it twice."))
