"""The Value page, the costs page, and a customer's ledger."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.clv import actions
from stammkunde.server.clv.forms import BookingForm, RatesForm, SpendForm
from stammkunde.server.clv.models import Rates, Run, Spend
from stammkunde.server.clv.queries import acquisition, runs, value
from stammkunde.server.clv.queries.effect import effect
from stammkunde.server.clv.queries.kinds import DIMENSIONS
from stammkunde.server.clv.queries.profile import profile
from stammkunde.server.clv.queries.rates import latest
from stammkunde.server.lib.models import Job
from stammkunde.server.shop.models import Customer, Order

BUSY = (Job.State.WAITING, Job.State.RUNNING)


@needs(Right.SEE)
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What all customers are worth, how that is spread, and how far to trust it."""
    run, job = runs.current(), value.job()
    context: dict[str, object] = {"run": run, "job": job, "busy": job is not None and job.state in BUSY}
    context |= {"may": staff(request).may(Right.VALUE), "orders": Order.objects.exists()}
    if run is not None:
        context |= _about(run, by=request.GET.get("by", ""))
    return render(request, "clv/value.html", context)


def _about(run: Run, *, by: str) -> dict[str, object]:
    dimension, language = by if by in DIMENSIONS else value.telling(run), get_language() or "en"
    series, pictures = runs.series(run), value.pictures(run, language)
    return {
        "pictures": pictures,
        "curve": pictures.get("cohort-value"),
        "second": pictures.get("second-order"),
        "series": [each.predicted for each in series if each.predicted is not None],
        "earlier": runs.before(run),
        "by": dimension,
        "dimensions": DIMENSIONS,
        "word_by": DIMENSIONS[dimension],
        "groups": value.groups(run, dimension),
        "channels": acquisition.channels(run),
        "what_if": value.what_if(run),
        "completeness": value.completeness(run),
        "cohorts": value.cohorts(run, language),
        "notices": value.notices(run, language),
        "tested": value.tested(run),
    }


@needs(Right.SEE)
@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """How far the run is; the page is fetched anew when it is done."""
    job = value.job()
    busy = job is not None and job.state in BUSY
    response = render(request, "clv/_progress.html", {"job": job, "busy": busy})
    if not busy:
        response["HX-Refresh"] = "true"
    return response


@needs(Right.VALUE)
@require_POST
def compute(request: HttpRequest) -> HttpResponse:
    """Compute now."""
    actions.ask(now=timezone.now(), by=staff(request))
    return redirect("value")


# --- costs ------------------------------------------------------------------------------------------------------------


@needs(Right.SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def costs(request: HttpRequest) -> HttpResponse:
    """The rates that hold, the form for new ones, and what they would change."""
    may, now = staff(request).may(Right.VALUE), timezone.now()
    form = RatesForm(request.POST or None, initial=dict(_beginning(now)))
    if request.method == "POST" and not may:
        return HttpResponse(status=403)
    if request.method == "POST" and form.is_valid() and "look" not in request.POST:
        day = form.cleaned_data["valid_from"]
        actions.save_rates(valid_from=day, values=form.values, now=now, by=staff(request))
        messages.success(request, _("The rates are saved. The next run counts with them."))
        return redirect("value-costs")
    context = {"form": form, "may": may, "rates": Rates.objects.order_by("-valid_from"), "spending": SpendForm()}
    context |= {"spent": Spend.objects.order_by("-month", "channel")[:120], "run": runs.current()}
    if request.method == "POST" and form.is_valid():
        context["effect"] = _effect(form, now)
    return render(request, "clv/costs.html", context, status=400 if form.errors else 200)


@needs(Right.VALUE)
@require_POST
def costs_effect(request: HttpRequest) -> HttpResponse:
    """What the typed rates would change; nothing is saved."""
    form = RatesForm(request.POST)
    found = _effect(form, timezone.now()) if form.is_valid() else None
    return render(request, "clv/_effect.html", {"effect": found, "form": form})


def _effect(form: RatesForm, now: datetime) -> object:
    run = runs.current()
    until = run.until if run else _today(now)
    return effect(form.cleaned_data["valid_from"], form.costs, until=until)


def _beginning(now: datetime) -> dict[str, object]:
    row = latest()
    first = Order.objects.order_by("day").values_list("day", flat=True).first()
    return dict(RatesForm.shown(row, valid_from=_today(now) if row or first is None else first))


def _today(now: datetime) -> date:
    return now.astimezone(ZoneInfo(settings.SHOP_ZONE)).date()


@needs(Right.VALUE)
@require_POST
def remove_rates(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a row of rates back."""
    actions.remove_rates(get_object_or_404(Rates, pk=pk), now=timezone.now(), by=staff(request))
    messages.success(request, _("The rates are removed."))
    return redirect("value-costs")


@needs(Right.VALUE)
@require_POST
def spend(request: HttpRequest) -> HttpResponse:
    """Note what was spent on winning customers."""
    form = SpendForm(request.POST)
    if form.is_valid():
        c = form.cleaned_data
        actions.spend(channel=c["channel"], month=c["month"], amount=form.minor, now=timezone.now(), by=staff(request))
        messages.success(request, _("The spending is saved."))
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("value-costs")


# --- one customer -----------------------------------------------------------------------------------------------------


@needs(Right.SEE)
@require_GET
def ledger(request: HttpRequest, pk: int) -> HttpResponse:
    """A customer's lines up to any past day."""
    customer = get_object_or_404(Customer, pk=pk)
    context = profile(customer, now=timezone.now(), until=_day(request.GET.get("until", "")))
    context |= {"form": BookingForm(initial={"day": context["today"]}), "may_book": staff(request).may(Right.CUSTOMERS)}
    only = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]  # set by its middleware
    return render(request, "clv/_ledger.html" if only else "clv/customer.html", context)


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:  # 31 February
        return None


@needs(Right.CUSTOMERS)
@require_POST
def book(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a line into a customer's ledger."""
    customer, form = get_object_or_404(Customer, pk=pk), BookingForm(request.POST)
    if form.is_valid():
        c = form.cleaned_data
        actions.book(
            customer, day=c["day"], kind=c["kind"], amount=form.minor, minutes=c["minutes"], text=c["text"],
            now=timezone.now(), by=staff(request),
        )  # fmt: skip
        messages.success(request, _("The line is in the ledger."))
        return redirect("value-ledger", pk)
    context = profile(customer, now=timezone.now()) | {"form": form, "may_book": True}
    return render(request, "clv/customer.html", context, status=400)
