"""One customer's way is mended by hand: put on a step, ended, or tried again. The log keeps who did it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from stammkunde.server.accounts.actions import record
from stammkunde.server.journeys.actions.editing import JourneyError, Who
from stammkunde.server.journeys.definitions.reading import read
from stammkunde.server.journeys.models import Enrolment, Journey, Trace
from stammkunde.server.mail.actions.planning import call_off

BY_HAND = "by hand"


@transaction.atomic
def put(enrolment: Enrolment, step: str, *, now: datetime, by: Who) -> Enrolment:
    """Put somebody on a step of their version, which begins for them now; also who has left or is done. A mail of that
    step that was planned for them already is not planned again.

    Raises
    ------
    JourneyError : there is no such step.
    """
    there = Enrolment.objects.select_for_update().select_related("version", "journey").get(pk=enrolment.pk)
    if read(there.version.definition).step(step) is None:
        raise JourneyError(_("Their version has no step “%(step)s”.") % {"step": step})
    _note(there, f"put on {step}", now=now)
    change = {"from": {"step": there.step, "state": there.state}, "to": {"step": step, "state": "active"}}
    there.step, there.state, there.reason, there.ended_at = step, Enrolment.State.ACTIVE, "", None
    there.due_at = there.stepped_at = now
    there.save(update_fields=["step", "state", "reason", "ended_at", "due_at", "stepped_at"])
    _log("put", there, change, now=now, by=by)
    return there


@transaction.atomic
def end(enrolment: Enrolment, *, now: datetime, by: Who) -> Enrolment:
    """Let somebody go no further; their messages that still wait are called off.

    Raises
    ------
    JourneyError : they are not on the way any more.
    """
    there = Enrolment.objects.select_for_update().select_related("journey").get(pk=enrolment.pk)
    if there.state not in (Enrolment.State.ACTIVE, Enrolment.State.STUCK):
        raise JourneyError(_("They are not on the way any more."), advice=_("Nothing has to be done."))
    _note(there, f"left: {BY_HAND}", now=now)
    change = {"from": {"step": there.step, "state": there.state}, "to": {"state": "left"}}
    there.state, there.reason, there.ended_at = Enrolment.State.LEFT, BY_HAND, now
    there.save(update_fields=["state", "reason", "ended_at"])
    of_theirs = Q(message__origin="journey", message__origin_id=there.journey_id, run=there.pk)
    call_off(of_theirs, reason="left", now=now)
    _log("ended", there, change, now=now, by=by)
    return there


@transaction.atomic
def retry(journey: Journey, *, now: datetime, by: Who) -> int:
    """Try all who are stuck again, on the step where they are. Returns how many."""
    stuck = Enrolment.objects.filter(journey=journey, state=Enrolment.State.STUCK)
    count = stuck.update(state=Enrolment.State.ACTIVE, reason="", due_at=now, stepped_at=now)
    if count:
        change = {"people": count}
        record("tried again", "journey", now=now, by=by, subject_id=journey.pk, title=journey.name, change=change)
    return count


def _note(enrolment: Enrolment, outcome: str, *, now: datetime) -> None:
    Trace.objects.create(enrolment=enrolment, step=enrolment.step, outcome=outcome[:60], at=now)


def _log(verb: str, enrolment: Enrolment, change: dict[str, Any], *, now: datetime, by: Who) -> None:
    about = {"journey": enrolment.journey.name, "customer": enrolment.customer_id}
    title = f"{enrolment.customer} – {enrolment.journey}"
    record(verb, "enrolment", now=now, by=by, subject_id=enrolment.pk, title=title, change=change | about)
