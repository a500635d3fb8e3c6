"""A mail as a form: every block with its fields, in every voice; and what somebody did with it, as a document again.

Nothing here judges: a draft may be half written. What is wrong is said by `rendering.documents`, beside its field.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from stammkunde.server.consent.purposes import Purpose
from stammkunde.server.mail.rendering.blocks import KINDS, WHENS, Post

Document = dict[str, Any]
TEXTS, SAME = ("line", "prose"), ("link", "image")
VOICES = (("de-sie", _("German, formal")), ("de-du", _("German, familiar")), ("en", _("English")))
TAG, VALUE = re.compile(r"\{%.*?%\}"), re.compile(r"\{\{.*?\}\}")  # of Liquid
ITEMS = 3  # empty places for pictures of customers beyond those there are

NAMES: Mapping[str, Promise | str] = {
    "heading": _("Heading"),
    "text": _("Text"),
    "image": _("Picture"),
    "button": _("Button"),
    "order": _("The order"),
    "cart": _("The basket"),
    "products": _("Articles"),
    "coupon": _("Coupon"),
    "document": _("Document or video"),
    "claim": _("What sets the shop apart"),
    "survey": _("Question"),
    "posts": _("Pictures of customers"),
    "divider": _("Dividing line"),
    "footer": _("Footer with imprint and way out"),
}
LABELS: Mapping[str, Promise | str] = {
    "text": _("Text"),
    "label": _("Words on the button"),
    "link": _("Link"),
    "src": _("Address of the picture"),
    "alt": _("What is on it, for those who do not see it"),
    "title": _("Title"),
    "proof": _("What proves it"),
    "question": _("Question"),
    "scale": _("Scale"),
    "pick": _("Which articles"),
    "most": _("At most"),
    "pool": _("Pool of codes"),
    "credit": _("Whose picture it is"),
    "fill": _("The link is still to come"),
    "subject": _("Subject"),
    "preheader": _("First words beside the subject"),
    "name": _("Name, for the shop alone"),
}
OPTIONS: Mapping[str, Promise | str] = {
    "again": _("what they buy again and again"),
    "related": _("what goes with what they have"),
    "popular": _("what many buy"),
    "cart": _("what is in their basket"),
    "viewed": _("what they looked at"),
    "nps": _("0 to 10"),
    "stars": _("one to five stars"),
    "csat": _("content or not"),
}
FLAG: Sequence[tuple[str, Promise | str]] = (("", _("no")), ("1", _("yes")))
WHEN: Mapping[str, Promise | str] = {
    "order": _("there is an order"),
    "cart": _("there is a basket"),
    "products": _("there are articles to show"),
    "coupon": _("there is a code"),
    "first_order": _("it is their first order"),
    "repeat_order": _("they have ordered before"),
}


@dataclass(frozen=True)
class Slot:
    """A field to fill in: its name in the form, what it is called, what is in it, and what is wrong with it."""

    name: str
    label: Promise | str
    value: str = ""
    kind: str = "line"
    voice: Promise | str = ""
    options: Sequence[tuple[str, Promise | str]] = ()
    error: str = ""


@dataclass(frozen=True)
class Card:
    """A block in the form: its place, kind, and fields."""

    place: int
    kind: str
    name: Promise | str
    slots: tuple[Slot, ...]
    teaser: str = ""
    error: str = ""
    fixed: bool = False


@dataclass(frozen=True)
class Sheet:
    """The whole form: the mail's own lines, and its blocks."""

    lines: tuple[Slot, ...]
    cards: tuple[Card, ...]
    purpose: str
    accent: str
    error: str = ""
    where: str = ""
    kinds: tuple[tuple[str, Promise | str], ...] = field(
        default_factory=lambda: tuple((name, NAMES[name]) for name in KINDS if name != "footer")
    )


