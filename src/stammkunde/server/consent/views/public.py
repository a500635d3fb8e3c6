"""Pages that anybody with a link from a mail may use: no login, no script, no cookie. GET shows, POST acts.

Mail programs post to the unsubscribe page by themselves (RFC 8058), from no page of ours, so what protects these pages
is the signed link and not a token of a form. Scanners follow links with GET and HEAD, which change nothing.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from stammkunde.server.consent import links
from stammkunde.server.consent.actions import answering, recording
from stammkunde.server.consent.actions.preferring import CHOICES
from stammkunde.server.consent.actions.recording import Proof
from stammkunde.server.consent.bases import Topic
from stammkunde.server.consent.models import Entry, Preference
from stammkunde.server.shop.models import Customer, Imprint

ONE_CLICK = "One-Click"
PAUSES = {"30": 30, "90": 90}
OFFERED = (Topic.MARKETING, Topic.BEHAVIOUR, Topic.SURVEYS)

View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """A page for everybody: acts without a cookie, is kept by nobody, is not found by search engines."""

    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def around(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    return around


def _page(request: HttpRequest, template: str, *, customer: Customer | None = None, **more: object) -> HttpResponse:
    """A page in the customer's language, or in that of the browser."""
    locale = (customer.locale[:2].lower() if customer else "") or translation.get_language() or "en"
    with translation.override("de" if locale == "de" else "en"):
        context = {"imprint": Imprint.now(), "customer": customer, "language": translation.get_language()}
        return render(request, f"consent/public/{template}.html", context | more)


def _proof(request: HttpRequest, source: str) -> Proof:
    return Proof(source, page=request.build_absolute_uri(request.path)[:200], ip=request.META.get("REMOTE_ADDR"))


@public
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Leave a topic or all advertising. What a mail program posts for one click is answered in a word (RFC 8058)."""
    found = links.leaving(token)
    if found is None:
        raise Http404
    customer = answering.whom(found.customer_id)
    if request.method != "POST":
        return _page(request, "leave", customer=customer, done=False)
    everything = request.POST.get("scope") == "all"
    if customer is not None and customer.email:
        proof = _proof(request, "one-click" if request.POST.get("List-Unsubscribe") == ONE_CLICK else "link")
        answering.leave(customer, purpose=found.purpose, everything=everything, proof=proof, now=timezone.now())
    if request.POST.get("List-Unsubscribe") == ONE_CLICK:
        return HttpResponse("OK\n", content_type="text/plain; charset=utf-8")
    choose = links.preferences_url(found.customer_id, found.send_id) if customer else ""
    return _page(request, "leave", customer=customer, done=True, everything=everything, choose=choose)


@public
def preferences(request: HttpRequest, token: str) -> HttpResponse:
    """Choose what reaches one, at most how often, or nothing for a while."""
    found = links.choosing(token)
    customer = answering.whom(found.customer_id) if found else None
    if customer is None or not customer.email:
        raise Http404
    now, saved = timezone.now(), False
    if request.method == "POST":
        said = request.POST
        rhythm = said.get("rhythm", "")
        until = _until(said.get("pause", ""), customer, now)
        answering.choose(
            customer,
            wanted=said.getlist("purpose"),
            rhythm=rhythm if rhythm in Preference.Rhythm.values else Preference.Rhythm.ALL,
            paused_until=until,
            topics=said.getlist("topic"),
            proof=_proof(request, "preferences"),
            now=now,
        )
        saved = True
    liked = Preference.objects.filter(customer=customer).first() or Preference(customer=customer, changed_at=now)
    on = answering.standing(customer, now=now)
    with translation.override("de" if customer.locale[:2].lower() == "de" else translation.get_language() or "en"):
        topics = [(str(each), each.label, on[each]) for each in (*OFFERED, Topic.TRACKING)]
        purposes = [(str(each), each.label, str(each) not in liked.off) for each in CHOICES]
        rhythms = [(value, label, value == liked.rhythm) for value, label in Preference.Rhythm.choices]
    paused = liked.paused_until if liked.paused_until and liked.paused_until > now else None
    more = {"topics": topics, "purposes": purposes, "rhythms": rhythms, "paused": paused, "saved": saved}
    leave_url = links.unsubscribe_url(customer.pk, found.send_id if found else 0)
    return _page(request, "preferences", customer=customer, leave_url=leave_url, **more)


def _until(said: str, customer: Customer, now: datetime) -> datetime | None:
    """A pause as it was chosen: so many days, the one there is, or none."""
    if said in PAUSES:
        return now + timedelta(days=PAUSES[said])
    if said == "keep":
        return Preference.objects.filter(customer=customer).values_list("paused_until", flat=True).first()
    return None


@public
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Confirm a sign-up: the mail's link shows a button, the button confirms."""
    number = links.confirming(token)
    entry = Entry.objects.filter(pk=number, kind=Entry.Kind.REQUESTED).first() if number else None
    if entry is None or not entry.address:
        raise Http404
    done = request.method == "POST"
    if done:
        recording.confirm(entry, proof=_proof(request, "confirmation"), now=timezone.now())
    words = entry.wording.text if entry.wording else ""
    return _page(request, "confirm", customer=entry.customer, done=done, address=entry.address, words=words)
