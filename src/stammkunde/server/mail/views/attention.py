"""Reports on customers' attention, for staff."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from stammkunde.server.accounts.gate import needs
from stammkunde.server.accounts.roles import Right
from stammkunde.server.consent.purposes import Purpose
from stammkunde.server.lib.requests import row_number
from stammkunde.server.mail.models import Sender
from stammkunde.server.mail.queries import attention
from stammkunde.server.mail.words import reason, trouble

SHOWN = ("silence", "over", "worst", "lost")
DAYS = (30, 60, 90, 180, 365)


@needs(Right.SEE)
@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    """Who hears nothing, who got too much, who is served worst, what lost to what: one at a time."""
    show = request.GET.get("show", "")
    show = show if show in SHOWN else SHOWN[0]
    days = row_number(request.GET.get("days", "")) or 90
    days = days if days in DAYS else 90
    after, now = request.GET.get("after", ""), timezone.now()
    page: dict[str, Any] = {"show": show, "days": days, "choices": DAYS, "sender": Sender.now()}
    if show == "silence":
        page["found"] = attention.silence(now=now, days=days, after=after)
    elif show == "over":
        page["found"] = attention.over_cap(now=now, after=after)
    elif show == "worst":
        page["found"] = found = attention.worst_served(now=now, after=after)
        page["rows"] = [(each, [(trouble(one.kind), one) for one in each.troubles]) for each in found.rows]
    else:
        page |= _lost(attention.losses(now=now))
    asked = {"show": show} | ({"days": days} if show == "silence" else {})
    on = getattr(page.get("found"), "after", "")
    page["next"] = f"?{urlencode(asked | {'after': on})}" if on else ""
    page["first"] = f"?{urlencode(asked)}" if after else ""
    return render(request, "mail/attention.html", page)


def _lost(told: list[attention.Loss]) -> dict[str, Any]:
    table = attention.matrix(told)
    rules = [(_name(each.purpose), reason(each.reason), each) for each in told if not each.winner]
    rows = [(_name(loser), cells) for loser, cells in table.rows]
    return {"winners": [_name(each) for each in table.winners], "rows": rows, "rules": rules, "told": told}


def _name(purpose: str) -> str:
    return str(Purpose(purpose).label) if purpose in Purpose.values else purpose
