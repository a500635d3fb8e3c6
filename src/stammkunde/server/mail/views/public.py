"""Pages that mails lead to: measured links, the picture of an opening, and the mail itself in a browser. No login, no
cookie; who asks is kept nowhere."""

import base64
from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from stammkunde.errors import StammkundeError
from stammkunde.server.mail.actions.measuring import Visitor, clicked, opened
from stammkunde.server.mail.incoming import links
from stammkunde.server.mail.links import viewing
from stammkunde.server.mail.rendering.showing import shown_again

GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
#: A mail brings its own style, and pictures of its shop; nothing in it may run, ask or frame.
OF_A_MAIL = (
    "default-src 'none'; img-src https: data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-popups allow-popups-to-escape-sandbox "
    "allow-top-navigation-by-user-activation"
)
PREFETCH = ("Purpose", "Sec-Purpose", "X-Purpose", "X-Moz")
View = Callable[..., HttpResponse]


def private(view: View) -> View:
    """Kept by nobody on the way, found by no search engine, and told to no page it leads to."""

    @require_safe
    @wraps(view)
    def around(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        answer["Cache-Control"] = "no-store"
        answer["X-Robots-Tag"] = "noindex, nofollow"
        answer["Referrer-Policy"] = "no-referrer"
        return answer

    return around


def _visitor(request: HttpRequest) -> Visitor:
    early = any(word in request.headers.get(name, "").lower() for name in PREFETCH for word in ("prefetch", "preview"))
    return Visitor(request.headers.get("User-Agent", ""), prefetch=early)


@private
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """Lead where the link was signed for. HEAD is no click."""
    found = links.read(token)
    if found is None:
        raise Http404
    if request.method == "GET":
        clicked(found, _visitor(request), now=timezone.now())
    return HttpResponseRedirect(found.url) if found.url else HttpResponse(status=204)


@private
def seen(request: HttpRequest, token: str) -> HttpResponse:
    """The picture."""
    found = links.read(token)
    if found is None:
        raise Http404
    if request.method == "GET":
        opened(found, _visitor(request), now=timezone.now())
    return HttpResponse(GIF, content_type="image/gif")


@private
def view(request: HttpRequest, token: str) -> HttpResponse:
    """A mail that was sent, as it was for whom it was sent to; nothing of it is measured."""
    del request
    try:
        mail = shown_again(viewing(token) or 0, now=timezone.now())
    except StammkundeError as error:  # what it spoke of is there no more
        raise Http404 from error
    if mail is None:
        raise Http404
    return HttpResponse(mail.html, headers={"Content-Security-Policy": OF_A_MAIL})
