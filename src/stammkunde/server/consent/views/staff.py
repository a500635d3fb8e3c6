"""Pages for staff: who agreed to what, what proves it, and the rules."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stammkunde.errors import StammkundeError
from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.consent.actions import recording, ruling
from stammkunde.server.consent.actions.recording import Proof
from stammkunde.server.consent.bases import Basis
from stammkunde.server.consent.forms import Record, Row, State, Words
from stammkunde.server.consent.models import Notice, RuleChange, Wording
from stammkunde.server.consent.packs import PACKS
from stammkunde.server.consent.papers import paper
from stammkunde.server.consent.purposes import Purpose
from stammkunde.server.consent.queries import standing
from stammkunde.server.consent.queries.evidence import evidence
from stammkunde.server.consent.queries.rules import rules
from stammkunde.server.consent.words import reason
from stammkunde.server.lib.requests import row_number
from stammkunde.server.shop.models import Customer


@needs(Right.SEE)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """How many agreed to what; somebody found by address or name; what was said last."""
    search = request.GET.get("search", "").replace("\0", "")[:200]
    entries = standing.latest(after=row_number(request.GET.get("after", "")))
    page = {
        "search": search,
        "people": standing.found(search),
        "counts": standing.counts(),
        "blocked": [(reason(f"suppressed_{why}"), number) for why, number in standing.blocked()],
        "entries": entries,
        "after": entries[-1].pk if len(entries) == standing.PAGE else None,
        "may": staff(request).may(Right.SETTINGS),
    }
    return render(request, "consent/overview.html", page)


@needs(Right.SEE)
@require_GET
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """What may go to one customer, why, and what was said."""
    return _person(request, get_object_or_404(Customer, pk=pk), Record())


def _person(request: HttpRequest, customer: Customer, form: Record) -> HttpResponse:
    found = evidence(customer, at=timezone.now())
    lines = [(line, reason(line.decision.reason)) for line in found.lines]
    may = staff(request).may(Right.CUSTOMERS)
    page = {"customer": customer, "found": found, "lines": lines, "form": form, "may": may}
    return render(request, "consent/person.html", page | {"may_export": staff(request).may(Right.EXPORT)})


@needs(Right.CUSTOMERS)
@require_POST
def said(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what a customer said to the staff."""
    customer, form = get_object_or_404(Customer, pk=pk), Record(request.POST)
    if not form.is_valid():
        return _person(request, customer, form)
    typed, now = form.cleaned_data, timezone.now()
    proof = Proof(typed["source"], wording=typed["wording"], note=typed["note"], by=staff(request))
    try:
        if typed["kind"] == "granted":
            proven = typed["wording"] is not None
            recording.grant(customer, topic=typed["topic"], proof=proof, now=now, proven=proven)
        else:
            done = recording.withdraw if typed["kind"] == "withdrawn" else recording.object_to
            done(customer, topic=typed["topic"], proof=proof, now=now)
    except StammkundeError as error:
        form.add_error(None, str(error))
        return _person(request, customer, form)
    messages.success(request, _("Recorded. It holds from now on."))
    return redirect("consent-person", pk)


@needs(Right.EXPORT)
@require_POST
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The evidence about one customer as a paper; the log says who took it out."""
    found = evidence(get_object_or_404(Customer, pk=pk), at=timezone.now())
    record("took out", "evidence", now=found.at, by=staff(request), subject_id=pk, title=str(found.customer))
    answer = HttpResponse(paper(found), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="evidence-{pk}-{found.at:%Y-%m-%d}.pdf"'
    answer["Cache-Control"] = "no-store"
    return answer


@needs(Right.SEE)
@require_GET
def matrix(request: HttpRequest) -> HttpResponse:
    """What may carry what, country by country, and what the owner made of it."""
    key = request.GET.get("pack", rules().home)
    pack, holding = PACKS.get(key, PACKS["DE"]), rules()
    rows = [(each, holding.row(pack, each), (pack.key, str(each)) in holding.changed) for each in Purpose]
    page = {"pack": pack, "packs": list(PACKS), "rows": rows, "bases": list(Basis), "rules": holding}
    page |= {"changes": RuleChange.objects.select_related("by").order_by("-pk")[:20]}
    return render(request, "consent/matrix.html", page | {"may": staff(request).may(Right.SETTINGS)})


@needs(Right.SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def row(request: HttpRequest, pack: str, purpose: str) -> HttpResponse:
    """Change what may carry a purpose in a country."""
    if pack not in PACKS or purpose not in Purpose.values:
        raise Http404
    law, holding = PACKS[pack].rows[purpose], rules().row(PACKS[pack], purpose)
    form = Row(request.POST or None, initial={"bases": [str(each) for each in holding.bases]})
    if request.method == "POST" and form.is_valid():
        try:
            ruling.change_row(pack, purpose, **form.cleaned_data, now=timezone.now(), by=staff(request))
        except StammkundeError as error:
            form.add_error("reason", str(error))
        else:
            messages.success(request, _("Saved. It holds for every mail from now on, and the log keeps it."))
            return redirect(f"/consent/rules?pack={pack}")
    page = {"form": form, "pack": pack, "purpose": Purpose(purpose).label, "law": law}
    return render(request, "consent/row.html", page)


@needs(Right.SETTINGS)
@require_http_methods(["GET", "HEAD", "POST"])
def words(request: HttpRequest) -> HttpResponse:
    """The words people agree to, and since when the checkout tells of the right to object."""
    asked = request.POST.get("what", "")
    worded = Words(request.POST if asked == "words" else None)
    state = State(request.POST if asked == "state" else None)
    now = timezone.now()
    if asked == "words" and worded.is_valid():
        ruling.word(**worded.cleaned_data, now=now, by=staff(request))
        messages.success(request, _("Saved as a new version. What was agreed to before keeps its own words."))
        return redirect("consent-words")
    if asked == "state" and state.is_valid():
        typed = state.cleaned_data
        since = datetime.combine(typed["since"], time(), ZoneInfo(settings.SHOP_ZONE)).astimezone(UTC)
        ruling.state_notice(since=since, wording=typed["wording"], page=typed["page"], now=now, by=staff(request))
        messages.success(request, _("Stated. Orders since then count."))
        return redirect("consent-words")
    page = {"worded": worded, "state": state, "wordings": Wording.objects.order_by("topic", "language", "-number")}
    return render(request, "consent/words.html", page | {"notices": Notice.objects.order_by("-since")})


@needs(Right.SETTINGS)
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """State that the checkout does not tell of the right to object any more."""
    now = timezone.now()
    ruling.end_notice(get_object_or_404(Notice, pk=pk), until=now, now=now, by=staff(request))
    return redirect("consent-words")
