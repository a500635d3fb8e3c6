"""Why something did not arrive: what systems say, by meaning. First their words, then their codes.

Words come first, since codes are often general (550, 5.0.0, 5.7.1) while the sentence beside them is exact. That an
address is dead is believed only on good evidence, for nothing goes there again: "user unknown" counts in answer to RCPT
TO, or with an enhanced code that says so; after the whole message was handed over (DATA), the same words are how
filters of receivers turn mail away (`filtered`), and the address may live.
"""

import re
from typing import Final

from stammkunde.server.mail.incoming.phrases import EXACT, WORDS, any_of
from stammkunde.server.mail.incoming.verdict import HARD, Reason

_STATUS = re.compile(r"(?<![\d.])([245])\.([0-9]{1,3})\.([0-9]{1,3})(?![\d.]\d|\d)")
_CODE = re.compile(r"(?<![\d.,:/-])([45]\d\d)(?=[\s:\-,;<.'\"()]|$)(?!\.\d)")
_REPLY = re.compile(r"(?<![\d.])([245][0-5]\d)[ \-:]{1,2}\s*#?([245]\.\d{1,3}\.\d{1,3})")


#: What enhanced codes mean (RFC 3463, RFC 7505, RFC 7372, and the register of them at IANA): subject.detail.
_STATUSES: Final[dict[str, Reason]] = {
    **dict.fromkeys(("1.0", "1.1", "1.3", "1.4"), Reason.NO_USER),
    "1.2": Reason.NO_HOST,
    "1.6": Reason.MOVED,
    "1.7": Reason.SENDER,
    "1.8": Reason.SENDER,
    "1.9": Reason.SYSTEM,
    "1.10": Reason.NO_MAIL_HERE,
    "2.0": Reason.FILTERED,
    "2.1": Reason.DISABLED,
    "2.2": Reason.FULL,
    "2.3": Reason.TOO_BIG,
    "2.4": Reason.FILTERED,
    "3.1": Reason.SYSTEM,
    "3.2": Reason.NO_MAIL_HERE,
    "3.4": Reason.TOO_BIG,
    **dict.fromkeys(("3.0", "3.3", "3.5", "5.2", "2.5"), Reason.SYSTEM),
    "4.4": Reason.NO_HOST,
    "4.7": Reason.EXPIRED,
    **dict.fromkeys(("4.0", "4.1", "4.2", "4.3", "4.5", "4.6"), Reason.NETWORK),
    "5.3": Reason.TOO_MANY,
    **dict.fromkeys(("6.0", "6.1", "6.2", "6.3", "6.5", "6.6", "6.7", "6.8", "6.9"), Reason.CONTENT),
    "7.1": Reason.SENDER,
    "7.13": Reason.DISABLED,
    "7.17": Reason.MOVED,
    **dict.fromkeys(("7.20", "7.21", "7.22", "7.23", "7.24", "7.26", "7.509"), Reason.AUTHENTICATION),
    **dict.fromkeys(("7.25", "7.606", "7.511"), Reason.BLOCKED),
    "7.27": Reason.SENDER,
    **dict.fromkeys(("7.0", "7.2", "7.7", "7.9", "7.15"), Reason.POLICY),
    **dict.fromkeys(("7.3", "7.4", "7.5", "7.6", "7.8", "7.10", "7.11", "7.12", "7.14", "7.30"), Reason.SECURITY),
}
_OF_SUBJECT: Final = {"4": Reason.NETWORK, "6": Reason.CONTENT, "7": Reason.POLICY, "3": Reason.SYSTEM}


def flat(text: str) -> str:
    """A text for reading: one line, lower case."""
    return " ".join(_LINK.sub(r"\1", text.lower()[:8000]).split())[:3000]


_LINK = re.compile(r"https?://([^/\s]{1,100})\S{0,500}")  # what a link is called says nothing


def status_of(*texts: str) -> str:
    """The enhanced code of the first text that has an exact one; else a general one, like 5.0.0."""
    found = [".".join(match.groups()) for text in texts for match in _STATUS.finditer(text)]
    exact = [each for each in found if not each.endswith(".0.0")]
    return (exact or found or [""])[0]


def code_of(*texts: str) -> str:
    """The reply code of SMTP in the first text that has one."""
    for text in texts:
        match = _REPLY.search(text) or _CODE.search(text)
        if match:
            return match[1]
    return ""


def command_of(text: str) -> str:
    """What the receiver answered with it: mail, rcpt or data; nothing where it is not told."""
    if _NONE_TAKEN.search(text):
        return "rcpt"  # sendmail sends DATA before it has read the answers
    found = [(match.start(), name) for name, each in _COMMANDS for match in [each.search(text)] if match]
    return min(found)[1] if found else ""


