"""Journeys for staff: the list, one with its counts, the page on which it is written, and switching it."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stammkunde.errors import StammkundeError
from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.journeys.actions import editing, publishing, repairing
from stammkunde.server.journeys.definitions.language import END
from stammkunde.server.journeys.definitions.reading import read
from stammkunde.server.journeys.definitions.values import DefinitionError
from stammkunde.server.journeys.forms.editing import definition, sheet, words
from stammkunde.server.journeys.forms.slots import Choices
from stammkunde.server.journeys.models import Enrolment, Journey
from stammkunde.server.journeys.pictures import picture
from stammkunde.server.journeys.queries.counts import counts, summaries
from stammkunde.server.journeys.queries.stations import stations
from stammkunde.server.journeys.queries.why import left_because
from stammkunde.server.journeys.words import ending, often, own, trigger
from stammkunde.server.mail.models import Template
from stammkunde.server.offers.models import Pool
from stammkunde.server.segments.models import Segment

LATELY = timedelta(days=30)
STUCK = 20  # people of whom the page shows that they are stuck


@needs(Right.SEE)
@require_GET
def journeys(request: HttpRequest) -> HttpResponse:
    """All of them, those that are on first."""
    counted, rows = summaries(), list(Journey.objects.select_related("live").order_by("name", "pk"))
    rows.sort(key=lambda each: each.state == Journey.State.OFF)
    shown = [(each, trigger(read(each.draft).trigger), counted.get(each.pk, {})) for each in rows]
    return render(request, "journeys/journeys.html", {"rows": shown, "may": staff(request).may(Right.MESSAGES)})


@needs(Right.SEE)
@require_GET
def journey(request: HttpRequest, pk: int) -> HttpResponse:
    """One journey: what it does, how many are where, and what is to do about it."""
    found = get_object_or_404(Journey.objects.select_related("live"), pk=pk)
    version = found.live
    told = read(version.definition if version else found.draft)
    counted = counts(found)
    context = {
        "journey": found,
        "version": version,
        "definition": told,
        "trigger": trigger(told.trigger),
        "often": often(told),
        "about": own(told.about),
        "ends": [ending(each) for each in told.exits],
        "counts": counted,
        "left": [(left_because(reason), number) for reason, number in counted.left.items()],
        "stations": stations(told, counted, mails=_mails()),
        "drawing": picture(told, mails=_mails()),
        "stuck": [(each, left_because(each.reason)) for each in _stuck(found)],
        "versions": _versions(found),
        "changed": _changed(found),
        "may_send": staff(request).may(Right.SEND),
        "may": staff(request).may(Right.MESSAGES),
    }
    return render(request, "journeys/journey.html", context)


def _stuck(journey: Journey) -> Any:
    return Enrolment.objects.filter(journey=journey, state="stuck").select_related("customer")[:STUCK]


def _mails() -> dict[str, str]:
    return dict(Template.objects.values_list("key", "name"))


def _versions(journey: Journey) -> list[tuple[Any, int]]:
    """Earlier versions on which somebody still is."""
    rows = journey.versions.exclude(pk=journey.live_id or 0).order_by("-number")
    counted = [(each, Enrolment.objects.filter(version=each, state="active").count()) for each in rows]
    return [(each, number) for each, number in counted if number]


def _changed(journey: Journey) -> bool:
    """Whether the draft says something else than what people enter."""
    return journey.live is not None and journey.live.definition != journey.draft


@needs(Right.MESSAGES)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a journey: what is typed is kept as soon as nothing is wrong with it."""
    found = get_object_or_404(Journey, pk=pk)
    typed, fault, opened = dict(found.draft), None, None
    if request.method == "POST":
        typed = definition(found.draft, _posted(request))
        opened = len(typed["steps"]) - 1 if typed["steps"] and _pressed(request).startswith("add:") else None
        fault = _kept(found, typed, request)
    found.refresh_from_db()
    told = f"{fault.message} {fault.advice}" if fault else ""
    shown = sheet(typed, _choices(typed), error=told, where=fault.path if fault else "")
    page = {"journey": found, "sheet": shown, "last": len(shown.cards) - 1, "opened": opened}
    page["drawing"] = picture(read(found.draft), mails=_mails())
    part = request.htmx  # type: ignore[attr-defined]  # set by its middleware
    return render(request, "journeys/_editor.html" if part else "journeys/edit.html", page)


