"""What is looked at within the claim, right before a message leaves; nothing is trusted from when it was planned.

Other rooms add theirs with `register`: given messages and the moment, it tells of those that must not leave, and in one
word why. It is called with hundreds of messages at once, of any origin, and reads what it needs in sets:

    def withdrawn_entries(sends: Sequence[Send], now: datetime) -> dict[int, str]:
        ...  # {send.pk: "left_journey"}

    register("journeys", withdrawn_entries)
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from stammkunde.server.mail.models import Send
from stammkunde.server.mail.sending.rules import Rules, rules
from stammkunde.server.mail.sending.settling import Stopped
from stammkunde.server.mail.sending.unless import pointless

Check = Callable[[Sequence[Send], datetime], dict[int, str]]
CHECKS: dict[str, Check] = {}
LATE = timedelta(hours=1)  # from here on a message that is to keep its hour waits for the next day


def register(name: str, check: Check) -> None:
    """Have messages of this process looked at by this too. Modules named `tasks` are a good place: they are loaded when
    Django starts."""
    CHECKS[name] = check


def rules_of(send: Send) -> Rules:
    """The rules of its message, read once for all that go with it."""
    message = send.message
    found: Rules | None = getattr(message, "_read", None)
    if found is None:
        found = rules(message.rules, marketing=message.marketing)
        message._read = found  # type: ignore[attr-defined]
    return found


def late(sends: Sequence[Send], *, now: datetime) -> list[Stopped]:
    """Messages that are too old; and of those that keep their hour, the ones that missed it."""
    found = []
    for each in sends:
        told = rules_of(each)
        if now >= (each.expires_at or each.due_at + told.max_age):
            found.append(Stopped(each, Send.State.SUPPRESSED, "too_late"))
        elif told.reschedule and now - each.due_at > LATE:
            days = (now - each.due_at) // timedelta(days=1) + 1
            found.append(Stopped(each, Send.State.WAITING, "rescheduled", until=each.due_at + timedelta(days=days)))
    return found


def forbidden(sends: Sequence[Send], *, now: datetime) -> list[Stopped]:
    """Messages that something has made pointless since they were planned, or that another room holds back."""
    why = pointless(sends, {each.pk: rules_of(each).unless for each in sends})
    for name, check in CHECKS.items():
        left = [each for each in sends if each.pk not in why]
        why |= {pk: reason or name for pk, reason in check(left, now).items()} if left else {}
    return [Stopped(each, Send.State.SUPPRESSED, why[each.pk]) for each in sends if each.pk in why]
