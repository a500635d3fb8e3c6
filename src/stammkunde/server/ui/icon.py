"""The icon that browsers ask every host for, on public pages and mails in the browser too."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Where it lies."""
    del request
    return redirect(static("ui/icon.svg"))
