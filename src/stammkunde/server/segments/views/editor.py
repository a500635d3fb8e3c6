"""The editor of rules: fields become the rule, parts come and go, whom it finds is counted while somebody types."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.lib.requests import row_number
from stammkunde.server.segments.actions import audiences as actions
from stammkunde.server.segments.forms import conditions, draft
from stammkunde.server.segments.forms.segment import SegmentForm
from stammkunde.server.segments.forms.slots import World
from stammkunde.server.segments.models import CustomerFacts, Segment
from stammkunde.server.segments.queries import audiences, days, naming
from stammkunde.server.segments.queries.standing import TIERS
from stammkunde.server.segments.queries.suggestions import suggestions
from stammkunde.server.segments.rules.language import VERSION, Compare, Group, Node
from stammkunde.server.segments.rules.reading import RuleError, read
from stammkunde.server.segments.rules.sentence import sentence
from stammkunde.server.segments.views.standing import known_of
from stammkunde.server.shop.models import Customer

KINDS = (
    ("all", gettext_lazy("All of these hold")),
    ("any", gettext_lazy("At least one of these holds")),
    ("none", gettext_lazy("None of these holds")),
)
KEPT = ("name", "description", "kind", "position")


@dataclass(frozen=True)
class Told:
    """Whom a rule finds, in numbers, names and words; or what is in the way, and `parts` with words at their places."""

    wrong: str = ""
    customers: int = 0
    of: int = 0
    said: str = ""
    sample: Sequence[Customer] = ()
    parts: Sequence[draft.Part] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Which part of all customers they are."""
        return self.customers / self.of if self.of else 0.0


@needs(Right.SEGMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new segment; what an address asks for, such as ?state=slipping, is its rule to begin with."""
    if request.method == "POST":
        return _posted(request, None)
    kind = Segment.Kind.TYPE if "type" in request.GET else Segment.Kind.AUDIENCE
    return _page(request, None, SegmentForm(initial={"kind": kind}), asked(request.GET))


@needs(Right.SEGMENTS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another rule, name or purpose for a segment."""
    segment = get_object_or_404(Segment, pk=pk)
    if request.method == "POST":
        return _posted(request, segment)
    shown = {"name": naming.title(segment), "description": naming.purpose(segment)}
    initial = {name: getattr(segment, name) for name in KEPT} | shown
    return _page(request, segment, SegmentForm(initial=initial), draft.of(read(segment.rule)))


@needs(Right.SEGMENTS)
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """The rule as it looks after a button was pressed or another fact chosen; nothing is kept."""
    rule = draft.change(_typed(request.POST), request.POST.get("do", ""))
    rule.show(world(_own(request.POST)))
    response = render(request, "segments/_rule.html", _frame(rule))
    response["HX-Trigger-After-Swap"] = "drafted"
    return response


@needs(Right.SEGMENTS)
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Whom the rule finds; words about what cannot be read come along to their places."""
    rule = _typed(request.POST)
    found = told(rule, now=timezone.now())
    draft.wait(rule)
    return render(request, "segments/_told.html", {"told": found, "oob": True})


@needs(Right.SEGMENTS)
@require_GET
def words(request: HttpRequest) -> HttpResponse:
    """The shop's own words for a slot."""
    typed = request.GET.get(request.GET.get("field", ""), "")[:100]
    return render(request, "segments/_words.html", {"words": suggestions(request.GET.get("of", ""), typed)})


def _posted(request: HttpRequest, segment: Segment | None) -> HttpResponse:
    """Save, or do what another button asked and show the page again."""
    form, rule, now = SegmentForm(request.POST), _typed(request.POST), timezone.now()
    form.fields["kind"].required = segment is None
    if do := request.POST.get("do", ""):
        found = told(rule, now=now) if do == "look" else None
        typed = SegmentForm(initial={name: request.POST.get(name, "") for name in KEPT})
        return _page(request, segment, typed, draft.change(rule, do), found)
    node = node_of(rule)
    if form.is_valid() and node is not None and (saved := _saved(request, segment, form, node)):
        messages.success(request, _("Saved. Who belongs to it is computed in a moment."))
        return redirect("segment", saved.pk)
    found = told(rule, now=now) if node is None else None
    return _page(request, segment, form, rule, found)


def _saved(request: HttpRequest, segment: Segment | None, form: SegmentForm, node: Node) -> Segment | None:
    """The segment as it is kept now; None, with a word in the form, where it is refused."""
    c = form.cleaned_data
    kind = segment.kind if segment else c["kind"]
    try:
        return actions.save(
            segment, kind=kind, name=c["name"], description=c["description"], position=c["position"] or 0, node=node,
            now=timezone.now(), by=staff(request),
        )  # fmt: skip
    except actions.RefusedError as error:
        form.add_error("name", str(error))
        return None


def _page(
    request: HttpRequest, segment: Segment | None, form: SegmentForm, rule: draft.Group, found: Told | None = None
) -> HttpResponse:
    rule.show(world(segment.pk if segment else None))
    context = _frame(rule) | {"segment": segment, "form": form, "told": found}
    wrong = bool(form.errors or (found and found.wrong))
    return render(request, "segments/edit.html", context, status=400 if wrong else 200)


def _frame(rule: draft.Group) -> dict[str, object]:
    return {"rule": rule, "abouts": conditions.abouts(), "kinds": KINDS}


def _typed(posted: QueryDict) -> draft.Group:
    return draft.typed({name: posted.getlist(name) for name in posted})


def _own(posted: QueryDict) -> int | None:
    return row_number(posted.get("own", ""))


def world(own: int | None) -> World:
    """What a rule may name besides facts: other segments, and types."""
    found: dict[str, list[tuple[str, str]]] = {kind: [] for kind in Segment.Kind.values}
    for each in Segment.objects.exclude(pk=own or 0).order_by("name").only("kind", "name", "starter"):
        found[each.kind].append((str(each.pk), naming.title(each)))
    return World(found[Segment.Kind.AUDIENCE], found[Segment.Kind.TYPE])


def node_of(rule: draft.Group) -> Node | None:
    """The rule as the language has it; None, with words at their places, where it cannot be read."""
    data = rule.data()
    if any(part.wrong for part in draft.every(rule)):
        return None
    try:
        return read({"version": VERSION, "rule": data})
    except RuleError as error:
        draft.blame(rule, error.path, error.message)
        return None


def told(rule: draft.Group, *, now: datetime) -> Told:
    """Whom it finds, or that it cannot be read yet."""
    node, parts, today = node_of(rule), list(draft.every(rule)), days.number(now)
    if node is None:
        return Told(
            wrong=_("Something in the rule is missing or cannot be read yet; it is said at its place."), parts=parts
        )
    return Told(
        customers=audiences.count(node, today=today),
        of=CustomerFacts.objects.count(),
        said=sentence(node, segments=naming.titles()),
        sample=audiences.sample(node, today=today),
        parts=parts,
    )


def asked(address: QueryDict) -> draft.Group:
    """A rule to begin with, from an address such as ?state=slipping or ?r=5&f=4."""
    found = known_of(address)
    parts: list[Node] = [
        Compare(name, "is" if name in ("state", "customer_type") else "=", value)
        for name, value in found.items()
        if name != "tier"
    ]
    for name, low, high in TIERS:
        if found.get("tier") == name:
            parts.append(Compare("value_percent", "between", (low, high - 1)))
    return draft.of(Group("all", tuple(parts))) if parts else draft.begun()
