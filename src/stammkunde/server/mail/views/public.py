"""A mail in the browser, for whoever has the link that stands in it. No login, and nothing is changed by looking."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from stammkunde.server.mail.links import viewing
from stammkunde.server.mail.rendering.liquid import FillingError
from stammkunde.server.mail.rendering.showing import shown_again

#: A mail has its styles inline and its pictures at the shop, and nothing else: no script, no form, no frame.
POLICY = "; ".join(
    (
        *("default-src 'none'", "style-src 'unsafe-inline'", "img-src https: http:", "base-uri 'none'"),
        *("form-action 'none'", "frame-ancestors 'none'"),
        "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation",
    )
)


@require_safe
def view(_request: HttpRequest, token: str) -> HttpResponse:
    """The mail."""
    number = viewing(token)
    try:
        found = shown_again(number, now=timezone.now()) if number else None
    except FillingError as error:
        raise Http404 from error
    if found is None:
        raise Http404
    response = HttpResponse(found.html)
    response["Content-Security-Policy"] = POLICY
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
