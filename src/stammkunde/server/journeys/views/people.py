"""People on journeys: who stands where, why somebody got something or did not, and mending it."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stammkunde.errors import StammkundeError
from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.consent.queries.standing import found as found_by
from stammkunde.server.journeys.actions import moving, repairing
from stammkunde.server.journeys.definitions.reading import read
from stammkunde.server.journeys.models import Enrolment, Journey, JourneyVersion
from stammkunde.server.journeys.pictures import told
from stammkunde.server.journeys.queries.people import Position, where
from stammkunde.server.journeys.queries.standing import page
from stammkunde.server.journeys.queries.why import left_because, outcome, why
from stammkunde.server.lib.requests import row_number
from stammkunde.server.mail.models import Template
from stammkunde.server.shop.models import Customer


@needs(Right.SEE)
@require_GET
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is on a journey: of one step or state, or found by address."""
    journey = get_object_or_404(Journey, pk=pk)
    step, state = request.GET.get("step", ""), request.GET.get("state", "")
    search = request.GET.get("search", "").replace("\0", "").strip()[:200]
    if search:
        customers = found_by(search, most=2)
        if len(customers) == 1:
            return redirect("journey-why", pk, customers[0].pk)
        messages.error(request, _("Nobody, or more than one, is meant by this. Type a whole address."))
    shown = page(journey, step=step, state=state, after=row_number(request.GET.get("after", "")))
    for each in shown.rows:
        each.reason = left_because(each.reason) if each.reason else ""
    context = {"journey": journey, "page": shown, "step": step, "state": state, "states": Enrolment.State.choices}
    context["steps"] = sorted(
        {step.id for version in journey.versions.all() for step in read(version.definition).steps}
    )
    return render(request, "journeys/people.html", context)


@needs(Right.SEE)
@require_GET
def explain(request: HttpRequest, pk: int, customer: int) -> HttpResponse:
    """Why a customer got the mails of a journey, or did not; where they stand."""
    journey, who = get_object_or_404(Journey, pk=pk), get_object_or_404(Customer, pk=customer)
    positions = where(who, journey=pk)
    context = {
        "journey": journey,
        "customer": who,
        "why": why(who, journey, now=timezone.now()),
        "positions": [(each, *_told(each)) for each in positions],
        "may": staff(request).may(Right.SEND),
    }
    return render(request, "journeys/why.html", context)


def _told(position: Position) -> tuple[list[str], list[tuple[datetime, str, str]]]:
    """The steps there are, and what became of those that were taken, in words."""
    steps = {each.id: each for each in read(position.enrolment.version.definition).steps}
    mails = dict(Template.objects.values_list("key", "name"))
    return list(steps), [
        (each.at, told(steps[each.step], mails) if each.step in steps else each.step, outcome(each.outcome))
        for each in position.traces
    ]


def _steps(version: JourneyVersion) -> list[str]:
    return [each.id for each in read(version.definition).steps]


@needs(Right.SEND)
@require_POST
def repair(request: HttpRequest, pk: int) -> HttpResponse:
    """Put somebody on a step, or let them go no further."""
    found = get_object_or_404(Enrolment, pk=pk)
    try:
        if request.POST.get("do") == "end":
            repairing.end(found, now=timezone.now(), by=staff(request))
        else:
            repairing.put(found, request.POST.get("step", ""), now=timezone.now(), by=staff(request))
    except StammkundeError as error:
        messages.error(request, str(error))
    return redirect("journey-why", found.journey_id, found.customer_id)


@needs(Right.SEND)
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, pk: int, version: int) -> HttpResponse:
    """Move those who are on an earlier version to the one people enter: shown first, done on request."""
    journey = get_object_or_404(Journey.objects.select_related("live"), pk=pk)
    old, new = get_object_or_404(JourneyVersion, pk=version, journey=pk), journey.live
    if new is None or new.pk == old.pk:
        return redirect("journey", pk)
    steps = _steps(new)
    asked = request.POST if request.method == "POST" else request.GET
    chosen = {name.removeprefix("to."): str(to) for name, to in asked.items() if name.startswith("to.") and to}
    try:
        planned = moving.preview_move(old, new, chosen)
        if request.method == "POST":
            number = moving.move(old, new, chosen, now=timezone.now(), by=staff(request))
            messages.success(request, _("Moved: %(number)s.") % {"number": number})
            return redirect("journey", pk)
    except StammkundeError as error:
        messages.error(request, str(error))
        planned = moving.preview_move(old, new, {})
    context = {"journey": journey, "old": old, "new": new, "planned": planned, "steps": steps, "chosen": chosen}
    return render(request, "journeys/move.html", context)
