"""Claimed rows become letters: who, whether still, on which basis, at which hour, before whom else; then as text.

All of it in sets. A row that breaks its set is found by halving the set, steps aside, and is shown with the error.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import structlog
from django.db import Error

from stammkunde.server.lib.local_time import outside_quiet, zone_of
from stammkunde.server.lib.logs import veiled
from stammkunde.server.mail.attention.choosing import choose, release
from stammkunde.server.mail.models import Send, Sender
from stammkunde.server.mail.sending import bases, checks, people
from stammkunde.server.mail.sending.handing import Letter
from stammkunde.server.mail.sending.settling import Stopped, backoff

log = structlog.get_logger("stammkunde.mail")


class Composer(Protocol):
    """Who writes letters, for one set at a moment (see `sending.letters`)."""

    def look(self, sends: Sequence[Send]) -> Mapping[int, Collection[str]]:
        """Read what the mails will speak of; the categories of the goods each of them shows."""

    def keep(self, sends: Sequence[Send]) -> None:
        """Forget all but these: they are the ones that leave."""

    def write(self, send: Send) -> Letter:
        """One letter, without the blocks that have no basis.

        Raises
        ------
        Exception : of any kind: it cannot be written, and steps aside.
        """


Composing = Callable[[Sender, datetime], Composer]


@dataclass
class Prepared:
    """Letters in the order of their rows, and what does not leave now."""

    letters: list[Letter] = field(default_factory=list)
    stopped: list[Stopped] = field(default_factory=list)


def prepare(sends: Sequence[Send], *, sender: Sender, composing: Composing, now: datetime) -> Prepared:
    """Letters of those that may leave at this moment, and for each of the others why not."""
    done, letters = Prepared(), composing(sender, now)
    going = _checked(sends, letters, sender, done, now)
    letters.keep(going)
    for each in going:
        try:
            done.letters.append(letters.write(each))
        except Error:
            raise  # of the database: none of the mail's
        except Exception as error:
            log.exception("a mail cannot be written", send=each.pk)
            done.stopped.append(_stuck(each, Send.State.REFUSED, error))
    release(each.send.pk for each in done.stopped if each.reason == "stuck")
    return done


def _checked(sends: Sequence[Send], letters: Composer, sender: Sender, done: Prepared, now: datetime) -> list[Send]:
    """Those that may leave. Where something breaks, halves are tried, down to the one that it is about."""
    try:
        stopped: list[Stopped] = []
        going = _looked_at(sends, letters, sender, stopped, now)
    except Error:
        raise
    except Exception as error:
        if len(sends) > 1:
            half = len(sends) // 2
            parts = (sends[:half], sends[half:])
            return [each for part in parts for each in _checked(part, letters, sender, done, now)]
        log.exception("a message cannot be checked", send=sends[0].pk)
        done.stopped.append(_stuck(sends[0], Send.State.WAITING, error, now + backoff(3)))
        return []
    done.stopped += stopped
    return going


def _stuck(send: Send, state: str, error: Exception, until: datetime | None = None) -> Stopped:
    return Stopped(send, state, "stuck", veiled(f"{type(error).__name__}: {error}"), until, send.bases or [])


def _looked_at(
    sends: Sequence[Send], letters: Composer, sender: Sender, stopped: list[Stopped], now: datetime
) -> list[Send]:
    """Everything that may stop a message, the cheapest first, and the slot last: it is given away by asking for it."""
    looks: list[Callable[[list[Send]], list[Stopped]]] = [
        lambda some: checks.late(some, now=now),
        people.meet,
        lambda some: checks.forbidden(some, now=now),
        lambda some: bases.decide(some, goods=letters.look(some), now=now),
        lambda some: _quiet(some, sender, now),
        lambda some: _slots(some, sender, now),
    ]
    left = list(sends)
    for look in looks:
        if left:
            found = look(left)
            gone = {each.send.pk for each in found}
            stopped += found
            left = [each for each in left if each.pk not in gone]
    return left


def _quiet(sends: Sequence[Send], sender: Sender, now: datetime) -> list[Stopped]:
    """Messages that wait for the end of the quiet hours where the customer is."""
    found = []
    for each in sends:
        if checks.rules_of(each).quiet and each.customer is not None:
            zone = zone_of(each.customer.zone, each.customer.country)
            until = outside_quiet(now, sender.quiet_from, sender.quiet_to, zone)
            if until > now:
                found.append(Stopped(each, Send.State.WAITING, "quiet", until=until, bases=each.bases))
    return found


def _slots(sends: Sequence[Send], sender: Sender, now: datetime) -> list[Stopped]:
    """Advertising that lost its slot to a better message, or has none now."""
    verdicts = choose([each for each in sends if each.marketing], now=now, sender=sender)
    return [
        Stopped(
            each.send,
            Send.State.WAITING if each.outcome == "later" else Send.State.SUPPRESSED,
            each.reason,
            f"lost to {each.winner_id}" if each.winner_id else "",
            each.until,
            each.send.bases,
        )
        for each in verdicts
        if each.outcome != "go"
    ]
