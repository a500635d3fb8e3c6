"""The page on which the shop says who it is."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.accounts.tabs import shown
from stammkunde.server.shop.actions.stating_imprint import state_imprint
from stammkunde.server.shop.forms import ImprintForm
from stammkunde.server.shop.models import Imprint


@needs(Right.SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """What customers see of who writes to them; POST keeps it."""
    form = ImprintForm(request.POST or None, instance=Imprint.now())
    if request.method == "POST" and form.is_valid():
        state_imprint(form.cleaned_data, now=timezone.now(), by=staff(request))
        messages.success(request, _("Saved. Pages that customers see say so from now on."))
        return redirect("imprint")
    page = {"form": form, "complete": Imprint.now().complete, "tabs": shown(staff(request), request.path)}
    return render(request, "shop/imprint.html", page)
