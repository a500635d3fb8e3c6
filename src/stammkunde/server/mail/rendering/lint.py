"""What is wrong with a mail before it goes out: for those who do not see it, for filters, for phones, and by law.

What cannot be sent at all is refused when it is read (`documents`); here stands what somebody should look at.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stammkunde.server.consent.purposes import TRANSACTIONAL, Purpose
from stammkunde.server.mail.rendering import design, liquid, markdown
from stammkunde.server.mail.rendering.blocks import Block, Button, Heading, Image, Posts
from stammkunde.server.mail.rendering.compiling import Compiled
from stammkunde.server.mail.rendering.documents import Document
from stammkunde.server.mail.rendering.voices import Texts, language_of

CLIPPED, HEAVY = 102_000, 60_000  # bytes: Gmail cuts beyond the first
SHORT, LONG = 20, 60  # characters of a subject; phones show 35 to 60
MANY_LINKS = 25
ADVERTISING = frozenset({"products", "coupon", "survey", "posts"})
ASKING = frozenset({Purpose.SURVEY, Purpose.REVIEW})

REPLY = re.compile(r"^\s*(re|fw|fwd|aw|wg|antw)\s*:", re.IGNORECASE)
NOISE = re.compile(r"[!?]{2,}|[€$%*]{2,}|!.*!")
VAGUE = frozenset(
    {
        *("here", "click here", "click", "more", "read more", "learn more", "link", "this"),
        *("hier", "hier klicken", "klicken sie hier", "klick hier", "mehr", "weiterlesen", "mehr erfahren"),
    }
)
FILE = re.compile(r"\.(jpe?g|png|gif|webp|svg)$|^(img|dsc|image)[_-]?\d", re.IGNORECASE)
REDUCED = re.compile(
    r"\b(statt|bisher|vorher|UVP|früher|instead of|was|formerly|RRP)\b[^.!?\n]{0,25}?(€|EUR|\d+[.,]\d\d)|~~.*\d.*~~",
    re.IGNORECASE,
)
OFFERING = re.compile(
    r"\b(rabatt\w*|gutschein\w*|angebote?|sonderangebot\w*|sale|aktion|discount\w*|voucher\w*|coupon|offers?|% off)\b",
    re.IGNORECASE,
)
DU = re.compile(r"\b(du|dich|dir|dein\w*)\b", re.IGNORECASE)
SIE = re.compile(r"(?<![.?!:\n„]) (Sie|Ihnen|Ihre?[nmrs]?)\b")
NAME = re.compile(r"customer\.(first_name|name)")


class Level(models.TextChoices):
    """How bad it is: not to be sent so, better not, worth knowing."""

    ERROR = "error", gettext_lazy("Error")
    WARNING = "warning", gettext_lazy("Warning")
    HINT = "hint", gettext_lazy("Hint")


@dataclass(frozen=True)
class Finding:
    """What was found: how bad, where ("blocks[3].text.de"), and what to do about it."""

    level: Level
    where: str
    text: str


@dataclass
class _Look:
    """A mail in one voice, and what was found in it."""

    document: Document
    voice: str
    compiled: Compiled
    found: list[Finding] = field(default_factory=list)

    def say(self, level: Level, where: str, text: str) -> None:
        self.found.append(Finding(level, where, text))

    def key(self, texts: Texts) -> str:
        """Under which key the text of the voice stands."""
        keys = dict(texts.said)
        return next((each for each in (self.voice, language_of(self.voice)) if each in keys), "")

    def texts(self) -> Iterator[tuple[str, str, Block]]:
        """Every text of a block: where it stands, and what it says without its tags."""
        for number, block in enumerate(self.document.blocks):
            for name, each in _texts(block):
                where = f"blocks[{number}].{name}.{self.key(each)}".rstrip(".")
                yield where, each.of(self.voice), block


def lint(document: Document, compiled: Compiled, voice: str) -> list[Finding]:
    """What is wrong with a mail in a voice, the worst first."""
    look = _Look(document, voice, compiled)
    for each in _LOOKS:
        each(look)
    order = list(Level)
    return sorted(look.found, key=lambda found: (order.index(found.level), found.where))


def _texts(part: object) -> Iterator[tuple[str, Texts]]:
    for each in fields(part):  # type: ignore[arg-type]
        value = getattr(part, each.name)
        if isinstance(value, Texts) and value and each.name not in ("link", "src"):
            yield each.name, value
        elif isinstance(value, tuple):
            for number, item in enumerate(value):
                yield from ((f"{each.name}[{number}].{name}", texts) for name, texts in _texts(item))


def _subject(look: _Look) -> None:
    said = liquid.TAG.sub("", look.document.subject.of(look.voice)).strip()
    where, letters = f"subject.{look.key(look.document.subject)}", [each for each in said if each.isalpha()]
    if REPLY.search(said):
        why = _("It looks like an answer to a mail, and is none: a subject must not deceive (§ 6 DDG).")
        look.say(Level.ERROR, where, why)
    if len(letters) >= 8 and sum(each.isupper() for each in letters) > len(letters) * 0.6:
        look.say(Level.WARNING, where, _("It shouts: capital letters make filters suspicious."))
    if NOISE.search(said):
        look.say(Level.WARNING, where, _("Many exclamation marks or signs make filters suspicious."))
    if len(said) > LONG:
        told = {"length": len(said)}
        look.say(Level.WARNING, where, _("It has %(length)s characters; phones show 35 to 60 of them.") % told)
    elif len(said) < SHORT // 2:
        look.say(Level.HINT, where, _("It is so short that it says little."))


def _preheader(look: _Look) -> None:
    said = look.document.preheader.of(look.voice)
    if not said:
        look.say(Level.HINT, "preheader", _("Without a preheader the inbox shows the first words of the mail."))
    elif said.strip().lower() == look.document.subject.of(look.voice).strip().lower():
        look.say(Level.HINT, "preheader", _("It repeats the subject."))


def _weight(look: _Look) -> None:
    size = len(look.compiled.html.encode())
    told = {"size": f"{size / 1000:.0f}"}
    if size > CLIPPED:
        look.say(Level.ERROR, "", _("It weighs %(size)s kB: Gmail cuts off what is beyond 102 kB.") % told)
    elif size > HEAVY:
        look.say(Level.WARNING, "", _("It weighs %(size)s kB: beyond 102 kB Gmail cuts it off.") % told)
    else:
        look.say(Level.HINT, "", _("It weighs %(size)s kB, without its pictures.") % told)
    if (links := look.compiled.html.count("<a ")) > MANY_LINKS:
        look.say(Level.WARNING, "", _("It has %(links)s links: filters and readers get lost.") % {"links": links})


def _links(look: _Look) -> None:
    for where, said, block in look.texts():
        labels = [text for text, _href in markdown.links(liquid.Tokens().hide(said))]
        labels += [said] if isinstance(block, Button) else []
        for each in labels:
            if each.strip(" .!:›»→").lower() in VAGUE:
                why = _("“%(text)s” does not say where it leads: screen readers read links by themselves.")
                look.say(Level.WARNING, where, why % {"text": each})


def _pictures(look: _Look) -> None:
    for number, block in enumerate(look.document.blocks):
        alts = [(f"blocks[{number}].alt", block.alt)] if isinstance(block, Image) else []
        if isinstance(block, Posts):
            alts += [(f"blocks[{number}].items[{n}].alt", each.alt) for n, each in enumerate(block.items)]
        for where, alt in alts:
            said = alt.of(look.voice).strip()
            if FILE.search(said):
                look.say(Level.WARNING, where, _("This names a file; say what is on the picture."))
            elif len(said) > 150:
                look.say(Level.HINT, where, _("This is long for a picture; put it into a text."))


def _colours(look: _Look) -> None:
    palette = design.Palette.of(look.document.accent)
    ratio = design.contrast(palette.accent, palette.on_accent)
    if ratio < design.READABLE:
        told = {"ratio": f"{ratio:.1f}"}
        why = _("Text on this colour has a contrast of %(ratio)s; 4.5 can be read by everybody.") % told
        look.say(Level.WARNING, "attributes.accent", why)
    elif palette.link != palette.accent:
        look.say(Level.HINT, "attributes.accent", _("Links are darker than it, so that they can be read on white."))


def _order(look: _Look) -> None:
    if not any(isinstance(each, Heading) for each in look.document.blocks):
        look.say(Level.HINT, "blocks", _("Without a heading nobody can jump to what the mail is about."))


def _language(look: _Look) -> None:
    for where, said, _block in look.texts():
        if look.voice == "de-sie" and DU.search(liquid.TAG.sub("", said)):
            look.say(Level.WARNING, where, _("It says du where the customer is called Sie."))
        if look.voice == "de-du" and SIE.search(liquid.TAG.sub("", said)):
            look.say(Level.WARNING, where, _("It says Sie where the customer is called du."))
    for number, block in enumerate(look.document.blocks):
        for name, each in _texts(block):
            english, german = each.of("en"), each.of("de-sie")
            if english == german and len(liquid.TAG.sub("", english).strip()) > 40:
                where = f"blocks[{number}].{name}"
                look.say(Level.WARNING, where, _("English and German say the same: was it translated?"))


def _names(look: _Look) -> None:
    places = [("subject", look.document.subject.of(look.voice)), ("preheader", look.document.preheader.of(look.voice))]
    places += [(where, said) for where, said, _block in look.texts()]
    for where, said in places:
        used = [tag for tag in liquid.TAG.findall(said) if tag.startswith("{{") and NAME.search(tag)]
        if used and "{% if" not in said and not all("default" in tag for tag in used):
            why = _("Of some customers no name is known: give it a default, or put it between if and endif.")
            look.say(Level.WARNING, where, why)


def _prices(look: _Look) -> None:
    places = [("subject", look.document.subject.of(look.voice)), ("preheader", look.document.preheader.of(look.voice))]
    for where, said in [*places, *((where, said) for where, said, _block in look.texts())]:
        if REDUCED.search(liquid.TAG.sub("", said)):
            why = _("A reduced price names the lowest one of the last 30 days, clearly (§ 11 PAngV, BGH I ZR 183/24).")
            look.say(Level.WARNING, where, why)


def _advertising(look: _Look) -> None:
    """Advertising in a mail that is none needs a purpose of its own, so that it can be left out."""
    whole = look.document.purpose
    if whole not in TRANSACTIONAL:
        return
    for number, block in enumerate(look.document.blocks):
        own, where = block.purpose or whole, f"blocks[{number}]"
        advertises = block.kind in ADVERTISING or own not in TRANSACTIONAL
        if whole == Purpose.OPT_IN and advertises:
            why = _("The confirmation of a sign-up holds no advertising at all (BGH I ZR 164/09).")
            look.say(Level.ERROR, where, why)
        elif block.kind in ADVERTISING and own in TRANSACTIONAL:
            why = _("This is advertising: give the block a purpose of its own, so that it is left out for those who"
                    " have not agreed (BGH VI ZR 134/15, VI ZR 225/17).")  # fmt: skip
            look.say(Level.ERROR, where, why)
    for where, said, block in look.texts():
        if (block.purpose or whole) in TRANSACTIONAL and block.kind not in ADVERTISING and OFFERING.search(said):
            why = _("This reads like advertising: if it is, give the block a purpose of its own (BGH VI ZR 134/15).")
            look.say(Level.WARNING, where, why)


def _asking(look: _Look) -> None:
    for number, block in enumerate(look.document.blocks):
        own = block.purpose or look.document.purpose
        if block.kind == "survey" and own not in ASKING and own not in TRANSACTIONAL:
            why = _("A question about satisfaction asks for a consent of its own: give the block the purpose survey"
                    " (BGH VI ZR 225/17).")  # fmt: skip
            look.say(Level.WARNING, f"blocks[{number}]", why)
        if block.kind == "cart" and own not in (Purpose.CART, *TRANSACTIONAL):
            why = _("A reminder of a cart asks for a consent of its own: give the block the purpose cart.")
            look.say(Level.WARNING, f"blocks[{number}]", why)


def _needing(look: _Look) -> None:
    """What a text speaks of may not be there: then the whole mail is not sent."""
    for where, said, block in look.texts():
        for name, kind in (("coupon", "coupon"), ("cart", "cart")):
            asked = re.search(r"\{\{[^}]*\b" + name + r"\.", said)
            if asked and block.when != name and block.kind != kind and "{% if" not in said:
                why = _("Where there is no %(name)s the mail is not sent: say “when: %(name)s” of the block.")
                look.say(Level.WARNING, where, why % {"name": name})


_LOOKS: tuple[Callable[[_Look], None], ...] = (
    *(_subject, _preheader, _weight, _links, _pictures, _colours, _order, _language, _names, _prices),
    *(_advertising, _asking, _needing),
)
