"""A mail compiled for a voice: blocks become MJML and that HTML, with the tags of Liquid left in.

Done once for a version and voice; what is left for each recipient is filling in (`rendering`).
"""

import re
from dataclasses import asdict, dataclass
from typing import Any

import mjml
from django.utils.translation import gettext as _

from stammkunde.server.mail.rendering import liquid, writing_html, writing_text
from stammkunde.server.mail.rendering.blocks import Footer
from stammkunde.server.mail.rendering.design import Palette, style
from stammkunde.server.mail.rendering.documents import Document, DocumentError
from stammkunde.server.mail.rendering.voices import VOICES, language_of

#: MJML takes a tag it does not know for nothing, in silence: these are known.
KNOWN = frozenset(
    {
        *("mjml", "mj-head", "mj-title", "mj-preview", "mj-attributes", "mj-all", "mj-raw", "mj-style", "mj-body"),
        *("mj-section", "mj-column", "mj-text", "mj-button", "mj-divider"),
    }
)
TAG = re.compile(r"</?(mj[\w-]*)")
#: What a mail may need to be told of a customer, by the first word of its variables.
SOURCES = ("order", "parcel", "cart", "products", "coupon", "event", "withdrawal")


@dataclass(frozen=True)
class Compiled:
    """A mail in one voice. `sources` names what has to be known to fill it in (see `SOURCES`)."""

    subject: str
    preheader: str
    html: str
    text: str
    sources: tuple[str, ...] = ()

    def written(self) -> dict[str, Any]:
        """As `Version.compiled` keeps it."""
        return {**asdict(self), "sources": list(self.sources)}

    @classmethod
    def read(cls, kept: dict[str, Any]) -> "Compiled":
        """What `written` wrote."""
        return cls(**{**kept, "sources": tuple(kept.get("sources", ()))})


def compile_document(document: Document, *, voice: str) -> Compiled:
    """The mail in a voice.

    Raises
    ------
    DocumentError : its texts cannot be filled in together.
    """
    subject, preheader = (each.of(voice).strip() for each in (document.subject, document.preheader))
    html, text = _html(document, voice), _text(document, voice)
    used: set[str] = set()
    for said, escaped in ((subject, False), (preheader, False), (html, True), (text, False)):
        try:
            used |= {str(each[0]) for each in liquid.variables(liquid.parse(said, html=escaped))}
        except liquid.FillingError as error:
            told = {"voice": voice, "why": error.what}
            raise DocumentError("blocks", _("In the voice %(voice)s: %(why)s") % told) from error
    return Compiled(subject, preheader, html, text, tuple(each for each in SOURCES if each in used))


def compiled(document: Document) -> dict[str, dict[str, Any]]:
    """The mail in every voice, as `Version.compiled` keeps it."""
    return {voice: compile_document(document, voice=voice).written() for voice in VOICES}


def _html(document: Document, voice: str) -> str:
    palette = Palette.of(document.accent)
    writer = writing_html.Writer(voice, palette)
    *parts, foot = ((name, writer.write(block, name)) for name, block in document.numbered())
    rows = "".join(_left_out(writer, made, name) for name, made in parts)
    title, preheader = (writer.line(each) for each in (document.subject, document.preheader))
    source = writing_html.page(
        writer, rows, foot[1], title=title, preheader=preheader, language=language_of(voice), style=style(palette)
    )
    for tag in set(TAG.findall(source)) - KNOWN:
        raise DocumentError("blocks", _("MJML has no tag %(tag)s.") % {"tag": tag})
    return writer.tokens.back(mjml.mjml2html(source, fonts={}))


def _left_out(writer: writing_html.Writer, made: str, name: str) -> str:
    """A block between tags that leave it out of a mail for somebody."""
    begins, ends = (writer.tokens.put(each) for each in (f"{{% if blocks.{name} %}}", "{% endif %}"))
    return f"<mj-raw>{begins}</mj-raw>{made}<mj-raw>{ends}</mj-raw>"


def _text(document: Document, voice: str) -> str:
    writer = writing_text.Writer(voice)
    parts = []
    for name, block in document.numbered():
        made = writer.write(block, name)
        parts.append(made if isinstance(block, Footer) or not made else liquid.when(f"blocks.{name}", made))
    return "".join(parts).rstrip() + "\n"