def sheet(document: Mapping[str, Any], *, error: str = "", where: str = "") -> Sheet:
    """The form of a document, with the one thing that is wrong with it at its place."""
    fault = _Fault(where, error)
    lines = [
        slot for name in ("subject", "preheader") for slot in _texts(name, name, document.get(name), fault, "line")
    ]
    blocks = document.get("blocks")
    cards = [_card(k, each, fault) for k, each in enumerate(blocks if isinstance(blocks, list) else [])]
    if not cards or cards[-1].kind != "footer":
        cards.append(_card(len(cards), {"kind": "footer"}, fault))
    accent = str(_mapping(document.get("attributes")).get("accent", ""))
    own = error if not fault.told else ""
    return Sheet(tuple(lines), tuple(cards), str(document.get("purpose", "")), accent, own, where if own else "")


@dataclass
class _Fault:
    """What is wrong, and whether it has been said beside its field."""

    where: str
    error: str
    told: bool = False

    def at(self, path: str) -> str:
        """What is to be said at a path: once, at the first field that is named by it or lies within."""
        if self.told or not self.error or not self.where or not path.startswith(self.where):
            return ""
        self.told = True
        return self.error


def _card(place: int, block: Any, fault: _Fault) -> Card:
    said, path = _mapping(block), f"blocks[{place}]"
    kind = str(said.get("kind", ""))
    held = KINDS[kind].held() if kind in KINDS else {}
    slots: list[Slot] = []
    for name, each in held.items():
        slots += _slots(f"{path}.{name}", name, said.get(name), each.metadata, fault)
    if kind != "footer":
        slots += _common(path, said, fault)
    return Card(place, kind, NAMES.get(kind, kind), tuple(slots), _teaser(said), fault.at(path), fixed=kind == "footer")


def _slots(path: str, name: str, value: Any, about: Mapping[str, Any], fault: _Fault) -> list[Slot]:
    reads = about["reads"]
    if reads in TEXTS:
        return _texts(path, name, value, fault, reads)
    if reads == "items":
        return _items(path, value, fault)
    if reads in SAME and isinstance(value, Mapping):
        return _texts(path, name, value, fault, "line")
    if reads == "flag":
        return [Slot(path, LABELS[name], "1" if value else "", reads, options=FLAG, error=fault.at(path))]
    options = [(each, OPTIONS.get(each, each)) for each in about.get("options", ())]
    return [Slot(path, LABELS[name], _plain(value), reads, options=options, error=fault.at(path))]


def _texts(path: str, name: str, value: Any, fault: _Fault, kind: str) -> list[Slot]:
    """One field for each voice; a text for "de" stands in both German ones."""
    said, found = _mapping(value), []
    wrong = fault.at(path) if fault.where == path else ""
    for voice, called in VOICES:
        text = said.get(voice, said.get(voice.partition("-")[0], ""))
        at = fault.at(f"{path}.{voice}") or fault.at(f"{path}.{voice.partition('-')[0]}")
        found.append(Slot(f"{path}.{voice}", LABELS[name], _plain(text), kind, called, error=at or wrong))
        wrong = ""
    return found


def _items(path: str, value: Any, fault: _Fault) -> list[Slot]:
    items, found = value if isinstance(value, list) else [], []
    for place in range(len(items) + ITEMS):
        said = _mapping(items[place]) if place < len(items) else {}
        for each in Post.__dataclass_fields__.values():
            found += _slots(f"{path}[{place}].{each.name}", each.name, said.get(each.name), each.metadata, fault)
    return found


def _common(path: str, said: Mapping[str, Any], fault: _Fault) -> list[Slot]:
    when = [("", _("always")), *((name, WHEN[name]) for name in WHENS)]
    purposes = [("", _("the same as the mail")), *Purpose.choices]
    found = (
        ("when", _("Shown when"), when),
        ("purpose", _("Purpose: without a basis for it, this part is left out"), purposes),
    )
    return [
        Slot(
            f"{path}.{name}", label, _plain(said.get(name)), "choice", options=options, error=fault.at(f"{path}.{name}")
        )
        for name, label, options in found
    ]


