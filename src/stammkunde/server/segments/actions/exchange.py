"""Segments as a file: what they ask for is named, not numbered, so that another shop can read it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from stammkunde.server.segments.actions.audiences import RefusedError, Who, asked, save
from stammkunde.server.segments.models import Segment
from stammkunde.server.segments.rules.language import rule
from stammkunde.server.segments.rules.reading import RuleError, read

FORMAT, VERSION = "stammkunde segments", 1
LARGEST = 500  # segments of a file


@dataclass(frozen=True)
class Planned:
    """A segment of a file: what would become of it, "new", "changed" or "same"; or why it cannot be taken."""

    kind: str
    name: str
    becomes: str
    wrong: str = ""


def exported(segments: Iterable[Segment]) -> dict[str, Any]:
    """Segments as data that another installation can read: what they ask for is named, and comes along."""
    wanted = {each.pk: each for each in segments}
    new = list(wanted.values())
    while missing := {pk for each in new for pk in asked(each)} - wanted.keys():
        new = list(Segment.objects.filter(pk__in=missing))
        wanted |= {each.pk: each for each in new}
        if not new:
            break
    names = {pk: each.name for pk, each in wanted.items()}
    told = [
        {"kind": each.kind, "name": each.name, "description": each.description, "position": each.position,
         "rule": _renamed(each.rule, names)}
        for each in sorted(wanted.values(), key=lambda each: (each.kind, each.position, each.name))
    ]  # fmt: skip
    return {"format": FORMAT, "version": VERSION, "segments": told}


def planned(data: Any, *, now: datetime) -> list[Planned]:
    """What a file would bring, before anything is kept.

    Raises
    ------
    RefusedError : it is no file of segments.
    """
    with transaction.atomic():
        found = _taken(data, now=now, by=None)
        transaction.set_rollback(True)
    return found


@transaction.atomic
def imported(data: Any, *, now: datetime, by: Who) -> list[Planned]:
    """Keep the segments of a file: those of a known name are changed. What cannot be read is left out, and told.

    Raises
    ------
    RefusedError : it is no file of segments.
    """
    return _taken(data, now=now, by=by)


def _taken(data: Any, *, now: datetime, by: Who) -> list[Planned]:
    """Each after those it asks for: rounds, until nothing more can be taken."""
    left, done = _listed(data), []
    while left:
        ids = {(each.kind, each.name): each.pk for each in Segment.objects.all()}
        rest: list[Mapping[str, Any]] = []
        waiting = {(str(each["kind"]), str(each["name"])) for each in left}
        for each in left:
            try:
                done.append(_one(each, ids, waiting, now=now, by=by))
            except _LaterError:
                rest.append(each)
            except (RefusedError, RuleError) as error:
                wrong = f"{error.path}: {error.message}".lstrip(": ") if isinstance(error, RuleError) else str(error)
                done.append(Planned(str(each["kind"]), str(each["name"]), "", wrong))
        if len(rest) == len(left):
            asks = _("It asks for a segment that is neither here nor in the file.")
            return done + [Planned(str(each["kind"]), str(each["name"]), "", asks) for each in rest]
        left = rest
    return done


class _LaterError(Exception):
    """It asks for one that the file still brings."""


def _one(
    each: Mapping[str, Any],
    ids: Mapping[tuple[str, str], int],
    waiting: set[tuple[str, str]],
    *,
    now: datetime,
    by: Who,
) -> Planned:
    kind, name = str(each["kind"]), str(each["name"])[:120]
    data = _with_ids(each.get("rule"), ids, waiting - {(kind, name)})
    node = read(data)
    there = Segment.objects.filter(kind=kind, name=name).first()
    position = each.get("position", 0)
    position = position if isinstance(position, int) and 0 <= position <= 10_000 else 0
    description = str(each.get("description", ""))[:500]
    same = there and (there.rule, there.description, there.position) == (rule(node), description, position)
    if same:
        return Planned(kind, name, "same")
    save(there, kind=kind, name=name, node=node, now=now, by=by, description=description, position=position)
    return Planned(kind, name, "changed" if there else "new")


def _listed(data: Any) -> list[Mapping[str, Any]]:
    found = data.get("segments") if isinstance(data, Mapping) and data.get("format") == FORMAT else None
    if not isinstance(found, list) or len(found) > LARGEST:
        raise RefusedError(_("This is no file of segments."))
    if data.get("version") != VERSION:
        raise RefusedError(_("This file was written by a newer version of Stammkunde."))
    for each in found:
        if not isinstance(each, Mapping) or each.get("kind") not in Segment.Kind.values or not each.get("name"):
            raise RefusedError(_("A segment of this file has no name, or is of no known kind."))
    return found


def _renamed(data: Any, names: Mapping[int, str]) -> Any:
    """A rule with names in the place of ids."""
    return _exchanged(data, lambda _kind, found: names.get(found, found))


def _with_ids(data: Any, ids: Mapping[tuple[str, str], int], waiting: set[tuple[str, str]]) -> Any:
    def found(kind: str, name: Any) -> Any:
        if not isinstance(name, str):
            return 0  # an id of another installation means nothing here
        if (kind, name) in waiting and (kind, name) not in ids:
            raise _LaterError
        return ids.get((kind, name), 0)

    return _exchanged(data, found)


def _exchanged(data: Any, exchange: Any) -> Any:
    if isinstance(data, list):
        return [_exchanged(each, exchange) for each in data]
    if not isinstance(data, Mapping):
        return data
    if "segment" in data:
        return {**data, "segment": exchange(Segment.Kind.AUDIENCE.value, data["segment"])}
    if data.get("fact") == "customer_type" and "value" in data:
        value: Sequence[Any] | Any = data["value"]
        many = [exchange(Segment.Kind.TYPE.value, each) for each in (value if isinstance(value, list) else [value])]
        return {**data, "value": many if isinstance(value, list) else many[0]}
    return {name: _exchanged(each, exchange) for name, each in data.items()}
