"""The ledger for staff: what went out, what did not, and why."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.consent.purposes import Purpose
from stammkunde.server.mail.actions.stating import state_end
from stammkunde.server.mail.models import Send
from stammkunde.server.mail.papers import paper
from stammkunde.server.mail.queries.messages import ORIGINS, Filter, page, states, story, unknown
from stammkunde.server.mail.words import origin, where


@needs(Right.SEE)
@require_GET
def ledger(request: HttpRequest) -> HttpResponse:
    """Messages, filtered, newest first."""
    who = Filter.read(request.GET)
    found = page(who, after=request.GET.get("after", ""))
    context = {
        "page": found,
        "who": who,
        "next": f"?{urlencode(who.asked | {'after': str(found.after)})}" if found.after else "",
        "first": f"?{urlencode(who.asked)}" if request.GET.get("after") else "",
        "states": Send.State.choices,
        "purposes": Purpose.choices,
        "origins": [(name, origin(name)) for name in ORIGINS],
        "counted": states(who) if who.origin_id else {},
        "unknown": unknown(),
        "any": bool(found.rows) or Send.objects.exists(),
    }
    return render(request, "mail/messages.html", context)


@needs(Right.SEE)
@require_GET
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message: what, to whom, why or why not, and what became of it."""
    send = _send(pk)
    context = {
        "send": send,
        "story": story(send),
        "origin": origin(send.message.origin),
        "where": where(send.message.origin, send.message.origin_id),
        "may_export": staff(request).may(Right.EXPORT),
        "may_state": staff(request).may(Right.SEND) and send.state == Send.State.UNKNOWN,
    }
    return render(request, "mail/message.html", context)


@needs(Right.EXPORT)
@require_POST
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The proof of one message as a paper."""
    send, now = _send(pk), timezone.now()
    record("took out", "evidence", now=now, by=staff(request), subject_id=pk, title=send.address or str(send.customer))
    headers = {"Content-Disposition": f'attachment; filename="message-{pk}.pdf"', "Cache-Control": "no-store"}
    return HttpResponse(paper(story(send), at=now), content_type="application/pdf", headers=headers)


@needs(Right.SEND)
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what became of a message whose end is unknown."""
    arrived = request.POST.get("arrived") == "yes"
    if state_end(_send(pk), arrived=arrived, now=timezone.now(), by=staff(request)):
        messages.success(request, _("Kept. It is in the log who said so."))
    else:
        messages.error(request, _("Its end is known by now."))
    return redirect("message", pk)


def _send(pk: int) -> Send:
    return get_object_or_404(Send.objects.select_related("customer", "message__version__template", "order"), pk=pk)
