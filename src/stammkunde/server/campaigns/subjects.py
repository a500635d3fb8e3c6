"""How a subject is cut: on a phone after about 35 letters, on a desk after about 60; a wide sign takes two places."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

PHONE, DESK, PREHEADER = 35, 60, 90
FEW = 10  # letters of a subject that tells too little
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff]")
#: Signs that join others into one, or change how one looks, and take no place of their own.
JOINERS = {"\u200d", "\ufe0f", "\ufe0e", "\u20e3"}
BLANKS = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
SHOUTED = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Cut:
    """What is read of a subject on a phone and on a desk, how wide it is, and what to know about it."""

    width: int
    phone: str
    desk: str
    preheader: str
    advice: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether a phone shows all of it."""
        return not self.phone.endswith("…")


def clusters(text: str) -> Iterator[str]:
    """The signs a reader sees: a letter with its accents, an emoji with what is joined to it, a flag of two letters."""
    found = ""
    for sign in text:
        flag = "\U0001f1e6" <= sign <= "\U0001f1ff" and len(found) == 1 and "\U0001f1e6" <= found <= "\U0001f1ff"
        tone = "\U0001f3fb" <= sign <= "\U0001f3ff"
        if found and (unicodedata.combining(sign) or sign in JOINERS or tone or flag or found[-1] == "\u200d"):
            found += sign
            continue
        if found:
            yield found
        found = sign
    if found:
        yield found


def width(text: str) -> int:
    """How many places it takes: two for an emoji or a wide sign."""
    return sum(_places(each) for each in clusters(text))


def _places(cluster: str) -> int:
    wide = unicodedata.east_asian_width(cluster[0]) in "WF" or EMOJI.match(cluster) or "\ufe0f" in cluster
    return 2 if wide else 1


def shortened(text: str, places: int) -> str:
    """As much as fits, with dots where something is missing; never half an emoji."""
    if width(text) <= places:
        return text
    kept, used = "", 0
    for each in clusters(text):
        used += _places(each)
        if used > places - 1:
            break
        kept += each
    return f"{kept.rstrip()}…"


def cut(subject: str, preheader: str = "") -> Cut:
    """Judge a subject as it was typed; variables count as eight letters, about as long as a first name."""
    said = " ".join(BLANKS.sub("········", subject).split())
    after = " ".join(BLANKS.sub("········", preheader).split())
    return Cut(
        width(said), shortened(said, PHONE), shortened(said, DESK), shortened(after, PREHEADER), _advice(said, after)
    )


def _advice(said: str, after: str) -> tuple[str, ...]:
    if not said:
        return (_("Without a subject it looks like spam."),)
    return (*_length(said), *_manners(said), *_goes_on(said, after))


def _length(said: str) -> list[str]:
    if width(said) > DESK:
        return [_("Even a desk cuts it. The important words belong in front.")]
    if width(said) > PHONE:
        return [_("A phone cuts it: what is read there has to make sense alone.")]
    return [_("It is very short. Does it say what the mail is about?")] if width(said) < FEW else []


def _manners(said: str) -> list[str]:
    found, letters = [], SHOUTED.findall(said)
    if len(letters) > 1 and all(word.isupper() for word in letters):
        found.append(_("Capitals throughout look like shouting, and filters know that."))
    if said.count("!") > 1:
        found.append(_("One exclamation mark is the most; none is better."))
    emoji = sum(1 for each in clusters(said) if EMOJI.match(each))
    if emoji > 1:
        found.append(_("%(number)s emoji: one is enough.") % {"number": emoji})
    if said.lower().startswith(("re:", "aw:", "fwd:", "wg:")):
        found.append(_("It pretends to be an answer: that misleads, and filters know it."))
    return found


def _goes_on(said: str, after: str) -> list[str]:
    if not after:
        return [_("Without a preview text the reader sees the first words of the mail after the subject.")]
    if after.casefold().startswith(said.casefold()):
        return [_("The preview text says the subject again: use it to go on.")]
    return []
