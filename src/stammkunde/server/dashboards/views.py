"""Pages that combine rooms: start, customers, one customer."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.clv.models import Prediction
from stammkunde.server.clv.queries import runs
from stammkunde.server.clv.queries.profile import profile
from stammkunde.server.dashboards import queries
from stammkunde.server.shop.actions import merge, unmerge
from stammkunde.server.shop.models import Customer, Merge, Order
from stammkunde.server.shop.queries import customers as people
from stammkunde.server.shop.queries.timeline import PAGE, timeline


@needs(Right.SEE)
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """What is good, what is bad, what to do."""
    page = {"known": Order.objects.exists(), **queries.start(runs.current())}
    return render(request, "dashboards/start.html", page)


@needs(Right.SEE)
@require_GET
def customers(request: HttpRequest) -> HttpResponse:
    """Customers, found by what somebody types."""
    valued = Prediction.objects.exists()
    search, sort = request.GET.get("search", "")[:200], request.GET.get("sort", "value" if valued else "")
    found = queries.customers(search=search, sort=sort, after=request.GET.get("after", ""))
    page = {"page": found, "search": search, "sort": sort, "any": Customer.objects.exists(), "valued": valued}
    only_rows = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]  # set by its middleware
    return render(request, "dashboards/_customers.html" if only_rows else "dashboards/customers.html", page)


@needs(Right.SEE)
@require_GET
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """One customer: who they are, what they bought, everything that happened."""
    found = get_object_or_404(Customer.objects.select_related("merged_into"), pk=pk)
    if found.merged_into is not None:
        return redirect("customer", found.merged_into.pk)
    before = _moment(request.GET.get("before", ""))
    happened = timeline(found, before=before)
    page = {
        "customer": found,
        "bought": queries.bought([pk]).get(pk, queries.Bought()),
        "identities": found.identities.order_by("kind", "pk"),
        "merges": found.merges.filter(undone_at=None).select_related("gone").order_by("-at"),
        "happened": happened,
        "older": happened[-1].at.isoformat() if len(happened) == PAGE else "",
        "may": staff(request).may(Right.CUSTOMERS),
    }
    page |= profile(found, now=timezone.now()) if before is None else {}
    only_rows = request.htmx and before is not None  # type: ignore[attr-defined]  # set by its middleware
    return render(request, "dashboards/_timeline.html" if only_rows else "dashboards/customer.html", page)


@needs(Right.CUSTOMERS)
@require_POST
def merge_with(request: HttpRequest, pk: int) -> HttpResponse:
    """This customer and another are one person."""
    kept = get_object_or_404(Customer, pk=pk)
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
    return found if found is not None and timezone.is_aware(found) else None
