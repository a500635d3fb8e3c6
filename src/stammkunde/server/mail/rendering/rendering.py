"""A compiled mail filled in for one person, as often as there are people."""

import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from django.utils.translation import gettext as _

from stammkunde.server.mail.models import Version
from stammkunde.server.mail.rendering import liquid
from stammkunde.server.mail.rendering.blocks import Block, Products
from stammkunde.server.mail.rendering.compiling import Compiled, compile_document
from stammkunde.server.mail.rendering.documents import Document, read

KEPT = 200  # renderers a process holds: 40 kB each
LONGEST = 250  # characters of a subject
GAPS = re.compile(r"\n{3,}")
#: Controls, ends of lines, and signs that turn the direction of writing around: none belongs in a subject.
UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
#: What a block of a kind cannot do without.
NEEDS = {"order": "order", "cart": "cart", "coupon": "coupon"}
#: Blocks that say nothing by themselves.
FRAME = frozenset({"heading", "image", "divider", "footer"})


@dataclass(frozen=True)
class Rendered:
    """A mail for one person; `blocks` names those that are in it."""

    subject: str
    preheader: str
    html: str
    text: str
    blocks: tuple[str, ...] = ()


class Renderer:
    """A version of a mail in one voice, ready to be filled in. Threads may share it."""

    def __init__(self, document: Document, compiled: Compiled) -> None:
        self.document, self.compiled = document, compiled
        self._subject, self._preheader, self._text = (
            liquid.parse(said, html=False) for said in (compiled.subject, compiled.preheader, compiled.text)
        )
        self._html = liquid.parse(compiled.html, html=True)

    def render(self, context: Mapping[str, Any], blocks: Collection[str] | None = None) -> Rendered:
        """Fill it in. `blocks` names those with a purpose of their own that may be shown, all where it is None; a block
        whose order, cart, coupon or products there are not is left out as well.

        Raises
        ------
        FillingError : a variable has no value, a limit was reached, or nothing is left to say.
        """
        shown = self.shown(context, blocks)
        filled = {**context, "blocks": dict.fromkeys(shown, True)}
        return Rendered(
            one_line(liquid.fill(self._subject, filled)),
            one_line(liquid.fill(self._preheader, filled)),
            liquid.fill(self._html, filled),
            GAPS.sub("\n\n", liquid.fill(self._text, filled)).strip() + "\n",
            shown,
        )

    def shown(self, context: Mapping[str, Any], blocks: Collection[str] | None = None) -> tuple[str, ...]:
        """The blocks that are shown to somebody.

        Raises
        ------
        FillingError : none of them says anything.
        """
        there = [
            (name, each)
            for name, each in self.document.numbered()
            if (not each.purpose or blocks is None or name in blocks) and _there(each, name, context)
        ]
        if all(each.kind in FRAME for _name, each in there) and not all(
            each.kind in FRAME for each in self.document.blocks
        ):
            advice = _("Add a block that everybody gets, or send it to those it is for.")
            raise liquid.FillingError(_("Nothing is left to say: every block is left out."), advice=advice)
        return tuple(name for name, _each in there)


def _there(block: Block, name: str, context: Mapping[str, Any]) -> bool:
    """Whether what the block needs is there for this person."""
    needs = NEEDS.get(block.kind)
    if needs and not context.get(needs):
        return False
    products = context.get("products") or {}
    if isinstance(block, Products) and not products.get(name):
        return False
    if block.when in ("first_order", "repeat_order"):
        first = int(context["customer"]["orders"]) <= 1
        return first == (block.when == "first_order")
    if block.when == "products":
        return any(products.values())
    return not block.when or bool(context.get(block.when))


def one_line(text: str) -> str:
    """A text as a header takes it: on one line, not too long, without signs that are not seen."""
    line = " ".join(UNFIT.sub(" ", text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1].rstrip()}…"


class _Kept:
    """The renderers used last. Parsing takes as long as rendering a dozen times."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[str, str], Renderer] = OrderedDict()
        self._lock = Lock()

    def of(self, version: Version, voice: str) -> Renderer:
        key = (_named(version), voice)
        with self._lock:
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
                return found
        made = _made(version, voice)
        with self._lock:
            self._found[key] = made
            while len(self._found) > KEPT:
                self._found.popitem(last=False)
        return made


def _named(version: Version) -> str:
    """What tells it from every other: its digest, or one made now where it was given another name."""
    if len(version.digest) == 64:
        return version.digest
    return hashlib.sha256(json.dumps(version.document, sort_keys=True).encode()).hexdigest()


def _made(version: Version, voice: str) -> Renderer:
    document = read(version.document)
    compiled = version.compiled.get(voice)
    return Renderer(document, Compiled.read(compiled) if compiled else compile_document(document, voice=voice))


_kept = _Kept()


def renderer(version: Version, voice: str) -> Renderer:
    """The renderer of a version in a voice, parsed once a process.

    Raises
    ------
    DocumentError : its document cannot be read any more.
    """
    return _kept.of(version, voice)


def draft(document: Document, voice: str) -> Renderer:
    """A renderer of a mail that is still being written.

    Raises
    ------
    DocumentError : its texts cannot be filled in.
    """
    return Renderer(document, compile_document(document, voice=voice))
