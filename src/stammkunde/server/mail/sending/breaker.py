"""When no message can leave: the provider rests for a growing time and is tried again; what staff must mend pauses it.

Written to the row of the sender, so that all workers see it. Nothing is lost meanwhile: rows wait.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db.models import F

from stammkunde.server.mail.models import Sender

log = structlog.get_logger("stammkunde.mail")

RESTS = tuple(timedelta(minutes=each) for each in (1, 2, 5, 15, 30, 60))


@dataclass(frozen=True)
class Trouble:
    """Why nothing leaves: "provider" passes by itself, "configuration" does not."""

    kind: str
    why: str


def open_for(sender: Sender, *, now: datetime) -> bool:
    """Whether messages may be handed over now."""
    return sender.paused_at is None and (sender.rests_until is None or sender.rests_until <= now)


def trip(sender: Sender, trouble: Trouble, *, now: datetime) -> None:
    """Stop for all workers. Several who run into the same trouble at once count it once: `failures` is compared."""
    mine = Sender.objects.filter(pk=sender.pk, paused_at=None)
    log.warning("mail stops", kind=trouble.kind, why=trouble.why)
    if trouble.kind == "configuration":
        mine.update(paused_at=now, paused_why=trouble.why[:500])
        return
    rest = _rest(sender)
    mine.filter(failures=sender.failures).update(
        failures=F("failures") + 1, rests_until=now + rest, rests_why=trouble.why[:500]
    )


def _rest(sender: Sender) -> timedelta:
    """How long after so many failures; `options["rest"]` stretches or shortens it (1: as it is)."""
    return RESTS[min(sender.failures, len(RESTS) - 1)] * float(sender.options.get("rest", 1))


def recovered(sender: Sender) -> None:
    """A message left: forget failures, where there were any."""
    if sender.failures:
        Sender.objects.filter(pk=sender.pk).update(failures=0, rests_until=None, rests_why="")
