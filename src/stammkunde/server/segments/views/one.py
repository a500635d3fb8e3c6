"""One segment: how large it was, who is in it, who came and went and why, why somebody is in it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.lib.requests import row_number
from stammkunde.server.segments.actions import audiences as actions
from stammkunde.server.segments.actions.taking_out import take_out
from stammkunde.server.segments.models import Segment, Size
from stammkunde.server.segments.queries import days, lists, members, naming
from stammkunde.server.segments.rules.reading import read
from stammkunde.server.segments.views.because import alarm, because, moved, words_of
from stammkunde.server.shop.models import Customer
from stammkunde.server.shop.queries import customers as people

CHART = 180  # days
WHO = 5  # customers who may be meant


@needs(Right.SEE)
@require_GET
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about it."""
    segment, now = get_object_or_404(Segment, pk=pk), timezone.now()
    user, today = staff(request), days.number(now)
    context: dict[str, Any] = {
        "segment": segment,
        "said": words_of(segment, naming.titles()),
        "chart": chart(segment, today=today),
    }
    context |= {"week": lists.of(segment, today=today).week, "alarm": alarm(segment)}
    found, after = members.page(segment, after=request.GET.get("after", "")), "after" in request.GET
    context |= {"members": found, "members_first": "?#members" if after else ""}
    context["members_next"] = f"?after={found.after}#members" if found.after else ""
    moves = members.moves(segment, before=request.GET.get("before", ""))
    context |= {
        "moves": moved(segment, moves.rows),
        "moves_next": f"?before={moves.before}#moves" if moves.before else "",
    }
    context |= {"may": user.may(Right.SEGMENTS), "may_export": user.may(Right.EXPORT)}
    context["used_by"] = ", ".join(each.name for each in actions.users(segment))
    context |= answered(segment, request.GET.get("who", ""), now=now)
    return render(request, "segments/segment.html", context)


@needs(Right.SEE)
@require_GET
def why(request: HttpRequest, pk: int) -> HttpResponse:
    """Why somebody is in it, or not."""
    segment = get_object_or_404(Segment, pk=pk)
    context = {"segment": segment} | answered(segment, request.GET.get("who", ""), now=timezone.now())
    return render(request, "segments/_why.html", context)


@needs(Right.SEGMENTS)
@require_POST
def compute(request: HttpRequest, pk: int) -> HttpResponse:
    """Compute now."""
    segment = get_object_or_404(Segment, pk=pk)
    actions.ask(now=timezone.now(), by=staff(request))
    messages.success(request, _("It is computed anew in a moment."))
    return redirect("segment", segment.pk)


@needs(Right.SEGMENTS)
@require_POST
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete it, unless other segments ask for it."""
    segment = get_object_or_404(Segment, pk=pk)
    try:
        actions.delete(segment, now=timezone.now(), by=staff(request))
    except actions.RefusedError as error:
        messages.error(request, str(error))
        return redirect("segment", segment.pk)
    messages.success(request, _("The segment is deleted."))
    return redirect("segments")


@needs(Right.EXPORT)
@require_POST
def export(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """All members as CSV; the log says who took them out."""
    segment, now = get_object_or_404(Segment, pk=pk), timezone.now()
    lines = take_out(segment, now=now, by=staff(request))
    headers = {
        "Content-Disposition": f'attachment; filename="segment-{segment.pk}-{now:%Y-%m-%d}.csv"',
        "Cache-Control": "no-store",
    }
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


# --- what the page shows ----------------------------------------------------------------------------------------------


def chart(segment: Segment, *, today: int) -> Any:
    """How large it was; None for fewer than two days."""
    from stammkunde.server.segments.views import pictures  # brings the library, which is slow to load

    rows = Size.objects.filter(segment=segment, day__gt=today - CHART).order_by("day")
    points = [pictures.Point(days.day(r.day), r.size, r.entered, r.left, r.restarted) for r in rows]
    return pictures.sizes(points)


def answered(segment: Segment, who: str, *, now: datetime) -> dict[str, Any]:
    """Why somebody who was typed is in it; those who may be meant, where they are several."""
    who = who.replace("\0", "").strip()[:200]
    if not who:
        return {"who": ""}
    found = _meant(who)
    if len(found) != 1:
        return {"who": who, "meant": found[:WHO], "nobody": not found}
    answer = because(read(segment.rule), found[0], today=days.number(now))
    return {"who": who, "customer": found[0], "answer": answer, "unknown": answer is None}


def _meant(who: str) -> list[Customer]:
    number = row_number(who)
    if number is not None and (exact := people.living().filter(pk=number).first()):
        return [exact]
    return list(people.found(who).order_by("-pk")[: WHO + 1])
