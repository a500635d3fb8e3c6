"""Where facts come from, and whether they do: every source with its lag, its errors and what was turned away."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.lib.requests import row_number
from stammkunde.server.shop.actions import doors as actions
from stammkunde.server.shop.actions import sources as connecting
from stammkunde.server.shop.collector.keys import KIND as COLLECTOR
from stammkunde.server.shop.collector.snippets import Snippet, snippets
from stammkunde.server.shop.forms import NewSource, Settings
from stammkunde.server.shop.models import Source
from stammkunde.server.shop.queries import doors, imports
from stammkunde.server.shop.sources import kinds
from stammkunde.server.shop.sources.base import Kind


@needs(Right.SEE)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Every source with its lag, last error and what was not understood; files of late."""
    now = timezone.now()
    found = doors.doors(now=now)
    lags = [door.lag for door in found if door.lag is not None]
    page = {
        "doors": [(door, _kind(door.source)) for door in found],
        "imports": list(imports.recent()),
        "last": now - min(lags) if lags else None,
        "may": staff(request).may(Right.DATA),
        "may_connect": staff(request).may(Right.SETTINGS),
    }
    return render(request, "shop/sources.html", page)


@needs(Right.SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Which kind of shop, under which name."""
    form = NewSource(request.POST or None, kinds=[(kind.name, kind.title) for kind in kinds().values()])
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        found = connecting.connect(said["kind"], name=said["name"], now=timezone.now(), by=staff(request))
        return redirect("source-settings", found.pk)
    return render(request, "shop/source_new.html", {"form": form}, status=400 if form.errors else 200)


@needs(Right.SEE)
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One source: how it is doing, and what was not understood."""
    source = get_object_or_404(Source, pk=pk)
    rejects = list(doors.rejects(source, before=row_number(request.GET.get("before", ""))))
    page = {
        "source": source,
        "kind": _kind(source),
        "door": next(door for door in doors.doors(now=timezone.now()) if door.source.pk == pk),
        "rejects": rejects,
        "older": rejects[-1].pk if len(rejects) == 50 else "",
        "may": staff(request).may(Right.DATA),
        "may_connect": staff(request).may(Right.SETTINGS),
        "snippets": _snippets(source),
        "last_event": doors.last_event(source) if source.kind == COLLECTOR and source.heard_at else None,
    }
    return render(request, "shop/source.html", page)


@needs(Right.SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def settings_page(request: HttpRequest, pk: int) -> HttpResponse:
    """The address its webhooks go to, its options, and its credentials, which are never shown."""
    source = get_object_or_404(Source, pk=pk)
    kind = _kind(source)
    form = Settings(request.POST or None, source=source, fields=kind.fields if kind else ())
    if request.method == "POST" and form.is_valid():
        given = form.secrets()
        connecting.configure(
            source, name=form.cleaned_data["name"], options=form.options(), given=given, now=timezone.now(),
            by=staff(request),
        )  # fmt: skip
        messages.success(request, _("Saved."))
        return redirect("source", pk)
    hook = f"{settings.PUBLIC_URL}/hooks/{source.token}/" if kind and kind.hears else ""
    page = {"source": source, "kind": kind, "form": form, "hook": hook, "snippets": _snippets(source)}
    return render(request, "shop/source_settings.html", page, status=400 if form.errors else 200)


@needs(Right.DATA)
@require_POST
def replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Let what was not understood be read once more."""
    count = actions.replay(get_object_or_404(Source, pk=pk), now=timezone.now(), by=staff(request))
    said = ngettext("%(count)s delivery is read once more.", "%(count)s deliveries are read once more.", count)
    messages.success(request, said % {"count": count})
    return redirect("source", pk)


@needs(Right.DATA)
@require_POST
def pull(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the shop now for everything there is."""
    actions.pull_again(get_object_or_404(Source, pk=pk), now=timezone.now(), by=staff(request))
    messages.success(request, _("The shop is being asked. This page can be left."))
    return redirect("source", pk)


@needs(Right.SETTINGS)
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Take nothing more from it, or again."""
    on = request.POST.get("on") == "1"
    connecting.switch(get_object_or_404(Source, pk=pk), on=on, now=timezone.now(), by=staff(request))
    return redirect("source", pk)


def _kind(source: Source) -> Kind | None:
    """What its kind can do; a file is none of the kinds."""
    return kinds().get(source.kind)


def _snippets(source: Source) -> list[Snippet]:
    """What to paste into a shop; nothing for sources of other kinds."""
    return snippets(settings.PUBLIC_URL, source.token) if source.kind == COLLECTOR else []