_NONE_TAKEN = re.compile(r"no valid recipients|need rcpt|need recipient|503 .{0,40}(?:rcpt|recipient)")
_COMMANDS: Final = (
    (
        "rcpt",
        any_of(
            r"rcpt (?:to )?command|\[rcpt_to\]|(?:after|our|>>>|for|to) rcpt to|rcpt to response|"
            r"does not like recipient|\(state 1[34]\)"  # of Google
        ),
    ),
    (
        "data",
        any_of(
            r"end of (?:data|message)|(?:after|our|>>>|final|end-of-|our final) ?data\b|after i sent the message",
            r"\[data\]|data command|smtp command data|in reply to (?:the )?data",
        ),
    ),
    (
        "mail",
        any_of(r"mail command|\[mail_from\]|(?:after|our|>>>|to) mail from|sender was rejected|does not like sender"),
    ),
    (
        "helo",
        any_of(
            r"(?:after|our|>>>|to) (?:helo|ehlo)|initial (?:server )?connection|(?:helo|ehlo) command|"
            r"my name was rejected"
        ),
    ),
)


def reason_of(text: str, *, status: str, command: str, formal: bool) -> Reason:
    """What was meant. `command` was answered; `formal`: the words are of a report for machines, not of a letter."""
    said = flat(text)
    by_code = by_status(status)
    found = next((reason for reason, words in (*EXACT, *WORDS) if words.search(said)), Reason.UNKNOWN)
    exact = any(words.search(said) for _, words in EXACT)
    if (
        not exact
        and by_code is not Reason.UNKNOWN
        and found in _VAGUE
        and (found is Reason.UNKNOWN or by_code not in _NEAR)
    ):
        found = by_code
    if found is Reason.UNKNOWN and _NO_MAIL.match(said):
        return Reason.NO_MAIL_HERE
    if command in _BEFORE and found in _ABOUT_SOMEBODY:
        return _BEFORE[command]
    if found is Reason.NO_HOST and status.startswith("4."):
        return Reason.NETWORK  # it may be found tomorrow
    if found is Reason.NO_USER or (found is Reason.DISABLED and by_code is Reason.NO_USER):
        return _doubted(said, status, command, formal=formal)
    return found


#: What is refused before the recipient was named is not about the recipient.
_BEFORE: Final = {"helo": Reason.BLOCKED, "mail": Reason.SENDER}
_ABOUT_SOMEBODY: Final = frozenset((Reason.SENDER, Reason.UNKNOWN, Reason.NO_USER, Reason.NO_HOST, Reason.EXPIRED))

#: Words that say less than an exact code.
_VAGUE: Final = frozenset((Reason.NO_USER, Reason.UNKNOWN, Reason.SYSTEM, Reason.FILTERED))

#: General codes, which say less than any words do.
_NEAR: Final = frozenset(
    (Reason.POLICY, Reason.SYSTEM, Reason.SENDER, Reason.NETWORK, Reason.DISABLED, Reason.FILTERED, Reason.NO_MAIL_HERE)
)


def by_status(status: str) -> Reason:
    """What an enhanced code says by itself."""
    _, _, rest = status.partition(".")
    return _STATUSES.get(rest) or _OF_SUBJECT.get(rest.partition(".")[0], Reason.UNKNOWN)


def _doubted(said: str, status: str, command: str, *, formal: bool) -> Reason:
    """Whether "no such user" may be believed."""
    if _NAMELESS.search(said):
        return Reason.FILTERED
    if by_status(status) in HARD or command == "rcpt" or _ITSELF.search(said):
        return Reason.NO_USER
    turned_away = command or status[1:4] == ".2."  # the mailbox is there, and takes nothing
    return Reason.NO_USER if formal and not turned_away else Reason.FILTERED


#: Codes that say so (RFC 7504).
_NO_MAIL = re.compile(r"(?:521|556)\b")
#: The receiving system itself knows no such name; it does not quote another.
_ITSELF = any_of(
    r"recipient name is not recognized|unknown local[ -]part|unknown user: \S|delivery error: dd |msexch:",
    r"5\.4\.1 .{0,200}rejected: access denied|address couldn.t be found|wasn.t found at \S+\.",
    r"not listed in (?:\S+ ){0,3}(?:directory|address book|name & address)",
    r"ディレクトリ(?:のリストにありません|には?見つかりません)",
)

#: Codes that say so (RFC 7504).
_NO_MAIL = re.compile(r"(?:521|556)\b")
#: The receiving system itself knows no such name; it does not quote another.
_ITSELF = re.compile(
    r"recipient name is not recognized|unknown local[ -]part|delivery error: dd |(?:^|"
    r"[.:] )unknown user: <?\S+@|5\.4\.1 .{0,200}rejected: access denied|msexch:|"
    r"not listed in (?:\S+ ){0,3}(?:directory|address book|name & address)|ディレクトリ(?:のリストにありません|"
    r"には?見つかりません)"
)

#: A reply that names no user: how carriers in Japan turn away what a subscriber does not want.
_NAMELESS = re.compile(r"^(?:[45]\d\d[ :\-]*)?(?:[45]\.\d+\.\d+ )?: user unknown")


def is_hard(reason: Reason, *, code: str, status: str, action: str) -> bool:
    """Whether the address is dead: for good, and not for now."""
    if reason not in HARD or action == "delayed":
        return False
    for_now = code.startswith("4") or status.startswith("4.")
    return not for_now or reason in (Reason.NO_HOST, Reason.MOVED) or by_status(status) is Reason.NO_USER
