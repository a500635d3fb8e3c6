"""Segments as files: written for another shop, and read with a preview before anything is kept."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.segments.actions import exchange
from stammkunde.server.segments.actions.audiences import RefusedError
from stammkunde.server.segments.forms.segment import FileForm
from stammkunde.server.segments.models import Segment


@needs(Right.SEE)
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A segment as a file, with those it asks for."""
    del request
    segment = get_object_or_404(Segment, pk=pk)
    return _file(exchange.exported([segment]), slugify(segment.name) or f"segment-{pk}")


@needs(Right.SEE)
@require_GET
def every(request: HttpRequest) -> HttpResponse:
    """All segments and types as a file."""
    del request
    return _file(exchange.exported(Segment.objects.all()), "segments")


def _file(data: Any, name: str) -> HttpResponse:
    text = json.dumps(data, ensure_ascii=False, indent=2)
    headers = {"Content-Disposition": f'attachment; filename="{name}.json"'}
    return HttpResponse(f"{text}\n", content_type="application/json; charset=utf-8", headers=headers)


@needs(Right.SEGMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def take_in(request: HttpRequest) -> HttpResponse:
    """A file: first what it would bring; then, asked again with the same, it is kept."""
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method != "POST":
        return render(request, "segments/import.html", {"form": FileForm()})
    try:
        return _taken(request, form) if form.is_valid() else _refused(request, form)
    except RefusedError as error:
        form.add_error(None, str(error))
        return _refused(request, form)


def _taken(request: HttpRequest, form: FileForm) -> HttpResponse:
    data, now = form.cleaned_data["data"], timezone.now()
    if "keep" not in request.POST:
        planned = exchange.planned(data, now=now)
        some = any(each.becomes in ("new", "changed") for each in planned)
        context = {"form": FileForm(), "planned": planned, "some": some, "text": form.cleaned_data["text"]}
        return render(request, "segments/import.html", context)
    found = exchange.imported(data, now=now, by=staff(request))
    kept = sum(1 for each in found if each.becomes in ("new", "changed"))
    said = ngettext("One segment of the file is kept.", "%(count)s segments of the file are kept.", kept)
    messages.success(request, f"{said % {'count': kept}} {_('Who belongs to it is computed in a moment.')}")
    return redirect("segments")


def _refused(request: HttpRequest, form: FileForm) -> HttpResponse:
    return render(request, "segments/import.html", {"form": form}, status=400)
