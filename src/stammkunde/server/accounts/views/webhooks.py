"""Pages of the settings: who is told what happens here, and how that went."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stammkunde.server.accounts import queries
from stammkunde.server.accounts.actions import RefusedError, endpoints, outgoing
from stammkunde.server.accounts.actions.endpoints import Wish
from stammkunde.server.accounts.forms import EndpointForm
from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.models import Dispatch, Endpoint
from stammkunde.server.accounts.roles import Right
from stammkunde.server.accounts.tabs import shown
from stammkunde.server.lib.requests import row_number


@needs(Right.SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """Who listens; POST adds an endpoint and shows its secret once."""
    form = EndpointForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wish = Wish(form.cleaned_data["url"], form.wanted(), form.cleaned_data["about"])
        try:
            made, secret = endpoints.add(wish, now=timezone.now(), by=staff(request))
        except RefusedError as error:
            form.add_error(None, str(error))
        else:
            return _page(request, made, whole=secret)
    page = {"form": form, "endpoints": queries.endpoints(), "tabs": shown(staff(request), request.path)}
    return render(request, "accounts/webhooks.html", page)


@needs(Right.SETTINGS)
@require_GET
def endpoint(request: HttpRequest, pk: int) -> HttpResponse:
    """One endpoint, and what it was told last."""
    return _page(request, get_object_or_404(Endpoint, pk=pk))


def _page(request: HttpRequest, found: Endpoint, **more: object) -> HttpResponse:
    rows = queries.dispatches(found, before=row_number(request.GET.get("after", "")))
    page = {
        "endpoint": found,
        "dispatches": rows,
        "after": rows[-1].pk if len(rows) == queries.PAGE else None,
        "form": EndpointForm.of(found),
        "tabs": shown(staff(request), reverse("webhooks")),
    }
    return render(request, "accounts/webhook.html", page | more)


@needs(Right.SETTINGS)
@require_POST
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Another address or other events, or the end of the telling; or its return."""
    found = get_object_or_404(Endpoint, pk=pk)
    active = {"0": False, "1": True}.get(request.POST.get("active", ""))
    form = EndpointForm.of(found, request.POST)
    if active is None and not form.is_valid():
        return _page(request, found, form=form)
    kept = Wish(found.url, found.events, found.about, found.private)
    try:
        wish = kept if active is not None else _said(form, found)
        now = timezone.now()
        endpoints.change(found, wish, active=found.active if active is None else active, now=now, by=staff(request))
    except RefusedError as error:
        form.add_error(None, str(error))
        return _page(request, found, form=form)
    messages.success(request, _("Saved."))
    return redirect("webhook", pk)


def _said(form: EndpointForm, found: Endpoint) -> Wish:
    return Wish(form.cleaned_data["url"], form.wanted(), form.cleaned_data["about"], found.private)


@needs(Right.SETTINGS)
@require_POST
def secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Another secret, shown this once."""
    found = get_object_or_404(Endpoint, pk=pk)
    whole = endpoints.rotate(found, now=timezone.now(), by=staff(request))
    return _page(request, Endpoint.objects.get(pk=pk), whole=whole)


@needs(Right.SETTINGS)
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell it that it can hear."""
    outgoing.test(get_object_or_404(Endpoint, pk=pk, active=True), now=timezone.now(), by=staff(request))
    messages.success(request, _("The test is on its way. Load the page again to see what was answered."))
    return redirect("webhook", pk)


@needs(Right.SETTINGS)
@require_POST
def replay(request: HttpRequest, pk: int, dispatch: int) -> HttpResponse:
    """Tell one thing again."""
    found = get_object_or_404(Dispatch, pk=dispatch, endpoint=pk)
    if outgoing.replay(found, now=timezone.now(), by=staff(request)):
        messages.success(request, _("It is told again, under the same number."))
    return redirect("webhook", pk)


@needs(Right.SETTINGS)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Nothing is told there any more."""
    endpoints.remove(get_object_or_404(Endpoint, pk=pk), now=timezone.now(), by=staff(request))
    messages.success(request, _("Removed."))
    return redirect("webhooks")
