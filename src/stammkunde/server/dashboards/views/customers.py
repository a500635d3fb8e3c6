"""Customers, and one customer."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.clv.models import Prediction
from stammkunde.server.clv.queries.profile import profile
from stammkunde.server.dashboards.actions.taking_out import take_out
from stammkunde.server.dashboards.models import Overview
from stammkunde.server.dashboards.queries import choosing
from stammkunde.server.dashboards.queries import customers as queries
from stammkunde.server.dashboards.queries.curve import curve
from stammkunde.server.dashboards.queries.finding import NEWEST, VALUE
from stammkunde.server.dashboards.queries.happening import KINDS, happened
from stammkunde.server.dashboards.queries.life import life
from stammkunde.server.dashboards.queries.shelves import Filter
from stammkunde.server.dashboards.queries.summing import summed
from stammkunde.server.journeys.queries.people import where
from stammkunde.server.mail.attention.holds import holding, word
from stammkunde.server.segments.models import CustomerFacts, State
from stammkunde.server.shop.actions import merge, unmerge
from stammkunde.server.shop.models import Customer, Merge
from stammkunde.server.shop.queries import customers as people


@needs(Right.SEE)
@require_GET
def customers(request: HttpRequest) -> HttpResponse:
    """Customers, found by what somebody types, filtered, sorted."""
    valued = Prediction.objects.exists()
    who, search = Filter.read(request.GET), _typed(request.GET)
    sort = _sort(request.GET, valued=valued)
    page = queries.customers(who=who, search=search, sort=sort, after=request.GET.get("after", ""))
    asked = {**({"search": search} if search else {}), **who.asked, "sort": sort}
    context: dict[str, object] = {"page": page, "search": search, "sort": sort, "valued": valued, "asked": asked}
    context |= {"address": _address(asked), "filtered": len(who.asked)}
    context |= {"stated": CustomerFacts.objects.exists(), "may_export": staff(request).may(Right.EXPORT)}
    if request.htmx and request.htmx.target != "main":  # type: ignore[attr-defined]  # set by its middleware
        return render(request, "dashboards/_customers.html", context)
    context |= {"any": bool(page.rows) or Customer.objects.exists(), "fields": choosing.fields(who)}
    context |= {"by_value": _address(asked | {"sort": VALUE}), "by_age": _address(asked | {"sort": NEWEST})}
    context["sorted_at"] = Overview.objects.order_by("-day").values_list("made_at", flat=True).first()
    return render(request, "dashboards/customers.html", context)


@needs(Right.EXPORT)
@require_POST
def export(request: HttpRequest) -> StreamingHttpResponse:
    """All customers of a list as CSV; the log says who took them out."""
    who, search = Filter.read(request.POST), _typed(request.POST)
    sort, now = _sort(request.POST, valued=True), timezone.now()
    lines = take_out(who, search=search, sort=sort, now=now, by=staff(request))
    name = f"customers-{now:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def _typed(asked: Mapping[str, str]) -> str:
    return asked.get("search", "").replace("\0", "")[:200]


def _sort(asked: Mapping[str, str], *, valued: bool) -> str:
    """By value where there are values, but for those who cannot have one."""
    if not valued or asked.get("state") == State.LEAD:
        return NEWEST
    return VALUE if asked.get("sort", VALUE) == VALUE else NEWEST


def _address(asked: Mapping[str, str]) -> str:
    return f"?{urlencode(asked)}"


@needs(Right.SEE)
@require_GET
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """One customer: who they are, what they bought, everything that happened."""
    found = get_object_or_404(Customer.objects.select_related("merged_into"), pk=pk)
    if found.merged_into is not None:
        return redirect("customer", found.merged_into.pk)
    before, kind = _moment(request.GET.get("before", "")), request.GET.get("kind", "")
    rows, older = happened(found, kind=kind, before=before)
    page: dict[str, object] = {"customer": found, "happened": rows, "older": older, "filters": KINDS, "kind": kind}
    if request.htmx and before is not None:  # type: ignore[attr-defined]  # set by its middleware
        return render(request, "dashboards/_timeline.html", page)
    if request.htmx and request.GET.get("part") == "timeline":  # type: ignore[attr-defined]  # as above
        return render(request, "dashboards/_happened.html", page)
    page |= {"may": staff(request).may(Right.CUSTOMERS), **_about(found, timezone.now())}
    return render(request, "dashboards/customer.html", page)


def _about(found: Customer, now: datetime) -> dict[str, object]:
    """Who this is and what they are worth."""
    told = profile(found, now=now)
    return {
        **told,
        "bought": queries.bought([found.pk]).get(found.pk, queries.Bought()),
        "identities": found.identities.order_by("kind", "pk"),
        "merges": found.merges.filter(undone_at=None).select_related("gone").order_by("-at"),
        "life": life(found.pk, today=told["today"]),
        "summed": summed(told["ledger"], told["prediction"]),
        "curve": curve(told["ledger"], told["prediction"]),
        "journeys": where(found, most=10),
        "holds": [(word(each.kind), each.until) for each in holding([found.pk], now=now).get(found.pk, ())],
    }


@needs(Right.CUSTOMERS)
@require_POST
def merge_with(request: HttpRequest, pk: int) -> HttpResponse:
    """This customer and another are one person."""
    kept = get_object_or_404(Customer, pk=pk, merged_into=None)
    other = request.POST.get("other", "").strip()
    found = list(people.found(other).exclude(pk=pk)[:2]) if other else []
    if len(found) != 1:
        messages.error(request, _("No other customer, or more than one, is meant by this. Type a whole address."))
        return redirect("customer", pk)
    merge(kept, found[0], reason=request.POST.get("reason", "")[:300], now=timezone.now(), by=staff(request))
    messages.success(request, _("Now one. It can be taken back on this page."))
    return redirect("customer", pk)


@needs(Right.CUSTOMERS)
@require_POST
def take_back(request: HttpRequest, pk: int, merged: int) -> HttpResponse:
    """They were two after all."""
    found = get_object_or_404(Merge, pk=merged, kept=pk)
    try:
        unmerge(found, now=timezone.now(), by=staff(request))
    except ValueError:
        messages.error(request, _("This was taken back before."))
    return redirect("customer", pk)


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        return None
    # At either end of the calendar a moment has no time in another zone.
    return found if found is not None and timezone.is_aware(found) and 1 < found.year < 9999 else None
