"""Segments and types are kept, deleted, computed when somebody asks, and begun with."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.lib.models import Job
from stammkunde.server.lib.work import enqueue
from stammkunde.server.segments.models import CustomerFacts, Segment
from stammkunde.server.segments.rules import starters as beginning
from stammkunde.server.segments.rules.language import Compare, Node, conditions, rule, segments_of
from stammkunde.server.segments.rules.reading import RuleError, read

Who = User | Key | None
CHANGED, ALL = "segments-changed", "segments"


class RefusedError(ValueError):
    """A segment cannot be kept or deleted so; the text says why, in the language of whoever asked."""


def ask(*, now: datetime, by: Who) -> Job:
    """Compute everything soon."""
    record("asked for", "segments", now=now, by=by)
    return enqueue(ALL, now=now, key="asked")


@transaction.atomic
def save(
    segment: Segment | None,
    *,
    kind: str,
    name: str,
    node: Node,
    now: datetime,
    by: Who,
    description: str = "",
    position: int = 0,
    starter: str = "",
) -> Segment:
    """Keep a segment or type, new or changed; who belongs to it is computed soon.

    Raises
    ------
    RefusedError : the name is taken, or it would ask for itself.
    """
    name, data = name.strip(), rule(node)
    if not name:
        raise RefusedError(_("A segment needs a name."))
    if Segment.objects.filter(kind=kind, name=name).exclude(pk=segment.pk if segment else 0).exists():
        raise RefusedError(_("There is one of this name already."))
    _judge(segment.pk if segment else 0, kind, node)
    values = {"name": name, "description": description, "position": position, "rule": data}
    if segment is None:
        found = Segment.objects.create(
            kind=kind, starter=starter, rule_changed_at=now, created_at=now, by=_person(by), **values
        )
        record("made", "segment", now=now, by=by, subject_id=found.pk, title=name, change={"rule": data})
    else:
        found = Segment.objects.select_for_update().get(pk=segment.pk)
        before = {each: getattr(found, each) for each in values}
        for each, value in values.items():
            setattr(found, each, value)
        # The place of a type decides who is of it, as its rule does.
        if before["rule"] != data or (kind == Segment.Kind.TYPE and before["position"] != position):
            found.rule_changed_at, found.stale = now, True
        found.save()
        record("changed", "segment", now=now, by=by, subject_id=found.pk, title=name,
               change={"from": before, "to": values})  # fmt: skip
    _soon(kind, now=now)
    return found


@transaction.atomic
def delete(segment: Segment, *, now: datetime, by: Who) -> None:
    """Delete it with its history.

    Raises
    ------
    RefusedError : others ask for it.
    """
    if used := users(segment):
        names = ", ".join(each.name for each in used)
        raise RefusedError(_("Other segments ask for it: %(names)s. Change those first.") % {"names": names})
    record("deleted", "segment", now=now, by=by, subject_id=segment.pk, title=segment.name,
           change={"rule": segment.rule})  # fmt: skip
    if segment.kind == Segment.Kind.TYPE:
        CustomerFacts.objects.filter(customer_type=segment.pk).update(customer_type=None)
    kind = segment.kind
    segment.delete()
    _soon(kind, now=now)


def users(segment: Segment) -> list[Segment]:
    """Those whose rule asks for it."""
    return [each for each in Segment.objects.exclude(pk=segment.pk) if segment.pk in asked(each)]


def asked(segment: Segment) -> set[int]:
    """The segments and types its rule asks for."""
    try:
        node = read(segment.rule)
    except RuleError:
        return set()
    return segments_of(node) | set(_types_of(node))


def _types_of(node: Node) -> Iterable[int]:
    for _path, each in conditions(node):
        if isinstance(each, Compare) and each.fact == "customer_type" and each.value is not None:
            yield from (int(v) for v in (each.value if isinstance(each.value, tuple) else (each.value,)))


def _judge(pk: int, kind: str, node: Node) -> None:
    """What a rule may ask for: a type for facts alone, since types come first; a segment not for itself."""
    wanted = segments_of(node)
    if kind == Segment.Kind.TYPE and (wanted or any(_types_of(node))):
        raise RefusedError(_("The rule of a type cannot ask for segments or types: those come after it."))
    missing = wanted - set(Segment.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    if missing:
        raise RefusedError(_("The rule asks for a segment that is there no more."))
    seen: set[int] = set()
    while wanted:
        if pk in wanted:
            raise RefusedError(_("The rule asks for this segment itself, directly or through another one."))
        seen |= wanted
        wanted = {each for found in Segment.objects.filter(pk__in=wanted) for each in asked(found)} - seen


def _soon(kind: str, *, now: datetime) -> None:
    """A new segment is computed alone; a new type changes whose type others are."""
    enqueue(ALL if kind == Segment.Kind.TYPE else CHANGED, now=now, key="asked")


def _person(by: Who) -> User | None:
    return by.by if isinstance(by, Key) else by


@transaction.atomic
def starters(*, now: datetime, by: Who) -> list[Segment]:
    """Segments and types to begin with, in the language of whoever asks; those that are there stay as they are."""
    there = set(Segment.objects.exclude(starter="").values_list("starter", flat=True))
    names = set(Segment.objects.values_list("kind", "name"))
    wanted = [s for s in beginning.starters() if s.key not in there and (s.kind, str(s.name)) not in names]
    return [
        save(None, kind=each.kind, name=str(each.name), node=read(each.rule), now=now, by=by,
             description=str(each.description), position=each.position, starter=each.key)
        for each in wanted
    ]  # fmt: skip
