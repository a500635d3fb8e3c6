"""The Start page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from stammkunde.server.accounts.gate import needs
from stammkunde.server.accounts.roles import Right
from stammkunde.server.dashboards.queries.start import start as told


@needs(Right.SEE)
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """What is good, what is bad, what to do."""
    return render(request, "dashboards/start.html", {"start": told()})
