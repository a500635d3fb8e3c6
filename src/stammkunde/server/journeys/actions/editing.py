"""Journeys are written, copied, switched, and brought as files. What people are on never changes by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from stammkunde.errors import InputError
from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.journeys.definitions.files import File, read_file, written_file
from stammkunde.server.journeys.definitions.language import Definition
from stammkunde.server.journeys.definitions.reading import read, written
from stammkunde.server.journeys.models import Journey
from stammkunde.server.mail.actions import templates
from stammkunde.server.mail.actions.planning import call_off
from stammkunde.server.mail.models import Template

Who = User | Key | None
NAME, KEY = 160, 76  # characters of a name, and of a key with room for a number


class JourneyError(InputError):
    """A journey that cannot be made, changed or switched so."""

    advice = "Choose another key, or publish the journey first."


@transaction.atomic
def create(data: Mapping[str, Any], *, now: datetime, by: Who, flow: str = "") -> Journey:
    """A new journey of a definition, off and not published. `flow` names the file of the library it was copied from.

    Raises
    ------
    DefinitionError : the definition cannot be kept.
    JourneyError : there is a journey of this key.
    """
    found = read(data)
    if Journey.objects.filter(key=found.key).exists():
        raise JourneyError(_("There is a journey of the key %(key)s already.") % {"key": found.key})
    return _made(found, now=now, by=by, flow=flow)


@transaction.atomic
def save_draft(journey: Journey, data: Mapping[str, Any], *, now: datetime, by: Who) -> Journey:
    """Keep what is being written. It must be whole; its key stays. Nobody who is on the journey is touched by it.

    Raises
    ------
    DefinitionError : the definition cannot be kept.
    """
    there = Journey.objects.select_for_update().get(pk=journey.pk)
    found = read({**data, "key": there.key})
    kept = written(found)
    if there.draft != kept:
        change = {"from": _told(there.draft), "to": _told(kept)}
        there.draft, there.name, there.changed_at = kept, named(found), now
        there.save(update_fields=["draft", "name", "changed_at"])
        record("changed", "journey", now=now, by=by, subject_id=there.pk, title=there.name, change=change)
    return there


@transaction.atomic
def switch(journey: Journey, state: str, *, now: datetime, by: Who) -> Journey:
    """On, off, or closed (nobody new). Who is let in when it is on again is whoever has a reason from then on. Messages
    of a journey that is switched off, and that still wait, are called off.

    Raises
    ------
    JourneyError : it is to be on or closed and was never published.
    """
    there = Journey.objects.select_for_update().get(pk=journey.pk)
    if state not in Journey.State.values:
        raise JourneyError(_("A journey is on, off or closed."))
    if state != Journey.State.OFF and there.live_id is None:
        raise JourneyError(_("This journey was never published."))
    if there.state != state:
        change = {"from": {"state": there.state}, "to": {"state": state}}
        there.live_since = now if state == Journey.State.ON else there.live_since
        there.state = state
        there.save(update_fields=["state", "live_since"])
        if state == Journey.State.OFF:
            call_off(Q(message__origin="journey", message__origin_id=there.pk), reason="journey_off", now=now)
        record("switched", "journey", now=now, by=by, subject_id=there.pk, title=there.name, change=change)
    return there


@transaction.atomic
def copy(journey: Journey, *, now: datetime, by: Who) -> Journey:
    """A journey like another, under the next key that is free; it sends the same mails.

    Raises
    ------
    DefinitionError : its draft cannot be read.
    """
    return _made(read({**journey.draft, "key": free(journey.key)}), now=now, by=by, flow=journey.flow)


@dataclass(frozen=True)
class Imported:
    """A journey that came with a file: which of its mails are new, and which were there and stayed as they are."""

    journey: Journey
    made: tuple[str, ...]
    kept: tuple[str, ...]


@transaction.atomic
def import_file(text: str, *, now: datetime, by: Who, flow: str = "") -> Imported:
    """Take a file in: the journey under its key or the next that is free, off; its mails where the shop has none of
    that key yet.

    Raises
    ------
    DefinitionError, DocumentError : the journey or a mail of it cannot be kept.
    """
    found = read_file(text)
    there = set(Template.objects.filter(key__in=found.mails).values_list("key", flat=True))
    for name, document in found.mails.items():
        if name not in there:
            origin = f"flow:{flow}" if flow else "file"
            said = {**document, "key": name}
            templates.create(said, language=settings.LANGUAGE_CODE, now=now, by=by, origin=origin)
    data = written(found.definition) | {"key": free(found.definition.key)}
    journey = _made(read(data), now=now, by=by, flow=flow)
    made = tuple(name for name in found.mails if name not in there)
    return Imported(journey, made, tuple(name for name in found.mails if name in there))


def export(journey: Journey) -> str:
    """The draft of a journey as a file, with the mails it sends as they are being written.

    Raises
    ------
    DefinitionError : the draft cannot be read.
    """
    definition = read(journey.draft)
    drafts = Template.objects.filter(key__in=definition.mails).values_list("key", "draft")
    mails = {key: {name: part for name, part in draft.items() if name != "key"} for key, draft in drafts if draft}
    whole = mails if all(name in mails for name in definition.mails) else {}
    return written_file(File(definition, whole))


def free(key: str) -> str:
    """The key, or the next one that no journey has."""
    taken = set(Journey.objects.filter(key__startswith=key[:KEY]).values_list("key", flat=True))
    return next(name for number in count(1) if (name := key if number == 1 else f"{key[:KEY]}-{number}") not in taken)


def named(definition: Definition) -> str:
    """What a journey is called in the language of the shop's pages, or in the one there is."""
    order = (
        ("de", "de-sie", "de-du", "en") if settings.LANGUAGE_CODE.startswith("de") else ("en", "de", "de-sie", "de-du")
    )
    return next(definition.name[each] for each in order if each in definition.name)[:NAME]


def _made(definition: Definition, *, now: datetime, by: Who, flow: str) -> Journey:
    made = Journey.objects.create(
        key=definition.key,
        name=named(definition),
        flow=flow,
        draft=written(definition),
        changed_at=now,
        created_at=now,
    )
    record("made", "journey", now=now, by=by, subject_id=made.pk, title=made.name, change={"flow": flow})
    return made


def _told(data: Mapping[str, Any]) -> dict[str, Any]:
    """What the log keeps of a definition: the versions have the rest."""
    return {"steps": [str(each.get("id")) for each in data.get("steps", ())]}
