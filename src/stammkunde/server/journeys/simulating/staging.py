"""The stage of a simulation: the drafts beside the journeys that are on, all of them as if on since its beginning."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stammkunde.errors import StammkundeError
from stammkunde.server.journeys.actions.publishing import watch
from stammkunde.server.journeys.definitions.language import Definition
from stammkunde.server.journeys.definitions.reading import read
from stammkunde.server.journeys.models import Journey, JourneyVersion
from stammkunde.server.journeys.running.planned import rules_of
from stammkunde.server.journeys.steps.send import Send
from stammkunde.server.journeys.triggers.happenings import below
from stammkunde.server.mail.actions.planning import message_for
from stammkunde.server.mail.models import Template, Version
from stammkunde.server.mail.rendering import documents
from stammkunde.server.segments.models import Segment
from stammkunde.server.segments.rules.language import segments_of


@dataclass(frozen=True)
class Draft:
    """A journey to be tried: its definition, the documents of mails it brings along by their keys, and the journey it
    would stand in for, which then takes no part."""

    definition: Mapping[str, Any]
    mails: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    instead_of: int | None = None


def stage(drafts: Sequence[Draft], *, now: datetime, others: bool) -> list[int]:
    """Put them up in the shadows; the keys of the drafts' journeys.

    Raises
    ------
    StammkundeError : a draft cannot be read, or sends a mail that is not there.
    """
    gone = [each.instead_of for each in drafts if each.instead_of is not None]
    rest = Journey.objects.filter(pk__in=gone) if others else Journey.objects.all()
    rest.update(state=Journey.State.OFF)
    Journey.objects.exclude(state=Journey.State.OFF).update(live_since=now, state=Journey.State.ON)
    return [_put_up(each, number, now) for number, each in enumerate(drafts)]


def _put_up(draft: Draft, number: int, now: datetime) -> int:
    definition = read(draft.definition)
    called = definition.name.get("en") or definition.key
    journey = Journey.objects.create(
        key=f"{definition.key[:60]}-draft-{number}",
        name=called[:160],
        state=Journey.State.ON,
        live_since=now,
        changed_at=now,
        created_at=now,
    )
    version = JourneyVersion.objects.create(
        journey=journey, number=1, definition=dict(draft.definition), digest="draft", created_at=now
    )
    for step in definition.steps:
        if isinstance(step, Send):
            rules, mail = rules_of(definition, step), _mail(draft, step, now)
            message = message_for("journey", journey.pk, step=step.id, version=mail, rules=rules, now=now)
            version.messages[step.id] = message.pk
    version.save(update_fields=["messages"])
    Journey.objects.filter(pk=journey.pk).update(live=version)
    watch(definition, now=now, by=None)
    return journey.pk


def _mail(draft: Draft, step: Send, now: datetime) -> Version:
    """The mail of a step: brought along, or the shop's, as it is being written now."""
    template = Template.objects.filter(key=step.mail).first()
    said = draft.mails.get(step.mail) or (template.draft if template else None)
    if not said:
        advice = "Write it first, or name one that is there."
        raise StammkundeError(f"There is no mail called {step.mail}.", advice=advice, where=f"steps: {step.id}")
    document = documents.read(said, key=step.mail)
    if template is None:
        times = {"created_at": now, "changed_at": now}
        called = document.name.of("en")[:160] or step.mail
        template = Template.objects.create(key=step.mail, name=called, purpose=document.purpose, **times)
    number = template.versions.count() + 1_000_000  # of no use outside, and in nobody's way
    made = {"document": documents.written(document), "digest": documents.digest(document), "created_at": now}
    return Version.objects.create(template=template, number=number, **made)


def asked_segments() -> frozenset[int]:
    """Segments that the journeys on the stage ask for, by their triggers or rules, with those that these ask for."""
    live = JourneyVersion.objects.filter(pk__in=Journey.objects.filter(state=Journey.State.ON).values("live"))
    names = {name for each in live for name in _named(read(each.definition))}
    asked = set(Segment.objects.filter(name__in=names).values_list("pk", flat=True))
    asked |= set(Segment.objects.filter(starter__in=names).values_list("pk", flat=True))
    return frozenset(asked | {pk for each in live for pk in _within(read(each.definition))})


def _named(definition: Definition) -> Iterator[str]:
    trigger = definition.trigger
    yield from (name for name in (trigger.starter, trigger.name) if name and trigger.on == "segment")
    if trigger.on == "p_alive":
        yield below(trigger.below)


def _within(definition: Definition) -> set[int]:
    if definition.audience is None:
        return set()
    return segments_of(definition.audience)
