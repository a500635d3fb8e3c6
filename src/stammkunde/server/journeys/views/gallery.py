"""The gallery: flows to look at, with every mail in every voice, and one button to copy."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from stammkunde.server.accounts.gate import needs, staff
from stammkunde.server.accounts.roles import Right
from stammkunde.server.consent.bases import Basis
from stammkunde.server.consent.packs import PACKS
from stammkunde.server.consent.purposes import Purpose
from stammkunde.server.consent.queries.rules import rules
from stammkunde.server.journeys.actions import copying
from stammkunde.server.journeys.library import showing
from stammkunde.server.journeys.library.reading import GROUPS, Flow
from stammkunde.server.journeys.pictures import picture
from stammkunde.server.journeys.queries import library
from stammkunde.server.journeys.steps.send import Send
from stammkunde.server.journeys.words import When, ending, happening, often, own, times, trigger
from stammkunde.server.mail.rendering.documents import Document, unfilled
from stammkunde.server.mail.rendering.voices import VOICES
from stammkunde.server.segments.rules.sentence import sentence

#: What voices are called.
VOICE: Mapping[str, Promise] = {
    "de-sie": gettext_lazy("German, formal"),
    "de-du": gettext_lazy("German, familiar"),
    "en": gettext_lazy("English"),
}


@dataclass(frozen=True)
class Card:
    """A flow in the gallery."""

    flow: Flow
    name: str
    about: str
    picture: SafeString
    bases: str
    copies: int


@dataclass(frozen=True)
class Letter:
    """A mail of a flow: its name, when it comes, what it is for, how many links are missing."""

    key: str
    name: str
    when: When
    purpose: Purpose
    gaps: int


@needs(Right.SEE)
@require_GET
def gallery(request: HttpRequest) -> HttpResponse:
    """All flows, by what they are about."""
    copied = library.copies()
    cards = [_card(flow, len(copied.get(flow.key, []))) for flow in library.flows()]
    groups = [(group, GROUPS[group], list(some)) for group, some in groupby(cards, key=lambda card: card.flow.group)]
    mails = sum(len(card.flow.documents) for card in cards)
    return render(request, "journeys/gallery.html", {"groups": groups, "flows": len(cards), "mails": mails})


@needs(Right.SEE)
@require_GET
def one(request: HttpRequest, key: str) -> HttpResponse:
    """A flow: how it runs, what it takes, and its mails."""
    flow = _flow(key)
    found = flow.definition
    names = _names(flow)
    goal = happening(found.goal) if found.goal else ""
    page = {
        "flow": flow,
        "name": own(found.name),
        "about": own(found.about),
        "picture": picture(found, mails=names),
        "letters": _letters(flow, names),
        "trigger": trigger(found.trigger),
        "audience": sentence(found.audience, segments={}) if found.audience else "",
        "goal": goal,
        "endings": [ending(each) for each in found.exits if ending(each) != goal],
        "often": often(found),
        "laws": _laws(flow),
        "look": [own(each) for each in flow.look],
        "pools": [(own(each.name), each) for each in flow.pools],
        "copies": library.copies().get(key, []),
        "may": staff(request).may(Right.MESSAGES),
        **_mail(request, flow),
    }
    return render(request, "journeys/flow.html", page)


@needs(Right.MESSAGES)
@require_POST
def copy(request: HttpRequest, key: str) -> HttpResponse:
    """Copy a flow to the shop's journeys."""
    made = copying.copy(_flow(key), language=get_language() or "en", now=timezone.now(), by=staff(request))
    messages.success(request, _("Copied as “%(name)s”. It is off until you switch it on.") % {"name": made.name})
    return redirect("flow", key)


@needs(Right.SEE)
@require_GET
def letter(request: HttpRequest, key: str, mail: str) -> HttpResponse:
    """A mail of a flow by itself, as it would arrive, for an example customer."""
    document, voice = _document(_flow(key), mail), _voice(request)
    return showing.page(showing.example(document, voice))


# --- what stands on the pages -----------------------------------------------------------------------------------------


def _flow(key: str) -> Flow:
    found = library.flow(key)
    if found is None:
        raise Http404
    return found


def _document(flow: Flow, mail: str) -> Document:
    found = flow.documents.get(mail)
    if found is None:
        raise Http404
    return found


def _voice(request: HttpRequest) -> str:
    usual = "de-sie" if (get_language() or "en").startswith("de") else "en"
    asked = request.GET.get("voice", usual)
    return asked if asked in VOICES else usual


def _names(flow: Flow) -> dict[str, str]:
    voice = "de-sie" if (get_language() or "en").startswith("de") else "en"
    return {key: each.name.of(voice) for key, each in flow.documents.items()}


def _card(flow: Flow, copies: int) -> Card:
    found = flow.definition
    drawn = picture(found, mails=_names(flow))
    bases = ", ".join(str(each.label) for each in _bases(flow))
    return Card(flow, own(found.name), own(found.about), drawn, bases, copies)


def _bases(flow: Flow) -> list[Basis]:
    """What may carry its mails where the shop is at home."""
    holding = rules()
    pack = PACKS.get(holding.home, PACKS["EU"])
    found = (basis for each in flow.documents.values() for basis in holding.row(pack, each.purpose).bases)
    return list(dict.fromkeys(found))


def _laws(flow: Flow) -> list[tuple[Purpose, str, str]]:
    """For each purpose of a mail or block: what may carry it, and where that is written."""
    holding = rules()
    pack = PACKS.get(holding.home, PACKS["EU"])
    rows = [(each, holding.row(pack, each)) for each in flow.purposes]
    return [(each, _(" or ").join(str(basis.label) for basis in row.bases), row.source) for each, row in rows]


def _letters(flow: Flow, names: Mapping[str, str]) -> list[Letter]:
    when, found = times(flow.definition), dict[str, Letter]()
    for step in flow.definition.steps:
        if isinstance(step, Send) and step.mail not in found:
            document = flow.documents[step.mail]
            gaps = len(unfilled(document))
            found[step.mail] = Letter(step.mail, names[step.mail], when[step.id], Purpose(document.purpose), gaps)
    return list(found.values())


def _mail(request: HttpRequest, flow: Flow) -> dict[str, object]:
    """The mail that is shown, in the voice that was asked for."""
    first = flow.definition.mails[0]
    mail = request.GET.get("mail", first)
    document, voice = _document(flow, mail), _voice(request)
    voices = [(each, VOICE[each], each == voice) for each in VOICES]
    shown = {"shown": showing.example(document, voice), "shown_name": _names(flow)[mail]}
    return {"mail": mail, "voice": voice, "voices": voices, **shown}
