"""A mail as it is written: read and judged, and written again. What is wrong is told with its place.

key: second-order
name: {en: Second order, de: Zweite Bestellung}
purpose: offer
subject: {en: "{{ customer.first_name | default: 'Hello' }}, 10% for you", de-du: …, de-sie: …}
blocks:
  - {kind: heading, text: {en: Welcome back, de: Willkommen zurück}}
  - {kind: products, pick: related, most: 4}
  - {kind: footer}
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import Field, dataclass, fields
from typing import Any

from django.utils.translation import gettext as _

from stammkunde.errors import StammkundeError
from stammkunde.server.consent.purposes import TRANSACTIONAL, Purpose
from stammkunde.server.mail.rendering import addresses, blocks, liquid, markdown, samples
from stammkunde.server.mail.rendering.blocks import KINDS, WHENS, Block, Footer
from stammkunde.server.mail.rendering.voices import KEYS, VOICES, Texts, lacking, texts

MOST, LONGEST_LINE, LONGEST = 60, 500, 20_000
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
COLOUR = re.compile(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
HTML = re.compile(r"<[a-zA-Z/!?]")
ACCENT = "#0b5c8a"
PARTS = ("key", "name", "purpose", "subject", "preheader", "blocks", "attributes")


class DocumentError(StammkundeError):
    """A mail that cannot be kept: `path` says where in it, such as "blocks[3].text.de"."""

    advice = "Correct it at the place that is named."

    def __init__(self, path: str, what: str, *, advice: str | None = None) -> None:
        super().__init__(what, where=path or None, advice=advice or _("Correct it at the place that is named."))
        self.path = path


@dataclass(frozen=True)
class Document:
    """A mail. Its last block is the footer, always."""

    key: str
    name: Texts
    purpose: str
    subject: Texts
    preheader: Texts
    blocks: tuple[Block, ...]
    accent: str = ACCENT

    def numbered(self) -> Iterator[tuple[str, Block]]:
        """Its blocks with their names: "b0", "b1", …"""
        return ((f"b{number}", each) for number, each in enumerate(self.blocks))

    def purposes(self) -> dict[str, str]:
        """What needs a basis: the mail (under ""), and each block with a purpose of its own."""
        return {"": self.purpose} | {name: each.purpose for name, each in self.numbered() if each.purpose}

    @property
    def advertises(self) -> bool:
        """Whether it, or a block of it, is advertising."""
        return any(each not in TRANSACTIONAL for each in self.purposes().values())


def read(document: Mapping[str, Any], *, key: str = "") -> Document:
    """The mail that a document describes; `key` is its name where it has none in it.

    Raises
    ------
    DocumentError : something is missing, unknown, not as it must be, or a text asks for what there is not.
    """
    if not isinstance(document, Mapping):
        raise DocumentError("", _("Here a mail is expected: purpose, subject and blocks."))
    _known(document, PARTS, "")
    found = Document(
        key=_slug(document.get("key", key), "key"),
        name=_line(document.get("name"), "name"),
        purpose=_choice(document.get("purpose"), "purpose", Purpose.values),
        subject=_line(document.get("subject"), "subject"),
        preheader=_line(document["preheader"], "preheader") if document.get("preheader") else Texts(),
        blocks=_blocks(document.get("blocks")),
        accent=_accent(document.get("attributes", {})),
    )
    _one_coupon(found)
    return found


def written(document: Document) -> dict[str, Any]:
    """The document a mail is read from: reading it again gives the same mail."""
    found: dict[str, Any] = {"key": document.key, "name": document.name.written(), "purpose": document.purpose}
    found["subject"] = document.subject.written()
    if document.preheader:
        found["preheader"] = document.preheader.written()
    found["blocks"] = [_written(each) for each in document.blocks]
    return found | ({"attributes": {"accent": document.accent}} if document.accent != ACCENT else {})


def unfilled(document: Document) -> list[str]:
    """The places whose link the shop has still to give: with one of them open, a mail can be seen but not published."""
    return [
        f"blocks[{number}].link"
        for number, each in enumerate(document.blocks)
        if isinstance(each, blocks.Paper | blocks.Survey) and not each.link
    ]


def digest(document: Document) -> str:
    """What it says, in short."""
    return hashlib.sha256(json.dumps(written(document), sort_keys=True).encode()).hexdigest()


def _written(part: Any) -> dict[str, Any]:
    found = {"kind": part.kind} if isinstance(part, Block) else {}
    for each in fields(part):
        value = getattr(part, each.name)
        if isinstance(value, Texts):
            value = value.written()
        elif isinstance(value, tuple):
            value = [_written(item) for item in value]
        if value:
            found[each.name] = value
    return found


def _known(said: Mapping[str, Any], names: Sequence[str], path: str) -> None:
    for name in said:
        if name not in names:
            where, told = f"{path}.{name}".lstrip("."), {"known": ", ".join(names)}
            raise DocumentError(where, _("This is not known here. What is known: %(known)s.") % told)


def _blocks(said: Any) -> tuple[Block, ...]:
    if not isinstance(said, list | tuple) or not said:
        raise DocumentError("blocks", _("A mail needs blocks."))
    if len(said) > MOST:
        raise DocumentError("blocks", _("These are more blocks than a mail may have."))
    found = [_block(each, f"blocks[{number}]") for number, each in enumerate(said)]
    for number, each in enumerate(found[:-1]):
        if isinstance(each, Footer):
            raise DocumentError(f"blocks[{number}]", _("The footer comes last, and once."))
    return tuple(found if isinstance(found[-1], Footer) else [*found, Footer()])


def _block(said: Any, path: str) -> Block:
    if not isinstance(said, Mapping):
        raise DocumentError(path, _("Here a block is expected: its kind, and what that holds."))
    kind = KINDS[_choice(said.get("kind"), f"{path}.kind", tuple(KINDS))]
    common = () if kind is Footer else ("purpose", "when")
    _known(said, ("kind", *kind.held(), *common), path)
    values = _fields(said, kind.held(), path)
    if said.get("purpose"):
        values["purpose"] = _choice(said["purpose"], f"{path}.purpose", Purpose.values)
    if said.get("when"):
        values["when"] = _choice(said["when"], f"{path}.when", WHENS)
    return kind(**values)


def _fields(said: Mapping[str, Any], held: Mapping[str, Field[Any]], path: str) -> dict[str, Any]:
    values = {}
    for name, each in held.items():
        where = f"{path}.{name}"
        if said.get(name) in (None, "", {}, []):
            left_open = name == "link" and said.get("fill") is True
            if not each.metadata["optional"] and not left_open:
                raise DocumentError(where, _("This is missing."))
            continue
        values[name] = _READERS[each.metadata["reads"]](said[name], where, each.metadata)
    return values


def _slug(said: Any, path: str) -> str:
    if not isinstance(said, str) or not SLUG.fullmatch(said):
        raise DocumentError(path, _("This is a name of small letters, digits and hyphens, such as second-order."))
    return said


def _choice(said: Any, path: str, options: Sequence[str]) -> str:
    if not isinstance(said, str) or said not in options:
        raise DocumentError(path, _("This is one of: %(options)s.") % {"options": ", ".join(options)})
    return said


def _number(said: Any, path: str, *, low: int, high: int) -> int:
    if not isinstance(said, int) or isinstance(said, bool) or not low <= said <= high:
        told = {"low": low, "high": high}
        raise DocumentError(path, _("This is a whole number from %(low)s to %(high)s.") % told)
    return said


def _flag(said: Any, path: str) -> bool:
    if not isinstance(said, bool):
        raise DocumentError(path, _("This is true or false."))
    return said


def _accent(said: Any) -> str:
    if not isinstance(said, Mapping):
        raise DocumentError("attributes", _("Attributes are names with values, such as accent."))
    _known(said, ("accent",), "attributes")
    accent = said.get("accent", ACCENT)
    if not isinstance(accent, str) or not COLOUR.fullmatch(accent):
        raise DocumentError("attributes.accent", _("A colour is written as #0b5c8a."))
    return accent if len(accent) == 7 else "#" + "".join(sign * 2 for sign in accent[1:])


def _texts(said: Any, path: str, longest: int) -> Texts:
    if not isinstance(said, Mapping):
        told = {"voices": "{en: …, de: …}, {en: …, de-du: …, de-sie: …}"}
        raise DocumentError(path, _("A text is written for every voice: %(voices)s.") % told)
    _known(said, KEYS, path)
    for voice, text in said.items():
        if not isinstance(text, str) or not text.strip():
            raise DocumentError(f"{path}.{voice}", _("Here a text is expected."))
        if len(text) > longest:
            raise DocumentError(f"{path}.{voice}", _("This text is too long."))
        if "\0" in text:
            raise DocumentError(f"{path}.{voice}", _("There is a character in the text that no text has."))
    if missing := lacking(said):
        told = {"voices": ", ".join(dict.fromkeys(missing))}
        raise DocumentError(path, _("There is no text for: %(voices)s.") % told)
    return texts(said)


def _line(said: Any, path: str) -> Texts:
    found = _texts(said, path, LONGEST_LINE)
    for voice, text in found.said:
        if "\n" in text.strip():
            raise DocumentError(f"{path}.{voice}", _("This is one line."))
        _fillable(text, f"{path}.{voice}")
    return found


def _prose(said: Any, path: str) -> Texts:
    found = _texts(said, path, LONGEST)
    for voice, text in found.said:
        where = f"{path}.{voice}"
        if HTML.search(liquid.TAG.sub("", text)):
            advice = _("Write **bold**, *italic*, [a link](https://…), and lists with hyphens.")
            raise DocumentError(where, _("Texts hold no HTML."), advice=advice)
        _fillable(text, where)
        _linked(text, where)
    return found


def _linked(text: str, path: str) -> None:
    tokens = liquid.Tokens()
    hidden = tokens.hide(text)
    for said, href in markdown.links(hidden):
        if wrong := addresses.judge(tokens.back(href), text=said):
            raise DocumentError(path, wrong)
    if markdown.refused(hidden):
        raise DocumentError(path, _("A link in it is none: write [text](https://…)."))


def _fillable(text: str, path: str) -> None:
    """Read the text as Liquid and fill it in once with examples."""
    if "{" not in text:
        return
    try:
        template = liquid.parse(text, html=True)
        example = samples.sample(VOICES[0])
        for each in liquid.variables(template):
            _there(each, example, path)
        if strange := liquid.filters(template) - liquid.FILTERS:
            told = {"name": min(strange), "known": ", ".join(sorted(liquid.FILTERS))}
            raise DocumentError(path, _("There is no filter %(name)s. There are: %(known)s.") % told)
        liquid.fill(template, example)
    except liquid.FillingError as error:
        raise DocumentError(path, error.what, advice=error.advice) from error


def _there(variable: list[Any], example: Any, path: str) -> None:
    """Whether there is such a variable. What follows an item of a list is seen when the text is tried."""
    place = example
    for number, part in enumerate(variable):
        if isinstance(place, list):
            return
        if not isinstance(place, Mapping) or part not in place:
            name = ".".join(str(each) for each in variable[: number + 1])
            known = ", ".join(sorted(place)) if isinstance(place, Mapping) else ""
            advice = _("Here there are: %(known)s.") % {"known": known} if known else None
            raise DocumentError(path, _("There is no variable %(name)s.") % {"name": name}, advice=advice)
        place = place[part]


def _link(said: Any, path: str) -> Texts:
    found = texts(said) if isinstance(said, str) else _texts(said, path, addresses.LONGEST)
    for voice, url in found.said:
        where = f"{path}.{voice}" if voice else path
        _fillable(url, where)
        if wrong := addresses.judge(url):
            raise DocumentError(where, wrong)
    return Texts(tuple((voice, url.strip()) for voice, url in found.said))


def _image(said: Any, path: str) -> Texts:
    found = _link(said, path)
    for voice, url in found.said:
        if not url.startswith("https://"):
            raise DocumentError(f"{path}.{voice}".rstrip("."), _("A picture has an address that begins with https://."))
    return found


def _items(said: Any, path: str, about: Mapping[str, Any]) -> tuple[Any, ...]:
    if not isinstance(said, list | tuple) or len(said) > about["most"]:
        raise DocumentError(path, _("Here a list of at most %(most)s is expected.") % {"most": about["most"]})
    found, held = [], {each.name: each for each in fields(about["of"])}
    for number, each in enumerate(said):
        where = f"{path}[{number}]"
        if not isinstance(each, Mapping):
            raise DocumentError(where, _("Here src, alt, link and credit are expected."))
        _known(each, tuple(held), where)
        found.append(about["of"](**_fields(each, held, where)))
    return tuple(found)


_READERS: Mapping[str, Callable[[Any, str, Mapping[str, Any]], Any]] = {
    "line": lambda said, path, _about: _line(said, path),
    "prose": lambda said, path, _about: _prose(said, path),
    "link": lambda said, path, _about: _link(said, path),
    "image": lambda said, path, _about: _image(said, path),
    "choice": lambda said, path, about: _choice(said, path, about["options"]),
    "number": lambda said, path, about: _number(said, path, low=about["low"], high=about["high"]),
    "slug": lambda said, path, _about: _slug(said, path),
    "flag": lambda said, path, _about: _flag(said, path),
    "items": _items,
}


def _one_coupon(document: Document) -> None:
    """One pool a mail: two codes in one mail are an offer nobody understands, and {{ coupon.code }} names one."""
    pools = {each.pool for each in document.blocks if isinstance(each, blocks.Coupon)}
    if len(pools) > 1:
        raise DocumentError("blocks", _("A mail gives codes of one pool."))
