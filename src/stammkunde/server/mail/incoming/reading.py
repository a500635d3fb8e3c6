"""Raw bytes to a verdict, in the order of certainty: reports for machines first, then letters, then people."""

import re
from dataclasses import dataclass, replace
from functools import cached_property
from html import unescape

from stammkunde.server.mail.incoming import dsn, notices, replies, signs, told
from stammkunde.server.mail.incoming.mime import Headers, Mail, Part, divided, fields, opened
from stammkunde.server.mail.incoming.reasons import code_of, command_of, is_hard, reason_of, status_of
from stammkunde.server.mail.incoming.told import Passage
from stammkunde.server.mail.incoming.verdict import Kind, Reason, Recipient, Verdict

_ID = re.compile(r"<[^<>\s]{1,190}>")
_JMRP = "x-hmxmroriginalrecipient"
_RETURNED = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global", "text/rfc822")
_TO = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "x-delivered-to")
_UNSEEN = re.compile(r"(</?(?:style|script|head|title)\b[^<>]{0,2000}>)", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BREAK = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)[^>]{0,100}>", re.IGNORECASE)
_STILL = re.compile(
    r"warning message only|warning only|postponed|will continue to try|(?:has been|is|been) delayed|"
    r"not yet been delivered|temporary failure report|"
    r"will (?:be )?(?:retry|retried|keep trying|continue)|still being retried|delivery attempts will continue",
    re.IGNORECASE,
)


@dataclass
class _Opened:
    """A mail with what is asked of it more than once."""

    mail: Mail

    @cached_property
    def split(self) -> tuple[str, str]:
        """The letter, and the mail that stands in its text."""
        text = "\n".join(part.text if part.kind != "text/html" else plain(part.text) for part in self._written)
        return told.split(text.replace("\r", ""))

    @property
    def _written(self) -> list[Part]:
        """What stands before the returned mail, as text where there is text."""
        before: list[Part] = []
        for part in self.mail.parts:
            if part.kind in _RETURNED:
                break
            before.append(part)
        for kinds in (("text/plain",), ("text/html",), ("message/delivery-status",)):
            found = [part for part in before if part.kind in kinds]
            if any(part.text.strip() for part in found):
                return found
        return []

    @property
    def letter(self) -> str:
        """What it says."""
        return self.split[0]

    @cached_property
    def original(self) -> Headers:
        """The fields of the mail that is returned."""
        part = self.mail.first(*_RETURNED)
        if part is not None:
            return divided(
                part.body[:200_000] if not part.headers.get("content-transfer-encoding") else part.text.encode()
            )[0]
        lines = [line.lstrip(">") for line in self.split[1].split("\n")[:400]]
        start = next(
            (number for number, line in enumerate(lines) if re.match(r"\s*[A-Za-z-]{2,40}:", line)), len(lines)
        )
        lines[start:] = [lines[start].lstrip(), *lines[start + 1 :]] if start < len(lines) else []
        end = next((number for number in range(start, len(lines)) if not lines[number].strip()), len(lines))
        return fields("\n".join(lines[start:end]))

    @cached_property
    def own(self) -> list[str]:
        """The addresses it came to, and its own."""
        here = [self.mail.headers.get(name) for name in ("to", "delivered-to", "from", "reply-to", "sender")]
        return told.addresses(" ".join([*here, self.original.get("from"), self.original.get("return-path")]))

    @cached_property
    def passages(self) -> list[Passage]:
        """Whom its letter is about."""
        return told.passages(self.letter, own=self.own)


def read(raw: bytes) -> Verdict:
    """Read a mail that came back. Any bytes have a verdict; what says nothing is `unknown`."""
    given = _Opened(opened(raw))
    inside = given.mail.first("message/rfc822")
    if inside is not None and not given.letter.strip() and b"report-type=delivery-status" in inside.body[:20_000]:
        given = _Opened(opened(inside.body))  # a report that somebody wrapped once more
    for look in (_complaint, _report, _notice, _letter, _automatic, _person):
        found = look(given)
        if found is not None:
            return _about(found, given)
    return _about(Verdict(Kind.UNKNOWN, text=given.letter[:4000]), given)


def _about(verdict: Verdict, given: _Opened) -> Verdict:
    """The verdict with what its mail says of itself and of the mail it answers."""
    headers, original = given.mail.headers, given.original
    ids = _ID.findall(original.get("message-id")) if verdict.kind not in (Kind.REPLY, Kind.AUTO_REPLY) else []
    answers = _ID.findall(f"{headers.get('in-reply-to')} {' '.join(reversed(_ID.findall(headers.get('references'))))}")
    to = told.addresses(" ".join(" ".join(headers.all(name)) for name in _TO))
    return replace(
        verdict,
        original_message_id=verdict.original_message_id or (ids or answers or [""])[0],
        original_recipient=verdict.original_recipient or (told.addresses(original.get("to")) or [""])[0],
        sender=(told.addresses(headers.get("reply-to") or headers.get("from")) or [""])[0],
        to=tuple(to[:20]),
        subject=headers.get("subject")[:300],
        automatic=verdict.kind not in (Kind.REPLY, Kind.UNKNOWN) or signs.automatic(given.mail),
    )


def _complaint(given: _Opened) -> Verdict | None:
    part = given.mail.first("message/feedback-report")
    kind, address = dsn.feedback(part.text) if part else ("", "")
    if part is None:
        kind, address = _loop(given)
    if not kind and part is None:
        return None
    address = address or (told.addresses(given.original.get("to")) or [""])[0]
    who = (Recipient(address, action="complained"),) if address else ()
    return Verdict(Kind.COMPLAINT, who, feedback_type=kind or "abuse", text=given.letter[:4000])


