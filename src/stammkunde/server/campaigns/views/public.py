"""The archive that everybody may read, and its feed: no login, no cookie, nobody's name."""

import re
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from stammkunde.errors import StammkundeError
from stammkunde.server.campaigns.models import Campaign, Variant
from stammkunde.server.campaigns.queries import archive as read
from stammkunde.server.campaigns.queries import lists
from stammkunde.server.lib.requests import row_number
from stammkunde.server.shop.models import Imprint

PAGE, IN_FEED = 30, 20
HOST = re.compile(r"https://[A-Za-z0-9.-]+(:\d+)?")
View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """A page in the language that was asked for, else in the browser's; nothing of it depends on who asks."""

    @require_safe
    @wraps(view)
    def around(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        asked = request.GET.get("lang", "") or translation.get_language_from_request(request)
        with translation.override("de" if asked.lower().startswith("de") else "en"):
            answer = view(request, *args, **kwargs)
        answer["Cache-Control"] = "public, max-age=300"
        answer["Vary"] = "Accept-Language"
        return answer

    return around


def _language() -> str:
    return translation.get_language() or "en"


@public
def archive(request: HttpRequest) -> HttpResponse:
    """What went out, newest first."""
    rows, before = lists.public(), row_number(request.GET.get("before", ""))
    last = Campaign.objects.filter(pk=before, public=True).first() if before else None
    if last is not None and last.started_at is not None:
        rows = rows.filter(started_at__lt=last.started_at) | rows.filter(started_at=last.started_at, pk__lt=last.pk)
    found = list(rows[: PAGE + 1])
    page = {"rows": [_titled(each) for each in found[:PAGE]], "imprint": Imprint.now(), "language": _language()}
    page["next"] = f"?before={found[PAGE - 1].pk}&lang={_language()}" if len(found) > PAGE else ""
    return render(request, "campaigns/public/archive.html", page)


def _titled(campaign: Campaign) -> tuple[Campaign, str]:
    """With its subject; where that cannot be told to nobody, with its name."""
    variant = lists.shown(campaign)
    try:
        return campaign, read.subject(variant, _language()) if variant else campaign.name
    except StammkundeError:
        return campaign, campaign.name


def _found(slug: str) -> tuple[Campaign, Variant]:
    campaign = lists.public().filter(slug=slug).first()
    variant = lists.shown(campaign) if campaign else None
    if campaign is None or variant is None or variant.version is None:
        raise Http404
    return campaign, variant


@public
def issue(request: HttpRequest, slug: str) -> HttpResponse:
    """One newsletter in its frame: when it went out, and its text."""
    campaign, variant = _found(slug)
    subject = _titled(campaign)[1]
    page = {"campaign": campaign, "subject": subject, "imprint": Imprint.now(), "language": _language()}
    answer = render(request, "campaigns/public/issue.html", page)
    answer["Content-Security-Policy"] = f"{FRAMED}; frame-ancestors 'none'"
    del variant
    return answer


#: A page of the house that may hold another page of the house in a frame.
FRAMED = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; base-uri 'none'; form-action 'none'"
)


@public
def mail(request: HttpRequest, slug: str) -> HttpResponse:
    """The mail itself, for nobody. It has styles of its own, and nothing else: no script, no form, no foreign host but
    those its own pictures lie at."""
    del request
    _campaign, variant = _found(slug)
    version = variant.version
    if version is None:
        raise Http404
    try:
        html = read.rendered(version, read.voice(_language())).html
    except StammkundeError as error:
        raise Http404 from error
    answer = HttpResponse(html)
    hosts = " ".join(each for each in read.pictures(version.document) if HOST.fullmatch(each))
    answer["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data: {hosts}; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'; sandbox allow-popups allow-top-navigation-by-user-activation"
    )
    answer["X-Frame-Options"] = "SAMEORIGIN"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@public
def feed(request: HttpRequest) -> HttpResponse:
    """The newest of them as an Atom feed."""
    del request
    imprint, language = Imprint.now(), _language()
    whole = f"{settings.PUBLIC_URL}{reverse('archive')}"
    made = Atom1Feed(
        title=_("Newsletter of %(shop)s") % {"shop": imprint.name} if imprint.name else _("Newsletter"),
        link=f"{whole}?lang={language}",
        description="",
        language=language,
        feed_url=f"{settings.PUBLIC_URL}{reverse('archive-feed')}?lang={language}",
    )
    for each in lists.public()[:IN_FEED]:
        link = f"{settings.PUBLIC_URL}{reverse('archive-one', args=[each.slug])}"
        made.add_item(
            title=_titled(each)[1], link=f"{link}?lang={language}", description="", unique_id=link,
            pubdate=each.started_at, updateddate=each.started_at,
        )  # fmt: skip
    return HttpResponse(made.writeString("utf-8"), content_type="application/atom+xml; charset=utf-8")
