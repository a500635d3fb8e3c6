"""A journey tried on the shop's own past."""

from datetime import datetime, time, timedelta

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.journeys.actions import simulating
from stammkunde.server.journeys.models import Journey, Simulation
from stammkunde.server.journeys.weeks import drawn
from stammkunde.server.lib.local_time import resolve, zone_of
from stammkunde.server.lib.models import Job
from stammkunde.server.mail.words import reason

YEAR = timedelta(days=365)


class Span(forms.Form):
    """From when until when."""

    begin = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label=_("Until"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, object]:
        """The beginning comes first."""
        found = super().clean() or {}
        begin, end = found.get("begin"), found.get("end")
        if begin and end and begin >= end:
            raise forms.ValidationError(_("It would end before it begins."))
        return found


@needs(Right.SEE)
@require_http_methods(["GET", "POST"])
def simulation(request: HttpRequest, pk: int) -> HttpResponse:
    """What it would have done: asked, being lived through, answered."""
    journey, now = get_object_or_404(Journey, pk=pk), timezone.now()
    usual = {"begin": (now - YEAR).date(), "end": now.date()}
    form = Span(request.POST) if request.method == "POST" else Span(initial=usual)
    if request.method == "POST" and form.is_valid():
        begin, end = _moment(form.cleaned_data["begin"]), min(_moment(form.cleaned_data["end"]), now)
        simulating.ask(journey, begin=begin, end=end, now=now, by=staff(request))
        return redirect("journey-simulate", pk)
    latest = Simulation.objects.filter(journey=journey).order_by("-pk").first()
    page = {"journey": journey, "form": form, "asked": latest, **_work(latest), **_found(latest)}
    part = request.htmx and request.htmx.target == "work"  # type: ignore[attr-defined]  # set by its middleware
    if part and page["busy"]:
        return render(request, "ui/_progress.html", page)
    if part:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "journeys/simulate.html", page)


def _moment(day: object) -> datetime:
    return resolve(day, time(0), zone_of(settings.SHOP_ZONE))  # type: ignore[arg-type]  # a date, as the form saw to


def _work(asked: Simulation | None) -> dict[str, object]:
    """How far it is."""
    if asked is None or asked.done_at is not None:
        return {"busy": False}
    job = Job.objects.filter(kind=simulating.JOB, key=f"simulation:{asked.pk}").order_by("-pk").first()
    failed = job is None or job.state == Job.State.FAILED
    done, total = (job.done, job.total) if job else (0, None)
    return {"busy": not failed, "failed": job.error if job and failed else "", "done": done, "total": total}


def _found(asked: Simulation | None) -> dict[str, object]:
    if asked is None or asked.found is None:
        return {}
    flows = asked.found["flows"]
    own = next(each for each in flows if each["draft"])
    told = sorted(own["reasons"].items(), key=lambda item: -item[1])
    return {
        "own": own,
        "others": [each for each in flows if not each["draft"]],
        "not_sent": [(reason(code), number) for code, number in told],
        "on_top": sum(own["on_top_of"].values()),
        "customers": asked.found["customers"],
        "weeks": drawn(asked.found["weeks"]),
        "table": asked.found["weeks"],
    }
