"""Why a message may leave, and each block of it that is for something else: the gate, asked in sets."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from stammkunde.server.consent.bases import Basis, topic_of
from stammkunde.server.consent.gate import Asked, Decision
from stammkunde.server.consent.queries.gate import gate
from stammkunde.server.consent.queries.people import people
from stammkunde.server.mail.models import Message, Send
from stammkunde.server.mail.rendering.documents import read
from stammkunde.server.mail.sending.checks import rules_of
from stammkunde.server.mail.sending.settling import Stopped

Goods = Mapping[int, Collection[str]]


def purposes(message: Message) -> dict[str, str]:
    """What the message is for, under the empty name, and what those of its blocks are for that say so, by their names.

    Raises
    ------
    DocumentError : its document cannot be read any more.
    """
    return read(message.version.document).purposes() | {"": message.purpose}


def decide(sends: Sequence[Send], *, goods: Goods, now: datetime) -> list[Stopped]:
    """Write into `send.bases` what the gate says of each message and block at this moment; returns those whose message
    as a whole may not leave. `goods` are the categories of what a message shows."""
    known = people([each.customer_id for each in sends if each.customer_id is not None], until=now)
    asked = [(each, block, _asked(each, purpose, goods)) for each in sends for block, purpose in _of(each)]
    decisions = gate([what for _each, _block, what in asked], now=now, known=known)
    for each in sends:
        each.bases = []
    for (each, block, what), decision in zip(asked, decisions, strict=True):
        each.bases.append(_written(block, what.purpose, decision))
    return [
        Stopped(each, Send.State.SUPPRESSED, str(each.bases[0]["reason"]), bases=each.bases)
        for each in sends
        if not each.bases[0]["basis"]
    ]


def _of(send: Send) -> list[tuple[str, str]]:
    """A message has few blocks and goes to many: what they are for is found out once."""
    message = send.message
    found: list[tuple[str, str]] | None = getattr(message, "_purposes", None)
    if found is None:
        found = list(purposes(message).items())
        message._purposes = found  # type: ignore[attr-defined]
    return found


def _asked(send: Send, purpose: str, goods: Goods) -> Asked:
    categories = rules_of(send).categories | frozenset(goods.get(send.pk, ()))
    return Asked(send.customer_id or 0, purpose, categories, answers(send))


def answers(send: Send) -> str:
    """The key of the request that a message answers: that of all of its kind, or its own."""
    return rules_of(send).request or str(send.refs.get("request") or "")


def _written(block: str, purpose: str, decision: Decision) -> dict[str, Any]:
    return {
        "block": block,
        "purpose": purpose,
        "basis": decision.basis,
        "reason": "" if decision.basis else decision.reason,
        "entry": decision.entry_id,
        "order": decision.order_id,
        "source": decision.source,
    }


def used(send: Send) -> list[tuple[str, str]]:
    """The consents that carried it, as `consent.actions.recording.used` takes them."""
    address = send.address.strip().lower()
    return [(address, str(topic_of(each["purpose"]))) for each in send.bases if each["basis"] == Basis.CONSENT]
