"""Files of orders: upload, the mapping with its dry run, progress, undo."""

from collections.abc import Callable
from pathlib import Path

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stammkunde.errors import InputError
from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.shop.actions import importing
from stammkunde.server.shop.forms import Columns, NewImport
from stammkunde.server.shop.models import Import
from stammkunde.server.shop.queries import faults, imports


@needs(Right.DATA)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose a file."""
    form = NewImport(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            found = importing.lay_down(form.cleaned_data["file"], now=timezone.now(), by=staff(request))
        except InputError as error:
            form.add_error("file", faults.told(f"{error.what} {error.advice}"))
        else:
            return redirect("import", found.pk)
    return render(request, "shop/import_new.html", {"form": form}, status=400 if form.errors else 200)


@needs(Right.SEE)
@require_GET
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """A file: what is being done with it, what would come in, what came in."""
    found = get_object_or_404(Import.objects.select_related("source"), pk=pk)
    about = imports.about(found)
    form = Columns(headers=about.headers, mapping=found.mapping, asks=about.asks)
    page = {"import": found, "about": about, "form": form, "may": staff(request).may(Right.DATA)}
    return render(request, "shop/import.html", page)


@needs(Right.SEE)
@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is; the page is fetched anew when it is done."""
    found = get_object_or_404(Import, pk=pk)
    about = imports.about(found)
    response = render(request, "shop/_import_progress.html", {"import": found, "about": about})
    if not about.busy:
        response["HX-Refresh"] = "true"
    return response


@needs(Right.DATA)
@require_POST
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Other columns, and another dry run."""
    found = get_object_or_404(Import, pk=pk)
    about = imports.about(found)
    form = Columns(request.POST, headers=about.headers, mapping=found.mapping, asks=about.asks)
    if form.is_valid():
        chosen, by = form.chosen(), staff(request)
        _do(request, lambda: importing.look_again(found, mapping=chosen, now=timezone.now(), by=by))
        return redirect("import", pk)
    page = {"import": found, "about": about, "form": form, "may": True}
    return render(request, "shop/import.html", page, status=400)


@needs(Right.DATA)
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the file in."""
    found = get_object_or_404(Import, pk=pk)
    _do(request, lambda: importing.start(found, now=timezone.now(), by=staff(request)))
    return redirect("import", pk)


@needs(Right.DATA)
@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what it brought."""
    found = get_object_or_404(Import, pk=pk)
    _do(request, lambda: importing.undo(found, now=timezone.now(), by=staff(request)))
    return redirect("import", pk)


@needs(Right.EXPORT)
@require_GET
def rejects(request: HttpRequest, pk: int) -> FileResponse:
    """The rows that were left out, as a file for a spreadsheet."""
    del request
    found = get_object_or_404(Import, pk=pk)
    path = importing.rejects_path(found)
    if not path.is_file():
        raise Http404(_("There is no list of rejects for this file."))
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{Path(found.filename).stem}-rejects.csv")


def _do(request: HttpRequest, act: Callable[[], None]) -> None:
    """Do it, or say why not."""
    try:
        act()
    except InputError as error:
        messages.error(request, faults.told(f"{error.what} {error.advice}"))