def _pressed(request: HttpRequest) -> str:
    do = request.POST.get("do", "save")
    return f"add:{request.POST.get('kind', '')}" if do == "add" else do


def _posted(request: HttpRequest) -> Any:
    posted = request.POST.copy()
    posted["do"] = _pressed(request)
    return posted


def _kept(journey: Journey, typed: dict[str, Any], request: HttpRequest) -> DefinitionError | None:
    try:
        editing.save_draft(journey, typed, now=timezone.now(), by=staff(request))
    except DefinitionError as error:
        return error
    except StammkundeError as error:
        messages.error(request, str(error))
    return None


def _choices(typed: dict[str, Any]) -> Choices:
    segments = Segment.objects.filter(kind=Segment.Kind.AUDIENCE).order_by("name").values_list("pk", "name")
    steps = [(str(each.get("id", "")), str(each.get("id", ""))) for each in typed.get("steps", ())]
    return Choices(
        mails=[("", "–"), *Template.objects.filter(retired_at=None).order_by("name").values_list("key", "name")],
        pools=[("", "–"), *Pool.objects.order_by("name").values_list("key", "name")],
        segments=[("", "–"), *((str(pk), name) for pk, name in segments)],
        words=[("", "–"), *words()],
        targets=[("", "–"), *steps, (END, _("the end"))],
    )


@needs(Right.MESSAGES)
@require_POST
def new(request: HttpRequest) -> HttpResponse:
    """Begin a journey with a wait, to be shaped."""
    name = request.POST.get("name", "").strip()[:160] or _("New journey")
    begun = {
        "format": 1,
        "key": editing.free("journey"),
        "name": {"en": name, "de": name},
        "trigger": {"on": "delivered"},
        "per": "order",
        "exit": ["returned"],
        "steps": [{"id": "wait1", "do": "wait", "for": "3d"}],
    }
    made = editing.create(begun, now=timezone.now(), by=staff(request))
    return redirect("journey-edit", made.pk)


@needs(Right.SEND)
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Make what is written the version that people enter."""
    found = get_object_or_404(Journey, pk=pk)
    try:
        made = publishing.publish(found, now=timezone.now(), by=staff(request))
    except StammkundeError as error:
        messages.error(request, str(error))
    else:
        told = {"number": made.number}
        messages.success(request, _("Version %(number)s. Who enters from now on gets it.") % told)
    return redirect("journey", pk)


@needs(Right.SEND)
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """On, closed for new people, or off."""
    found, state = get_object_or_404(Journey, pk=pk), request.POST.get("state", "")
    if state not in Journey.State.values:
        raise Http404
    try:
        editing.switch(found, state, now=timezone.now(), by=staff(request))
    except StammkundeError as error:
        messages.error(request, str(error))
    return redirect("journey", pk)


@needs(Right.MESSAGES)
@require_POST
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A journey like another, off."""
    made = editing.copy(get_object_or_404(Journey, pk=pk), now=timezone.now(), by=staff(request))
    return redirect("journey-edit", made.pk)


@needs(Right.SEE)
@require_GET
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The journey as a file."""
    del request
    found = get_object_or_404(Journey, pk=pk)
    headers = {"Content-Disposition": f'attachment; filename="{found.key}.yaml"'}
    return HttpResponse(editing.export(found), content_type="application/yaml; charset=utf-8", headers=headers)


@needs(Right.MESSAGES)
@require_POST
def bring(request: HttpRequest) -> HttpResponse:
    """Take a journey in from a file."""
    given = request.FILES.get("file")
    try:
        text = given.read(2_000_000).decode() if given is not None else ""
        made = editing.import_file(text, now=timezone.now(), by=staff(request))
    except (StammkundeError, UnicodeDecodeError) as error:
        messages.error(request, str(error))
        return redirect("journeys")
    return redirect("journey", made.journey.pk)


@needs(Right.SEND)
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try all who are stuck again."""
    number = repairing.retry(get_object_or_404(Journey, pk=pk), now=timezone.now(), by=staff(request))
    messages.success(request, _("Tried again: %(number)s.") % {"number": number})
    return redirect("journey", pk)
