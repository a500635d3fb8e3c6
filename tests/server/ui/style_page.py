"""Every component on one page, with the longest of everything: for the tests of this room alone."""

from datetime import UTC, datetime
from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.urls import include, path

from clv.report.example import report
from stammkunde.clv.report.figures import lorenz_curve, retention_map
from stammkunde.server.ui import figures
from stammkunde.server.ui.templatetags.ui import money

NAME = "Maximiliane-Alexandra von Hohenzollern-Sigmaringen-Oberhausen"  # 61 characters
MAIL = "maximiliane-alexandra.von.hohenzollern@versand-und-mehr.example"
WHEN = datetime(2026, 2, 27, 14, 5, tzinfo=UTC)
PEOPLE = (
    {"name": NAME, "mail": MAIL, "orders": 1234, "revenue": 123_456_789, "low": -2_000, "mid": 61_000, "high": 140_000},
    {
        "name": "Anna",
        "mail": "anna@example.com",
        "orders": 41,
        "revenue": 210_050,
        "low": 38_00,
        "mid": 49_00,
        "high": 610_00,
    },
    {"name": "Ben", "mail": "", "orders": 3, "revenue": 9_990, "low": 0, "mid": 200, "high": 1_200},
    {"name": "Deniz", "mail": "", "orders": 1, "revenue": 0, "low": None, "mid": None, "high": None},
)


def page(request: HttpRequest) -> HttpResponse:
    """All of it."""
    messages.success(request, "Merged. It can be taken back on this page.")
    messages.error(request, "No other customer is meant by this.")
    data, words = report(150), figures.words("EUR")
    assert data.concentration
    assert data.cohorts
    values = {
        "name": NAME,
        "mail": MAIL,
        "people": PEOPLE,
        "when": WHEN,
        "amount": money(421_000_00),
        "history": [3, 4, 4, 6, 5, None, 7, 8, 8, 11, 10, 13],
        "curve": lorenz_curve(data.concentration, words),
        "map": retention_map(data.cohorts, words),
    }
    text = Path(__file__).with_name("style_page.html").read_text(encoding="utf-8")
    return HttpResponse(engines["django"].from_string(text).render(values, request))


def poll(request: HttpRequest, number: int = 0) -> HttpResponse:
    """How far the work of the page is: always as far."""
    text = "The file is being looked at." if number else "The orders are being taken in."
    far = {} if number else {"done": 400, "total": 1000, "unit": "rows"}
    about = {"id": "work-2" if number else "work", "address": request.path, "text": text, "busy": True, **far}
    return render(request, "ui/_progress.html", about)


urlpatterns = [
    path("style/", page),
    path("poll/", poll),
    path("poll/<int:number>/", poll),
    path("", include("stammkunde.server.urls")),
]
