"""The Start page."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.dashboards.actions.putting_off import put_off, show_again
from stammkunde.server.dashboards.queries.start import start as told


@needs(Right.SEE)
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """What is good, what is bad, what to do."""
    today = timezone.localdate(timezone=ZoneInfo(settings.SHOP_ZONE))
    page = {"start": told(today=today), "may": staff(request).may(Right.CUSTOMERS)}
    return render(request, "dashboards/start.html", page)


@needs(Right.CUSTOMERS)
@require_POST
def later(request: HttpRequest, card: str) -> HttpResponse:
    """Not now."""
    try:
        put_off(card, now=timezone.now(), by=staff(request))
    except ValueError as error:
        raise Http404 from error
    return redirect("/#do")


@needs(Right.CUSTOMERS)
@require_POST
def again(request: HttpRequest, card: str) -> HttpResponse:
    """Now, after all."""
    show_again(card, now=timezone.now(), by=staff(request))
    return redirect("/#do")
