"""People on an earlier version are moved to a later one: looked at first, then done, in sets."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from stammkunde.server.accounts.actions import record
from stammkunde.server.journeys.actions.editing import JourneyError, Who
from stammkunde.server.journeys.definitions.language import END
from stammkunde.server.journeys.definitions.reading import read
from stammkunde.server.journeys.models import Enrolment, JourneyVersion
from stammkunde.server.journeys.running.moments import stamp

SIZE = 20_000
ON_THE_WAY = (Enrolment.State.ACTIVE, Enrolment.State.STUCK)


@dataclass(frozen=True)
class Moving:
    """So many people of a step would come to stand on another; `to` is empty where the new version has no such step and
    nothing was said. `stays` tells that they wait on as they do."""

    step: str
    to: str
    people: int
    stays: bool


def preview_move(old: JourneyVersion, new: JourneyVersion, mapping: Mapping[str, str]) -> list[Moving]:
    """What a move would do, step by step. `mapping` names for a step of the old version where its people go: a step of
    the new one, or "end"; what it does not name stays on the step of the same id.

    Raises
    ------
    JourneyError : they are not two versions of one journey, or a step that is named is not there.
    """
    if old.journey_id != new.journey_id or old.pk == new.pk:
        raise JourneyError(_("Name two versions of one journey."))
    before, after = read(old.definition), read(new.definition)
    for step in mapping.values():
        if step != END and after.step(step) is None:
            raise JourneyError(_("The new version has no step “%(step)s”.") % {"step": step})
    rows = Enrolment.objects.filter(version=old, state__in=ON_THE_WAY)
    counts = dict(rows.values_list("step").annotate(people=Count("pk")).order_by("step"))
    known = {step.id: step for step in after.steps}
    found = []
    for step, people in counts.items():
        to = mapping.get(step, step if step in known else "")
        stays = to == step and getattr(before.step(step), "do", "") == getattr(known.get(to), "do", None)
        found.append(Moving(step, to, people, stays))
    return found


def move(old: JourneyVersion, new: JourneyVersion, mapping: Mapping[str, str], *, now: datetime, by: Who) -> int:
    """Move everybody. Who stays on a step of the same kind waits on as long as was said when they came to it; the
    others begin the new step now. Who was stuck is tried again. Returns how many.

    Raises
    ------
    JourneyError : see `preview_move`; or it is not said where the people of a step go.
    """
    plan = preview_move(old, new, mapping)
    lost = [each.step for each in plan if not each.to]
    if lost:
        advice = _("Say for each where its people go: to another step, or to the end.")
        raise JourneyError(_("The new version lacks steps: %(steps)s.") % {"steps": ", ".join(lost)}, advice=advice)
    count = sum(_moved(old, new, each, now) for each in plan)
    with transaction.atomic():
        change = {"from_version": old.number, "to_version": new.number, "people": count}
        title = old.journey.name
        record("moved people on", "journey", now=now, by=by, subject_id=old.journey_id, title=title, change=change)
    return count


def _moved(old: JourneyVersion, new: JourneyVersion, moving: Moving, now: datetime) -> int:
    count = 0
    while some := _some(old, new, moving, now):
        count += some
    return count


@transaction.atomic
def _some(old: JourneyVersion, new: JourneyVersion, moving: Moving, now: datetime) -> int:
    """One set of those of a step, with a trace of it."""
    ended, at = moving.to == END, "CAST(%s AS TIMESTAMPTZ)" if connection.vendor == "postgresql" else "%s"
    lock = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    times = "" if moving.stays else f", due_at = {at}, stepped_at = {at}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE journeys_enrolment SET version_id = %s, step = %s, state = %s, reason = ''{times},
                ended_at = {at if ended else "NULL"} WHERE id IN (
                SELECT n.id FROM journeys_enrolment n WHERE n.version_id = %s AND n.step = %s
                AND n.state IN ('active', 'stuck') LIMIT {SIZE} {lock}) RETURNING id""",
            [
                *(new.pk, moving.to, "done" if ended else "active"),
                *([] if moving.stays else [stamp(now)] * 2),
                *([stamp(now)] if ended else []),
                *(old.pk, moving.step),
            ],
        )
        moved = [(pk, moving.step, f"moved to version {new.number}", stamp(now)) for (pk,) in cursor.fetchall()]
        cursor.executemany(
            f"INSERT INTO journeys_trace (enrolment_id, step, outcome, at) VALUES (%s, %s, %s, {at})", moved
        )
    return len(moved)
