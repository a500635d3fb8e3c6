"""Computing segments: of everybody at night and after values were computed, of those who changed in between.

Every step is one transaction that can be done again: one that was killed begins anew and ends alike.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from typing import Any

import structlog
from django.db import connection, transaction
from django.db.models import Max, Q
from django.utils import timezone

from stammkunde.server.lib.bulk import count_anew
from stammkunde.server.segments.actions.knowing import know
from stammkunde.server.segments.actions.lifecycle import Scale, place, scale
from stammkunde.server.segments.actions.membership import Moved, When, first_that_fits, renew
from stammkunde.server.segments.actions.sizes import note
from stammkunde.server.segments.actions.standing import carry, count
from stammkunde.server.segments.models import CustomerFacts, FactsBefore, Recompute, Segment
from stammkunde.server.segments.queries import days
from stammkunde.server.segments.rules.language import Compare, Node, segments_of
from stammkunde.server.segments.rules.reading import RuleError, read
from stammkunde.server.shop.models import Changed, Customer

log = structlog.get_logger("stammkunde.segments")
SPAN = 20_000  # ids of customers of one transaction: what other writers wait for
SOME = 500  # changed customers of one transaction
MANY = 20_000  # changed customers from which on all are computed

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Rule:
    """A segment with its rule, read."""

    segment: Segment
    node: Node

    @property
    def asks(self) -> Node:
        """What its members are found by: of a type, whose type it is, since only the first that fits counts."""
        return Compare("customer_type", "is", self.segment.pk) if self.segment.kind == Segment.Kind.TYPE else self.node


def due() -> bool:
    """Whether somebody changed, or a rule is new."""
    return Changed.objects.exists() or Segment.objects.filter(stale=True).exists()


def recompute(*, now: datetime, full: bool, tell: Tell = lambda *_: None) -> Recompute:
    """Bring facts, states, members and sizes up to date: of all, or of those of whom something came in."""
    last = Recompute.objects.filter(full=True).exclude(ended_at=None).order_by("-pk").first()
    changed = dict(Changed.objects.values_list("customer", "times")[: MANY + 1])
    full = full or last is None or len(changed) > MANY
    if full:
        changed = dict(Changed.objects.values_list("customer", "times"))
    before = Recompute.objects.exclude(ended_at=None).order_by("-pk").first()
    run = Recompute.objects.create(full=full, began_at=now, day=days.number(now))
    when = When(now, run.day, before.day if before else run.day)
    rules = in_order()
    if full or last is None:
        by = _everybody(rules, when, tell)
        run.customers = CustomerFacts.objects.count()
    else:
        by = Scale(last.typical_gap, last.cuts)
        run.customers = len(changed)
    run.moves = _members(rules, when, tell, by=by, customers=None if full else sorted(changed))
    _forget(changed, full=full)
    run.typical_gap, run.cuts, run.ended_at = by.typical_gap, dict(by.cuts), timezone.now()
    run.seconds = (run.ended_at - now).total_seconds()
    run.save()
    return run


def in_order() -> list[Rule]:
    """Types in the order in which they are asked, then segments, each after those it asks for. One whose rule can no
    longer be read is left out, and logged."""
    rules = {}
    for segment in Segment.objects.order_by("-kind", "position", "pk"):
        try:
            rules[segment.pk] = Rule(segment, read(segment.rule))
        except RuleError as error:
            log.warning("a rule cannot be read", segment=segment.pk, path=error.path, error=error.message)
    types = [each for each in rules.values() if each.segment.kind == Segment.Kind.TYPE]
    sorting = TopologicalSorter({pk: segments_of(each.node) & rules.keys() for pk, each in rules.items()})
    try:
        ordered = [rules[pk] for pk in sorting.static_order()]
    except CycleError:  # saving refuses it; a file of the database may hold it all the same
        log.warning("segments ask for each other")
        ordered = list(rules.values())
    return types + [each for each in ordered if each.segment.kind != Segment.Kind.TYPE]


def _everybody(rules: Sequence[Rule], when: When, tell: Tell) -> Scale:
    spans = list(_spans())
    for number, (low, high) in enumerate(spans):
        tell("Looking at customers", number, len(spans))
        with transaction.atomic():
            know(f"c.id >= {low} AND c.id < {high}", now=when.now)
    count_anew()
    tell("Comparing customers", 0, 1)
    by, types = scale(), _types(rules, when)
    for number, (low, high) in enumerate(spans):
        tell("Finding states", number, len(spans))
        with transaction.atomic():
            place(
                f"f.customer_id >= {low} AND f.customer_id < {high}", by=by, types=types, today=when.today, now=when.now
            )
    count()
    return by


def _types(rules: Sequence[Rule], when: When) -> Any:
    types = [(each.segment.pk, each.node) for each in rules if each.segment.kind == Segment.Kind.TYPE]
    return first_that_fits(types, today=when.today)


def _spans() -> Iterator[tuple[int, int]]:
    last = Customer.objects.aggregate(last=Max("pk"))["last"] or 0
    return ((low, low + SPAN) for low in range(0, last + 1, SPAN))


def _members(rules: Sequence[Rule], when: When, tell: Tell, *, by: Scale, customers: Sequence[int] | None) -> int:
    """Members of all segments; where only some customers changed, theirs, and all of segments whose rule is new."""
    moved = {each.segment.pk: [0, 0] for each in rules}
    for some in _some(customers or ()):
        with transaction.atomic():
            _again(some, rules, when, by=by)
            for each in rules:
                if not each.segment.stale:
                    _add(moved, each, renew(each.segment, each.asks, when=when, customers=some))
    whole = [each for each in rules if customers is None or each.segment.stale]
    for number, each in enumerate(whole):
        tell("Computing segments", number, len(whole))
        if customers is not None and each.segment.kind == Segment.Kind.TYPE:
            continue  # a type that is new changes those of others: the next night, or whoever asks, computes all
        because = "rule" if each.segment.stale and each.segment.computed_at is not None else ""
        _add(moved, each, renew(each.segment, each.asks, when=when, because=because))
    for each in rules:
        touched = customers is None or each.segment.stale or any(moved[each.segment.pk])
        if touched and not (customers is not None and each.segment.stale and each.segment.kind == Segment.Kind.TYPE):
            note(each.segment, Moved(*moved[each.segment.pk]), when=when, whole=customers is None)
    return sum(map(sum, moved.values()))


def _again(customers: Sequence[int], rules: Sequence[Rule], when: When, *, by: Scale) -> None:
    """Facts and states of some customers."""
    ids = ", ".join(str(int(pk)) for pk in customers)
    carry(f"f.customer_id IN ({ids})", sign=-1)
    know(f"c.id IN ({ids})", now=when.now)
    place(f"f.customer_id IN ({ids})", by=by, types=_types(rules, when), today=when.today, now=when.now)
    carry(f"f.customer_id IN ({ids})", sign=1)


def _add(moved: dict[int, list[int]], rule: Rule, found: Moved) -> None:
    moved[rule.segment.pk][0] += found.entered
    moved[rule.segment.pk][1] += found.left


def _some(customers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (customers[start : start + SOME] for start in range(0, len(customers), SOME))


def _forget(changed: dict[int, int], *, full: bool) -> None:
    """What was before is not needed any more, nor that they changed, unless they have again meanwhile."""
    if full:
        with connection.cursor() as cursor:  # without a condition SQLite drops the pages, not row by row
            cursor.execute("DELETE FROM segments_factsbefore")
    for some in _some(sorted(changed)):
        with transaction.atomic():
            if not full:
                FactsBefore.objects.filter(pk__in=some).delete()
            same = Q()
            for times in {changed[pk] for pk in some}:
                same |= Q(times=times, pk__in=[pk for pk in some if changed[pk] == times])
            Changed.objects.filter(same).delete()
