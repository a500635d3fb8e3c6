"""All newsletters, and what came after them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.campaigns.queries import lists
from stammkunde.server.lib.requests import row_number
from stammkunde.server.mail.models import Template


@needs(Right.SEE)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What went out, to how many, and what came after."""
    before = row_number(request.GET.get("before", ""))
    found = lists.page(now=timezone.now(), before=before)
    page = {
        "rows": found.rows,
        "next": f"?before={found.before}" if found.before else "",
        "first": "?" if before else "",
        "may": staff(request).may(Right.MESSAGES),
        "mails": Template.objects.filter(retired_at=None).exists(),
    }
    return render(request, "campaigns/overview.html", page)
