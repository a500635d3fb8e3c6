"""Why somebody got this, why not that: asked of the rows, and of the conditions themselves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from stammkunde.server.journeys.definitions.language import Definition, Fits
from stammkunde.server.journeys.definitions.reading import read
from stammkunde.server.journeys.models import Enrolment, Journey
from stammkunde.server.journeys.queries.people import Position, where
from stammkunde.server.journeys.running.asking import Asker
from stammkunde.server.journeys.running.entering import Entrance
from stammkunde.server.journeys.running.moments import kind, later, stamp
from stammkunde.server.journeys.running.words import happened
from stammkunde.server.journeys.triggers.base import Window, sources
from stammkunde.server.mail.models import Send
from stammkunde.server.mail.words import reason as reason_word
from stammkunde.server.segments.queries import naming
from stammkunde.server.segments.rules.compiling import Sql
from stammkunde.server.segments.rules.language import Group, Node
from stammkunde.server.segments.rules.sentence import sentence
from stammkunde.server.shop.models import Customer

LOOKED_BACK = timedelta(days=400)
TABLE = "journeys_asked"


@dataclass(frozen=True)
class Why:
    """One reason: a code for machines, the sentence, the moment it is about, and the enrolment or message."""

    code: str
    text: str
    at: datetime | None = None
    enrolment: int | None = None
    send: int | None = None


def why(customer: Customer, journey: Journey, *, now: datetime) -> list[Why]:
    """Why a customer is or was on a journey and got its mails or did not; or why they never entered."""
    positions = where(customer, journey=journey.pk)
    if positions:
        return [each for position in positions for each in _of_position(position)]
    return list(_never(customer, journey, now))


# --- who entered ------------------------------------------------------------------------------------------------------


def _of_position(position: Position) -> Iterator[Why]:
    found = position.enrolment
    yield Why("entered", _("Entered, by what happened then."), found.entered_at, found.pk)
    for send in position.sends:
        yield _of_send(send, found.pk)
    for trace in position.traces:
        if trace.outcome.startswith("skipped"):
            told = {"step": trace.step}
            text = _("The mail of the step “%(step)s” was too late and was left out.") % told
            yield Why("skipped", text, trace.at, found.pk)
    yield _standing(found)


def _standing(found: Enrolment) -> Why:
    told = {"step": found.step, "why": left_because(found.reason)}
    if found.state == Enrolment.State.ACTIVE:
        return Why("on_the_way", _("Stands on the step “%(step)s”.") % told, found.due_at, found.pk)
    if found.state == Enrolment.State.DONE:
        return Why("done", _("Came to the end."), found.ended_at, found.pk)
    if found.state == Enrolment.State.STUCK:
        return Why("stuck", _("Is stuck at the step “%(step)s”: %(why)s") % told, found.due_at, found.pk)
    return Why("left", _("Left at the step “%(step)s”: %(why)s") % told, found.ended_at, found.pk)


def outcome(told: str) -> str:
    """How a step ended for somebody, in words."""
    kind, _colon, rest = told.partition(": ")
    if kind == "left":
        return left_because(rest)
    ours = {
        "waited": _("waited"),
        "planned": _("mail planned"),
        "yes": _("yes"),
        "no": _("no"),
        "no code left": _("no code was left"),
        "skipped": _("too late, left out"),
        "stopped": _("gets no more advertising"),
    }
    if kind in ours:
        return ours[kind]
    longer = {
        "code of ": _("got a code of the pool “%(what)s”"),
        "tagged ": _("got the tag “%(what)s”"),
        "told ": _("others were told: %(what)s"),
        "to ": _("the lot fell on “%(what)s”"),
    }
    found = next((each for each in longer if told.startswith(each)), "")
    return longer[found] % {"what": told.removeprefix(found)} if found else left_because(told)


def left_because(reason: str) -> str:
    """Why somebody left a journey or is stuck on it, in words."""
    ours = {
        "goal": _("The goal is reached."),
        "rule": _("A rule that ends it holds."),
        "merged": _("This customer turned out to be another one, who is on it too."),
        "by hand": _("Somebody of the shop ended it."),
        "mail retired": _("Its mail was put away."),
        "mail not published": _("Its mail was never published."),
        "no such step": _("Its version has no such step."),
        "clicked": _("They have clicked a link since."),
        "replied": _("They have answered since."),
        "confirmed": _("They have confirmed their sign-up since."),
    }
    return ours[reason] if reason in ours else reason_word(reason)


def _of_send(send: Send, enrolment: int) -> Why:
    told = {"step": send.message.step}
    if send.state == Send.State.SENT:
        first: Mapping[str, object] = next((each for each in send.bases if not each.get("block")), {})
        told["basis"] = reason_word(str(first.get("basis", "")))
        text = _("The mail of the step “%(step)s” went out: %(basis)s") % told
    elif send.reason:
        told["why"] = reason_word(send.reason)
        text = _("The mail of the step “%(step)s” did not go out: %(why)s") % told
    else:
        told["state"] = str(Send.State(send.state).label)
        text = _("The mail of the step “%(step)s”: %(state)s.") % told
    return Why(f"mail_{send.state}", text, send.settled_at or send.due_at, enrolment, send.pk)


# --- who never did ----------------------------------------------------------------------------------------------------


def _never(customer: Customer, journey: Journey, now: datetime) -> Iterator[Why]:
    if journey.live is None or journey.live_since is None:
        yield Why("never_published", _("The journey was never published."))
        return
    if journey.state != Journey.State.ON:
        yield Why("not_on", _("The journey lets nobody in: it is not on."))
    definition = read(journey.live.definition)
    moments = _moments(customer, definition, now)
    if not moments:
        yield Why("never_happened", _("Nothing has happened that lets people in."))
        return
    entrance = Entrance(journey, definition, now)
    latest = moments[-1]
    if latest <= journey.live_since:
        yield Why("before_live", _("What lets people in happened before the journey went live."), latest)
    elif latest <= entrance.window.begin:
        yield Why("too_old", _("What lets people in happened too long ago."), latest)
    yield from _unfitting(customer, definition, latest, now)


def _moments(customer: Customer, definition: Definition, now: datetime) -> list[datetime]:
    """When something happened to this customer that lets people in, in the last year and a bit."""
    window = Window(now - LOOKED_BACK, now)
    found = sources()[definition.trigger.on](definition.trigger, window)
    if not found.text:
        return []
    with connection.cursor() as cursor:
        _empty(cursor)
        cursor.execute(
            f"""INSERT INTO {TABLE} (customer_id, order_id, cart_id, entered_at)
                SELECT s.customer_id, s.order_id, s.cart_id, s.moment FROM ({found.text}) s WHERE s.customer_id = %s""",
            (*found.values, customer.pk),
        )
        cursor.execute(f"SELECT entered_at FROM {TABLE} ORDER BY entered_at")
        return [_read(row[0]) for row in cursor.fetchall()]


def _unfitting(customer: Customer, definition: Definition, latest: datetime, now: datetime) -> Iterator[Why]:
    """Of the latest happening: which parts of the audience do not hold, and what has happened that ends the journey."""
    silence = definition.trigger.silence.seconds
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {TABLE} SET id = 0, since = {later('entered_at', -silence) if silence else 'entered_at'}"
        )
    asker = Asker(now, f"SELECT {customer.pk}")
    for part in _parts(definition.audience):
        if not _holds(asker.rule(part), latest):
            told = {"rule": sentence(part, segments=naming.titles())}
            yield Why("audience", _("This does not hold: %(rule)s") % told)
    for word in definition.words():
        if _holds(happened(word, now=now), latest):
            yield Why("ended_before", _("It would end at once: %(why)s") % {"why": left_because(word)})
    for each in definition.exits:
        if isinstance(each, Fits) and _holds(asker.rule(each.rule), latest):
            rule = sentence(each.rule, segments=naming.titles())
            yield Why("ended_before", _("It would end at once: %(why)s") % {"why": rule})


def _parts(audience: Node | None) -> tuple[Node, ...]:
    """What is told apart: the parts of a group that all must hold."""
    if audience is None:
        return ()
    return audience.parts if isinstance(audience, Group) and audience.kind == "all" else (audience,)


def _holds(asked: Sql, latest: datetime) -> bool:
    sql = f"SELECT 1 FROM {TABLE} n WHERE n.entered_at = %s AND {asked.text}"
    with connection.cursor() as cursor:
        cursor.execute(sql, (stamp(latest), *asked.values))
        return cursor.fetchone() is not None


def _empty(cursor: Any) -> None:
    number, at = ("BIGINT" if connection.vendor == "postgresql" else "INTEGER"), kind()
    cursor.execute(
        f"""CREATE TEMPORARY TABLE IF NOT EXISTS {TABLE} (id {number}, customer_id {number}, order_id {number},
            cart_id {number}, entered_at {at}, since {at})"""
    )
    cursor.execute(f"DELETE FROM {TABLE}")


def _read(found: Any) -> datetime:
    """A moment as the database gives it of an expression."""
    return found if isinstance(found, datetime) else datetime.fromisoformat(found).replace(tzinfo=UTC)