def _teaser(said: Mapping[str, Any]) -> str:
    """The beginning of what a block says in the reader's language, to know it by when it is folded."""
    for name in ("text", "label", "title", "question"):
        texts = _mapping(said.get(name))
        own = (each for voice, each in texts.items() if voice.startswith((get_language() or "en")[:2]))
        found = next((str(each) for each in (*own, *texts.values()) if each), "")
        text = " ".join(VALUE.sub("…", TAG.sub("", found)).split())
        if text:
            return text if len(text) <= 60 else f"{text[:57]}…"
    return ""


# --- back again -------------------------------------------------------------------------------------------------------


def document(draft: Mapping[str, Any], posted: Mapping[str, str]) -> Document:
    """The draft with what was typed in its place, then with the one thing that was pressed done: a block added, moved
    or taken away (`do` = "add:text", "up:2", "down:2", "remove:2")."""
    found: Document = {name: draft[name] for name in ("key", "name") if name in draft}
    found["purpose"] = posted.get("purpose", "")
    found |= {name: _said(posted, name) for name in ("subject", "preheader") if _said(posted, name)}
    found["blocks"] = [_typed(posted, place, kind) for place, kind in _kinds(posted)]
    if posted.get("accent"):
        found["attributes"] = {"accent": posted["accent"]}
    _done(found["blocks"], posted.get("do", ""))
    return found


def _kinds(posted: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    place = 0
    while (kind := posted.get(f"blocks[{place}].kind")) is not None:
        if kind in KINDS:
            yield place, kind
        place += 1


def _typed(posted: Mapping[str, str], place: int, kind: str) -> Document:
    path, block = f"blocks[{place}]", {"kind": kind}
    for name, each in KINDS[kind].held().items():
        value = _value(posted, f"{path}.{name}", each.metadata)
        if value not in ("", {}, [], None, False):
            block[name] = value
    return block | {name: posted[f"{path}.{name}"] for name in ("when", "purpose") if posted.get(f"{path}.{name}")}


def _value(posted: Mapping[str, str], path: str, about: Mapping[str, Any]) -> Any:
    reads = about["reads"]
    if reads == "items":
        return list(_pictures(posted, path))
    if reads in TEXTS or (reads in SAME and f"{path}.en" in posted):
        return _said(posted, path)
    text = posted.get(path, "").strip()
    if reads == "flag":
        return bool(text)
    return int(text) if reads == "number" and text.isdecimal() else text


def _pictures(posted: Mapping[str, str], path: str) -> Iterator[Document]:
    place = 0
    while f"{path}[{place}].src" in posted or f"{path}[{place}].alt.en" in posted:
        held = Post.__dataclass_fields__.values()
        item = {each.name: _value(posted, f"{path}[{place}].{each.name}", each.metadata) for each in held}
        if any(item.values()):
            yield {name: value for name, value in item.items() if value}
        place += 1


def _said(posted: Mapping[str, str], path: str) -> dict[str, str]:
    """A text in its voices; where both German ones say the same, once."""
    typed = {voice: posted.get(f"{path}.{voice}", "").replace("\r\n", "\n").strip() for voice, _name in VOICES}
    if typed["de-sie"] == typed["de-du"]:
        typed = {"en": typed["en"], "de": typed["de-sie"]}
    return {voice: text for voice, text in typed.items() if text}


def _done(blocks: list[Document], do: str) -> None:
    verb, _colon, rest = do.partition(":")
    if verb == "add" and rest in KINDS and rest != "footer":
        place = len(blocks) - 1 if blocks and blocks[-1]["kind"] == "footer" else len(blocks)
        blocks.insert(place, {"kind": rest})
    last = len(blocks) - (1 if blocks and blocks[-1]["kind"] == "footer" else 0)
    if not rest.isdecimal() or not 0 <= (place := int(rest)) < last:
        return
    if verb == "remove":
        del blocks[place]
    elif verb in ("up", "down"):
        other = place + (1 if verb == "down" else -1)
        if 0 <= other < last:
            blocks[place], blocks[other] = blocks[other], blocks[place]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _plain(value: Any) -> str:
    return "" if value is None or isinstance(value, Mapping | list) else str(value)