def _loop(given: _Opened) -> tuple[str, str]:
    """Complaints that are no report: the loop of Microsoft, and what mail programs send for "unsubscribe"."""
    headers, sender = given.mail.headers, told.addresses(given.mail.headers.get("from"))
    reported = told.addresses(f"{headers.get(_JMRP)} {given.original.get(_JMRP)}")
    if reported:
        return "abuse", reported[0]
    asked = "x-apple-unsubscribe" in headers or replies.wants_out(headers.get("subject"))
    written = bool(replies.said(given.letter)) and not signs.automatic(given.mail)
    return ("opt-out", sender[0]) if asked and sender and not written else ("", "")


def _report(given: _Opened) -> Verdict | None:
    parts = [
        part.text
        for part in given.mail.parts
        if part.kind in ("message/delivery-status", "message/global-delivery-status")
    ]
    text = "\n\n".join(parts)
    if not dsn.has_fields(text):
        text = given.letter if dsn.has_fields(given.letter) else _passed_on(given)
    letter = given.letter if parts else dsn.before(given.letter)
    found = dsn.recipients(text, letter=letter, passages=given.passages) if dsn.has_fields(text) else ()
    named = tuple(each for each in found if each.address) or tuple(_named(each, given) for each in found)
    return _told(named, given) if named else None


def _passed_on(given: _Opened) -> str:
    """A report that a letter of another system passes on as text."""
    told_of = dsn.has_fields(given.split[1]) and signs.tells_of_failure(given.mail.headers, given.letter)
    return given.split[1] if told_of and not given.passages else ""


def _is_report(given: _Opened) -> bool:
    return given.mail.kind == "multipart/report" and given.mail.params.get("report-type") == "delivery-status"


def _named(recipient: Recipient, given: _Opened) -> Recipient:
    """A report without an address is about the one of the mail it returns."""
    return replace(recipient, address=(_whom(given) or [""])[0])


def _notice(given: _Opened) -> Verdict | None:
    return notices.read_parts(given.mail)


def _letter(given: _Opened) -> Verdict | None:
    """A letter of a mail system about what it could not deliver."""
    failed = told.addresses(given.mail.headers.get("x-failed-recipients"))
    returned = signs.by_daemon(given.mail.headers) and given.mail.first(*_RETURNED) is not None
    if not (failed or returned or _is_report(given) or signs.tells_of_failure(given.mail.headers, given.letter)):
        return None
    there = given.passages if not failed else [_of(each, given) for each in failed]
    if not there:
        there = [Passage(each, given.letter.split("\n")) for each in _whom(given)[:1]]
    whole = " ".join(given.letter.split())
    only = len(there) == 1
    found = tuple(_recipient(each, whole if only else "", formal=bool(failed)) for each in there[: dsn.RECIPIENTS])
    return _told(found, given) if found else None


def _of(address: str, given: _Opened) -> Passage:
    found = next((each for each in given.passages if each.address.lower() == address.lower()), None)
    return found or Passage(address, given.letter.split("\n"))


def _whom(given: _Opened) -> list[str]:
    """To whom the returned mail went."""
    return [
        each
        for each in told.addresses(f"{given.original.get('to')} {given.original.get('cc')}")
        if each not in given.own
    ]


def _recipient(passage: Passage, whole: str, *, formal: bool) -> Recipient:
    words = passage.text
    status, code = status_of(words, whole), code_of(words, whole)
    command = command_of(words.lower()) or command_of(whole.lower())
    reason = reason_of(words, status=status, command=command, formal=formal)
    if reason is Reason.UNKNOWN and whole:
        reason = reason_of(whole, status=status, command=command, formal=formal)
    action = "delayed" if _STILL.search(whole or words) else "failed"
    hard = is_hard(reason, code=code, status=status, action=action)
    return Recipient(passage.address, status, code, reason, action, words[:1000], hard=hard)


def _told(found: tuple[Recipient, ...], given: _Opened) -> Verdict:
    """A verdict on deliveries: a bounce where one failed, delayed where none did but one is late, else a report."""
    actions = {each.action for each in found}
    kind = Kind.REPORT if actions <= dsn.DONE else Kind.DELAYED if actions <= {*dsn.DONE, "delayed"} else Kind.BOUNCE
    return Verdict(kind, found, text=given.letter[:4000])


def _automatic(given: _Opened) -> Verdict | None:
    return (
        Verdict(Kind.AUTO_REPLY, text=replies.said(given.letter)[:4000])
        if signs.replies_by_itself(given.mail)
        else None
    )


def _person(given: _Opened) -> Verdict | None:
    """Somebody wrote. A mail without a sender, or by a machine, is nobody's answer."""
    if not told.addresses(given.mail.headers.get("from")) or signs.automatic(given.mail):
        return None
    whole = f"{given.letter}\n{given.split[1]}" if not replies.said(given.letter) else given.letter
    return Verdict(Kind.REPLY, text=replies.said(whole)[:20_000])


def plain(html: str) -> str:
    """A page as text, without what no reader sees."""
    seen, hidden = [], 0
    for at, piece in enumerate(_UNSEEN.split(html[:300_000])):
        if at % 2:  # a tag that hides what is in it, or ends doing so
            hidden = max(hidden + (-1 if piece.startswith("</") else 1), 0)
        elif not hidden:
            seen.append(piece)
    return unescape(_TAG.sub("", _BREAK.sub("\n", "".join(seen))))
