"""Newsletters are written: one calm form; a row more, or the look of a subject, by a button or while somebody types."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.campaigns.actions import writing
from stammkunde.server.campaigns.actions.writing import MOST_VARIANTS, RefusedError
from stammkunde.server.campaigns.forms import AT_ONCE, CampaignForm, Texts, texts_of
from stammkunde.server.campaigns.models import Campaign
from stammkunde.server.campaigns.subjects import cut


@needs(Right.MESSAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new newsletter."""
    return _edited(request, None)


@needs(Right.MESSAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one that is not on its way yet."""
    campaign = get_object_or_404(Campaign, pk=pk)
    if not campaign.open:
        messages.error(request, _("It is on its way or over: make a copy of it, and change that."))
        return redirect("newsletter", pk=campaign.pk)
    return _edited(request, campaign)


def _edited(request: HttpRequest, campaign: Campaign | None) -> HttpResponse:
    if request.method != "POST":
        first = CampaignForm.of(campaign) if campaign else {"when": AT_ONCE, "purpose": "newsletter"}
        begun = texts_of(campaign) if campaign else []
        return _page(request, campaign, CampaignForm(initial=first), Texts(initial=begun or None, prefix="t"))
    data = request.POST.copy()
    asked = data.get("do", "")
    if asked == "more":
        rows = data.get("t-TOTAL_FORMS", "1")
        data["t-TOTAL_FORMS"] = str(min(int(rows) + 1 if rows.isdecimal() and len(rows) < 3 else 1, MOST_VARIANTS))
    form, texts = CampaignForm(data), Texts(data, prefix="t")
    if asked not in ("more", "look") and form.is_valid() and texts.is_valid():
        saved = _saved(request, campaign, form, texts)
        if saved is not None:
            return redirect("newsletter", pk=saved.pk)
    elif asked in ("more", "look"):  # nothing is complained of while somebody is still writing
        form = CampaignForm(initial={name: data.get(name) for name in form.fields})
    return _page(request, campaign, form, texts, cuts=asked == "look")


def _saved(request: HttpRequest, campaign: Campaign | None, form: CampaignForm, texts: Any) -> Campaign | None:
    rows = [text for each in texts if (text := each.text()) is not None]
    now, by = timezone.now(), staff(request)
    try:
        if campaign is None:
            return writing.make(form.wanted(), rows, now=now, by=by)
        return writing.change(campaign, form.wanted(campaign.rule), rows, now=now, by=by)
    except RefusedError as error:
        form.add_error(None, str(error))
        return None


def _page(
    request: HttpRequest, campaign: Campaign | None, form: CampaignForm, texts: Any, *, cuts: bool = True
) -> HttpResponse:
    rows = [
        (each, [(name, cut(str(each[name].value() or ""))) for name in ("subject_de", "subject_en")]) for each in texts
    ]
    page = {
        "campaign": campaign,
        "form": form,
        "texts": texts,
        "rows": rows,
        "cuts": cuts,
        "more": texts.total_form_count() < MOST_VARIANTS,
        "rule": campaign is not None and bool(campaign.rule),
    }
    return render(request, "campaigns/edit.html", page)


@needs(Right.MESSAGES)
@require_POST
def subject(request: HttpRequest) -> HttpResponse:
    """How a subject that is being typed is cut."""
    typed = next((request.POST[name] for name in request.POST if "subject" in name), "")[:500]
    return render(request, "campaigns/_cut.html", {"cut": cut(typed), "typed": typed})


@needs(Right.MESSAGES)
@require_POST
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft like it."""
    made = writing.copy(get_object_or_404(Campaign, pk=pk), now=timezone.now(), by=staff(request))
    messages.success(request, _("A copy: nothing of it has gone out."))
    return redirect("newsletter-edit", pk=made.pk)


@needs(Right.MESSAGES)
@require_POST
def throw_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete what never went out."""
    try:
        writing.throw_away(get_object_or_404(Campaign, pk=pk), now=timezone.now(), by=staff(request))
    except RefusedError as error:
        messages.error(request, str(error))
        return redirect("newsletter", pk=pk)
    return redirect("newsletters")
