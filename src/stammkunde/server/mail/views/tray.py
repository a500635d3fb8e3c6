"""Mail that came back and that somebody has to look at: replies, and what nobody could read or vouch for."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.lib.requests import row_number
from stammkunde.server.mail.actions import clearing
from stammkunde.server.mail.incoming.mime import LARGEST, decoded
from stammkunde.server.mail.models import Arrival, Send
from stammkunde.server.mail.queries import signals
from stammkunde.server.mail.words_of_arrivals import kind

SHOWN = 30_000  # characters of a mail on its page


@needs(Right.SEE)
@require_GET
def tray(request: HttpRequest) -> HttpResponse:
    """What waits for somebody, newest first; or what does not any more."""
    handled = request.GET.get("handled") == "yes"
    page = signals.tray(after=request.GET.get("after", ""), handled=handled)
    asked = {"handled": "yes"} if handled else {}
    context = {
        "page": page,
        "rows": [(row, kind(row)) for row in page.rows],
        "handled": handled,
        "waiting": signals.waiting(),
        "next": f"?{urlencode(asked | {'after': str(page.after)})}" if page.after else "",
        "first": f"?{urlencode(asked)}" if request.GET.get("after") else "",
    }
    return render(request, "mail/tray.html", context)


@needs(Right.SEE)
@require_GET
def arrival(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them, as text: nothing in it is loaded, and no link of it can be followed."""
    row = _found(pk)
    context = {
        "arrival": row,
        "kind": kind(row),
        "verdict": row.verdict,
        "raw": decoded(bytes(row.raw)[:LARGEST], "")[:SHOWN],
        "sends": _candidates(row),
        "may": staff(request).may(Right.CUSTOMERS) and row.handled_at is None,
    }
    return render(request, "mail/arrival.html", context)


@needs(Right.CUSTOMERS)
@require_POST
def done(request: HttpRequest, pk: int) -> HttpResponse:
    """It was answered, or means nothing."""
    if clearing.done(_found(pk), now=timezone.now(), by=staff(request)):
        messages.success(request, _("Out of the tray. Advertising to whoever wrote may go on."))
    return redirect("tray")


@needs(Right.CUSTOMERS)
@require_POST
def bounce(request: HttpRequest, pk: int) -> HttpResponse:
    """It says that a message came back for good."""
    send = Send.objects.filter(pk=row_number(request.POST.get("message", "")) or 0).first()
    if send is None:
        messages.error(request, _("There is no message of this number."))
        return redirect("arrival", pk)
    if clearing.is_bounce_of(_found(pk), send, now=timezone.now(), by=staff(request)):
        messages.success(request, _("Nothing goes to this address any more."))
    return redirect("tray")


def _found(pk: int) -> Arrival:
    return get_object_or_404(Arrival.objects.select_related("customer", "send"), pk=pk)


def _candidates(row: Arrival) -> list[Send]:
    """Messages it may be about: the one it was matched with, else the latest to the addresses it names."""
    if row.send is not None:
        return [row.send]
    named = [str(each.get("address", "")).lower() for each in row.verdict.get("recipients", ())]
    named += [str(row.verdict.get("original_recipient", "")).lower()]
    rows = Send.objects.filter(address__in=[each for each in named if each][:20])
    return list(rows.select_related("message__version__template").order_by("-pk")[:5])
