"""Pages of the room: pools and their codes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stammkunde.errors import StammkundeError
from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.lib.requests import row_number
from stammkunde.server.lib.sheets import harmless
from stammkunde.server.offers.actions import coupons, pools
from stammkunde.server.offers.forms import Codes, NewPool, Number, PoolForm
from stammkunde.server.offers.models import Pool
from stammkunde.server.offers.queries.pools import standings, waiting

SHOWN = 100  # rejects on a page


@needs(Right.SEE)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The pools, how many codes are left, and what needs somebody."""
    page = {"standings": standings(now=timezone.now()), "may": staff(request).may(Right.MESSAGES)}
    return render(request, "offers/overview.html", page)


@needs(Right.MESSAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new pool."""
    form = NewPool(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = pools.make(said["key"], form.terms(), source=said["source"], now=timezone.now(), by=staff(request))
        except StammkundeError as error:
            form.add_error(None, str(error))
        else:
            return redirect("offers-pool", made.pk)
    return render(request, "offers/new.html", {"form": form})


@needs(Right.SEE)
@require_GET
def pool(request: HttpRequest, pk: int) -> HttpResponse:
    """One pool: where it stands, its codes, its terms."""
    found = get_object_or_404(Pool, pk=pk)
    return _pool(request, found, form=PoolForm.of(found))


def _pool(request: HttpRequest, found: Pool, **more: object) -> HttpResponse:
    page = {
        "one": standings(now=timezone.now(), pool=found)[0],
        "may": staff(request).may(Right.MESSAGES),
        "codes": Codes(),
        "number": Number(),
        "form": PoolForm.of(found),
    }
    return render(request, "offers/pool.html", page | more)


@needs(Right.MESSAGES)
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Other terms."""
    found = get_object_or_404(Pool, pk=pk)
    form = PoolForm.of(found, request.POST)
    if form.is_valid():
        try:
            pools.change(found, form.terms(), now=timezone.now(), by=staff(request))
        except StammkundeError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Saved. It holds for codes that are given from now on."))
            return redirect("offers-pool", pk)
    return _pool(request, found, form=form)


@needs(Right.MESSAGES)
@require_POST
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    """Codes that the shop has made; those that cannot be used are listed with their lines."""
    found = get_object_or_404(Pool, pk=pk)
    form = Codes(request.POST, request.FILES)
    if not form.is_valid():
        return _pool(request, found, codes=form)
    try:
        loaded = coupons.load(found, form.cleaned_data["codes"], now=timezone.now(), by=staff(request))
    except StammkundeError as error:
        form.add_error(None, str(error))
        return _pool(request, found, codes=form)
    more = {"loaded": loaded, "rejects": loaded.rejects[:SHOWN], "unseen": max(len(loaded.rejects) - SHOWN, 0)}
    return _pool(request, found, **more)


@needs(Right.MESSAGES)
@require_POST
def generate(request: HttpRequest, pk: int) -> HttpResponse:
    """Make codes for the shop to import."""
    found = get_object_or_404(Pool, pk=pk)
    form = Number(request.POST)
    if not form.is_valid():
        return _pool(request, found, number=form)
    coupons.generate(found, form.cleaned_data["number"], now=timezone.now(), by=staff(request))
    messages.success(request, _("The codes are made. They are given to nobody before the shop knows them."))
    return redirect("offers-pool", pk)


@needs(Right.MESSAGES)
@require_POST
def download(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The codes that the shop does not know yet, as a file to import there."""
    found = get_object_or_404(Pool, pk=pk)
    rows = (f"{harmless(code)}\r\n" for code in waiting(found, up_to=_up_to(request)))
    answer = StreamingHttpResponse((row for some in (["code\r\n"], rows) for row in some), content_type="text/csv")
    answer["Content-Disposition"] = f'attachment; filename="{found.key}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


@needs(Right.MESSAGES)
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """The shop has taken the codes in."""
    found = get_object_or_404(Pool, pk=pk)
    count = coupons.confirm(found, up_to=_up_to(request), now=timezone.now(), by=staff(request))
    told = ngettext("%(n)s code can be given now.", "%(n)s codes can be given now.", count) % {"n": count}
    messages.success(request, told)
    return redirect("offers-pool", pk)


def _up_to(request: HttpRequest) -> int:
    return row_number(request.POST.get("up_to", "")) or 0
