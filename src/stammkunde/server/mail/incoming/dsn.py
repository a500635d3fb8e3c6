"""Reports for machines: of delivery (RFC 3464), and of complaints (RFC 5965)."""

import re
from collections.abc import Iterable, Iterator

from stammkunde.server.mail.incoming import told
from stammkunde.server.mail.incoming.mime import Headers, fields
from stammkunde.server.mail.incoming.reasons import code_of, command_of, is_hard, reason_of, status_of
from stammkunde.server.mail.incoming.told import Passage
from stammkunde.server.mail.incoming.verdict import Reason, Recipient

_OF_A_RECIPIENT = ("final-recipient", "original-recipient", "action", "diagnostic-code")
_FIELD = re.compile(r"^[ \t]*(?:final-recipient|original-recipient)[ \t]*:", re.IGNORECASE | re.MULTILINE)
_TYPED = re.compile(r"^\s*[\w-]{1,20}\s*;\s*")
DONE = {"delivered", "relayed", "expanded"}
RECIPIENTS = 500


def has_fields(text: str) -> bool:
    """Whether a text holds the fields of a report, though its parts do not say so."""
    return bool(_FIELD.search(text))


def before(letter: str) -> str:
    """What a letter says before the fields of the report that stands in it."""
    return re.split(r"\n[ \t]*reporting-mta[ \t]*:", letter, maxsplit=1, flags=re.IGNORECASE)[0]


def groups(text: str) -> Iterator[Headers]:
    """The fields about each recipient. Some systems put no empty line between them, or many."""
    for block in re.split(r"\n[ \t]*\n", text[:200_000]):
        found = fields(block)
        if any(name in found for name in _OF_A_RECIPIENT):
            yield from _parted(found)


def _parted(found: Headers) -> Iterator[Headers]:
    """A block in which one recipient follows another without a line between them."""
    kept: list[tuple[str, str]] = []
    for name, value in found.fields:
        if name in ("final-recipient", "action") and any(each == name for each, _ in kept):
            yield Headers(tuple(kept))
            kept = []
        kept.append((name, value))
    yield Headers(tuple(kept))


def recipients(text: str, *, letter: str, passages: Iterable[Passage]) -> tuple[Recipient, ...]:
    """Whom a report is about. `letter` and its passages say in words what the fields leave open."""
    said = {each.address.lower(): each.text for each in passages}
    found = list(groups(text))[:RECIPIENTS]
    only = letter if len(found) == 1 else ""
    return tuple(dict.fromkeys(_recipient(each, said, only) for each in found))


def _recipient(found: Headers, said: dict[str, str], only: str) -> Recipient:
    address = _address(found)
    diagnostic = _TYPED.sub("", " ".join(found.get("diagnostic-code").split()), count=1)
    beside = said.get(address.lower(), "") or only
    field, action = found.get("status"), found.get("action").split(" ")[0].lower().strip(";") or "failed"
    words = diagnostic if re.search(r"[^\W\d]{3}", diagnostic) else f"{diagnostic} {_remark(field)} {only or beside}"
    status = status_of(diagnostic, field, beside if not field else "")
    code = code_of(diagnostic, beside)
    if action in DONE:
        return Recipient(address, status, code, Reason.DELIVERED, action, words[:1000])
    command = command_of(f"{diagnostic} {beside} {only}".lower())
    reason = reason_of(words, status=status, command=command, formal=True)
    if reason is Reason.UNKNOWN and found.get("diagnostic-code").lower().startswith("x-unix"):
        reason = Reason.SYSTEM  # a program's number of an error
    hard = is_hard(reason, code=code, status=status, action=action)
    return Recipient(address, status, code, reason, action, words[:1000], hard=hard)


def _remark(status: str) -> str:
    """What some write behind the code: "4.2.2 (Over quota)"."""
    return status.partition("(")[2]


def _address(found: Headers) -> str:
    """The address it was sent to: the original one, where it was sent on."""
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        inside = told.addresses(found.get(name))
        if inside:
            return inside[0]
    return _TYPED.sub("", found.get("final-recipient")).strip("<> ")[:254]


def feedback(text: str) -> tuple[str, str]:
    """Of a complaint: what kind it is, and whose."""
    found = fields(text.strip())
    kind = found.get("feedback-type").strip().lower()
    for name in ("original-rcpt-to", "removal-recipient", "redacted-address"):
        inside = told.addresses(found.get(name))
        if inside:
            return kind, inside[0]
    return kind, ""
