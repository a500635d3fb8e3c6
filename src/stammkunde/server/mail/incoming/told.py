"""Letters of mail systems, written for people: where the returned mail begins, whom they are about, what they say."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,120}@(?:[\w-]{1,63}\.){1,10}[A-Za-z][\w-]{1,62}", re.ASCII)
_QUOTED = re.compile(r'"[^"\s]{1,80}"@(?:[\w-]{1,63}\.){1,10}[A-Za-z][\w-]{1,62}', re.ASCII)

_MARK = re.compile(
    r"^[ \t>*#=_-]*(?:this is a copy of (?:the|your) message|below this line|below is a copy|"
    r"(?:the )?headers? of the original|(?:included|enclosed) is a copy|message headers? follow|"
    r"(?:the )?(?:first \d+ lines of )?(?:your |the )?(?:original|returned|unsent|undelivered|bounced) (?:mail |"
    r"e-?mail )?"
    r"(?:message|mail)(?:[ \t]*(?:headers?|body|info|text)?[ \t]*(?:follows?.{0,40}|attached)?[ \t:.*#=_-]*)$|"
    r"copy of (?:the )?original message|begin(?:ning)? of (?:the )?(?:message|original)|"
    r"message text follows|start of (?:the )?(?:message|returned)|the (?:message|mail) (?:text|header)\b|"
    r"received message follows|urspr(?:ü|ue)ngliche nachricht|kopie der nachricht)",
    re.IGNORECASE,
)
_HEADER = re.compile(r"^[ \t>]{0,4}([A-Za-z][A-Za-z-]{1,40}):(?:[ \t]|$|<)")
_OF_A_MAIL = frozenset(("from", "to", "cc", "subject", "date", "content-type", "reply-to", "user-agent", "x-mailer"))
_OF_A_JOURNEY = frozenset(
    (
        *("received", "message-id", "return-path", "mime-version", "dkim-signature", "content-transfer-encoding"),
        *("delivered-to", "domainkey-signature", "x-google-dkim-signature", "x-received", "in-reply-to", "references"),
        *("authentication-results", "arc-seal", "x-originating-ip", "received-spf", "envelope-to"),
    )
)

_TRANSCRIPT = re.compile(rf"^\s*[2-5]\d\d[ -].{{0,80}}?<?({ADDRESS.pattern})>?\s*\.\.\.", re.ASCII)
_FIRST = re.compile(rf"^[\s>*•.\-\[(]*[<\"']?({ADDRESS.pattern})[>\"']?", re.ASCII)
_LED = re.compile(
    rf"(?:recipients?|address|addressee|to|for|user|mailbox|empf\w+nger|an|failed|message|full)\b[^@\n]{{0,40}}?"
    rf"[\s:<\"'(]({ADDRESS.pattern})",
    re.ASCII | re.IGNORECASE,
)
_NOT_THEIRS = re.compile(
    r"(?:^|\s)(?:(?<!generated )from|sender|reply-to|envelope-from|contact|support|questions?|help|assistance|"
    r"message-id|mail from|"
    r"de|absender|return-path|x-[\w-]+)\b\s*[:<(=]?\s*[<\"']?$",
    re.IGNORECASE,
)
_SERVICE = re.compile(
    r"^(?:postmaster|mailer-daemon|mailerdaemon|mail-daemon|abuse|noreply|no-reply|support)@", re.IGNORECASE
)


@dataclass
class Passage:
    """What a letter says about one address. A passage of a transcript says it exactly."""

    address: str
    lines: list[str] = field(default_factory=list)
    exact: bool = False

    @property
    def text(self) -> str:
        """In one line."""
        return " ".join(" ".join(line.split()) for line in self.lines if line.strip())[:3000]


def split(text: str) -> tuple[str, str]:
    """The letter, and the mail it returns (nothing where it returns none)."""
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if (number and _MARK.match(line)) or _begins(lines, number):
            return "\n".join(lines[:number]), "\n".join(lines[number:])
    return text, ""


def _begins(lines: list[str], number: int) -> bool:
    """Whether the fields of a mail begin at a line, and none of a report."""
    if not _HEADER.match(lines[number]) or (number and _HEADER.match(lines[number - 1])):
        return False
    names: list[str] = []
    for line in lines[number : number + 25]:
        if match := _HEADER.match(line):
            names.append(match[1].lower())
        elif not line[:1].isspace() or not line.strip():
            break
    known = {*names} & _OF_A_JOURNEY
    return bool(known) and len(known | ({*names} & _OF_A_MAIL)) >= 3


def passages(letter: str, *, own: Iterable[str] = ()) -> list[Passage]:
    """The addresses a letter is about, in its order, with what it says of each. `own` are ours: it came to them."""
    skipped = {each.lower() for each in own}
    lines = letter.split("\n")[:2000]
    found = _cut(lines, [(n, a, x) for n, a, x in _at_line(lines) if not _ours(a, skipped)])
    if found:
        return found
    led = [
        (n, m[1], False)
        for n, line in enumerate(lines)
        for m in _LED.finditer(line[:1000])
        if _theirs(line, m.start(1))
    ]
    found = _cut(lines, [each for each in led if not _ours(each[1], skipped)])
    return found or _loose(lines, skipped)


def _at_line(lines: list[str]) -> list[tuple[int, str, bool]]:
    """Addresses that a line begins with, or that a line of a transcript ends with."""
    found = []
    for number, line in enumerate(lines):
        said = line[:1000]
        if match := _TRANSCRIPT.match(said):
            found.append((number, match[1], True))
        elif match := _FIRST.match(said):
            found.append((number, match[1], False))
    return found


def _cut(lines: list[str], places: list[tuple[int, str, bool]]) -> list[Passage]:
    """What is said between one address and the next: after it in a list, before it in a transcript."""
    found: dict[str, Passage] = {}
    for at, (number, address, exact) in enumerate(places):
        start = _session(lines, places[at - 1][0] + 1 if at else 0, number) if exact else number
        end = number + 1 if exact else next((n for n, _, _ in places[at + 1 :]), len(lines))
        there = found.setdefault(address.lower(), Passage(address))
        if exact and not there.exact and len(places) > len({a.lower() for _, a, _ in places}):
            there.lines.clear()  # of the list above the transcript
        there.exact |= exact
        while exact and end < len(lines) and lines[end].startswith("<<<"):
            end += 1  # what else was answered in the same breath
        there.lines += lines[start:end]
    return list(found.values())


def _session(lines: list[str], start: int, end: int) -> int:
    """Where in these lines of a transcript the last conversation with a system begins."""
    talks = [number for number in range(start, end) if "while talking to" in lines[number].lower()]
    return talks[-1] if talks else start


def _loose(lines: list[str], skipped: set[str]) -> list[Passage]:
    """Any address at all; all of the letter is about it."""
    found: dict[str, Passage] = {}
    for line in lines:
        for match in ADDRESS.finditer(line[:1000]):
            if not _ours(match[0], skipped) and _theirs(line, match.start()):
                found.setdefault(match[0].lower(), Passage(match[0], lines))
    return list(found.values())


def _theirs(line: str, start: int) -> bool:
    return not _NOT_THEIRS.search(line[max(start - 40, 0) : start])


def _ours(address: str, skipped: set[str]) -> bool:
    return address.lower() in skipped or bool(_SERVICE.match(address))


def addresses(text: str) -> list[str]:
    """Every address of a text, as written, once."""
    quoted = _QUOTED.findall(text[:20_000])
    return list(dict.fromkeys([*quoted, *ADDRESS.findall(text[:20_000])]))
