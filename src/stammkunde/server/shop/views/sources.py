"""Where facts come from, and whether they do."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.shop.queries import imports, sources
from stammkunde.server.ui.templatetags.ui import moment


@needs(Right.SEE)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Every source with its lag, last error and what was not understood; files of late."""
    found = list(sources.all_of_them())
    page = {
        "sources": found,
        "imports": list(imports.recent()),
        "last": moment(max((s.heard_at for s in found if s.heard_at), default=None)),
        "may": staff(request).may(Right.DATA),
    }
    return render(request, "shop/sources.html", page)
