"""Notices as JSON: what Amazon tells by mail where nobody has set up a webhook."""

import json
import re
from typing import Any

from stammkunde.server.mail.incoming.mime import Mail
from stammkunde.server.mail.incoming.reasons import code_of, command_of, is_hard, reason_of, status_of
from stammkunde.server.mail.incoming.verdict import Kind, Reason, Recipient, Verdict

_NOTICE = re.compile(r'"(?:notificationType|eventType)')


def read_parts(mail: Mail) -> Verdict | None:
    """What a notice in a mail says; nothing where there is none."""
    for part in mail.parts[:3]:
        text = part.text
        if part.kind in ("text/plain", "application/json") and _NOTICE.search(text.replace("\\", "")):
            return _read(_loaded(text))
    return None


def _loaded(text: str) -> dict[str, Any]:
    """The notice, out of the envelope that tells of it; lines folded by mail programs are joined."""
    start = text.find("{")
    joined = re.sub(r"\n\s?", "", text[start:]) if start >= 0 else ""
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(joined)
        inner = found.get("Message") if isinstance(found, dict) else None
        found = json.loads(inner, strict=False) if isinstance(inner, str) else found
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _read(said: dict[str, Any]) -> Verdict | None:
    kind = str(said.get("notificationType") or said.get("eventType") or "").lower()
    look = {"bounce": _bounce, "complaint": _complaint, "delivery": _delivery}.get(kind)
    return look(_part(said, kind)) if look else None


def _part(said: dict[str, Any], name: str) -> dict[str, Any]:
    found = said.get(name)
    return found if isinstance(found, dict) else {}


def _people(said: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = said.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _bounce(said: dict[str, Any]) -> Verdict:
    return Verdict(Kind.BOUNCE, tuple(_bounced(each) for each in _people(said, "bouncedRecipients")))


def _bounced(each: dict[str, Any]) -> Recipient:
    words = str(each.get("diagnosticCode") or "")
    words = words.partition(";")[2].strip() if words.lower().startswith("smtp;") else words
    status = status_of(words, str(each.get("status") or ""))
    code, action = code_of(words), str(each.get("action") or "failed")
    reason = reason_of(words, status=status, command=command_of(words.lower()), formal=True)
    hard = is_hard(reason, code=code, status=status, action=action)
    return Recipient(str(each.get("emailAddress") or "")[:254], status, code, reason, action, words[:1000], hard=hard)


def _complaint(said: dict[str, Any]) -> Verdict:
    found = tuple(
        Recipient(str(each.get("emailAddress") or "")[:254], action="complained")
        for each in _people(said, "complainedRecipients")
    )
    return Verdict(Kind.COMPLAINT, found, feedback_type=str(said.get("complaintFeedbackType") or "abuse"))


def _delivery(said: dict[str, Any]) -> Verdict:
    names = said.get("recipients")
    words = str(said.get("smtpResponse") or "")
    found = tuple(
        Recipient(str(each)[:254], status_of(words), "", Reason.DELIVERED, "delivered", words[:1000])
        for each in (names if isinstance(names, list) else [])
    )
    return Verdict(Kind.REPORT, found, text=words[:1000])
