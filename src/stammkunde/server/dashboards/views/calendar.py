"""The calendar of mail."""

from datetime import date
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from stammkunde.server.accounts.gate import needs
from stammkunde.server.accounts.roles import Right
from stammkunde.server.dashboards.queries.calendar import month


@needs(Right.SEE)
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """A month: what goes out when."""
    today = timezone.now().astimezone(ZoneInfo(settings.SHOP_ZONE)).date()
    return render(request, "dashboards/calendar.html", {"month": month(_first(request, today), today=today)})


def _first(request: HttpRequest, today: date) -> date:
    """The month that is asked for, as 2026-03; else the one it is."""
    try:
        asked = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        asked = today
    return asked.replace(day=1) if 1990 < asked.year < 2200 else today.replace(day=1)
