"""What rules ask for, as it was known at a moment of the past: facts, states, values and members of segments.

The same code as live, over shadows. Facts of a customer are renewed when something happened to them, states every
night, values once a week with the model of today (see `clv.computing.earlier`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
from django.db import connection, transaction
from numpy.typing import NDArray

from stammkunde.server.segments.actions.knowing import know
from stammkunde.server.segments.actions.lifecycle import Scale, place, scale
from stammkunde.server.segments.actions.membership import When, first_that_fits, renew
from stammkunde.server.segments.actions.recompute import Rule, in_order
from stammkunde.server.segments.models import Segment
from stammkunde.server.segments.queries import days
from stammkunde.server.shop.models import Changed

if TYPE_CHECKING:
    from stammkunde.server.clv.computing.earlier import Earlier

WEEK, SPAN = 7, 500
ALL = "1 = 1"

_HAPPENED = """
    SELECT customer_id, placed_at AS at FROM shop_order WHERE customer_id IS NOT NULL AND placed_at >= %s
    UNION ALL SELECT customer_id, cancelled_at FROM shop_order WHERE customer_id IS NOT NULL AND cancelled_at >= %s
    UNION ALL SELECT customer_id, at FROM shop_refund WHERE customer_id IS NOT NULL AND at >= %s
    UNION ALL SELECT customer_id, at FROM shop_event WHERE customer_id IS NOT NULL AND at >= %s
    UNION ALL SELECT id, known_since FROM shop_customer WHERE known_since >= %s
    UNION ALL SELECT customer_id, changed_at FROM shop_cart WHERE customer_id IS NOT NULL AND changed_at >= %s
    UNION ALL SELECT o.customer_id, p.shipped_at FROM shop_parcel p JOIN shop_order o ON o.id = p.order_id
        WHERE o.customer_id IS NOT NULL AND p.shipped_at >= %s
    UNION ALL SELECT o.customer_id, p.delivered_at FROM shop_parcel p JOIN shop_order o ON o.id = p.order_id
        WHERE o.customer_id IS NOT NULL AND p.delivered_at >= %s
"""


@dataclass
class Diary:
    """To whom something happened, in the order of time: read before the shadows fall."""

    at: NDArray[np.int64]
    customer: NDArray[np.int64]

    @classmethod
    def read(cls, since: datetime) -> "Diary":
        """From a moment on."""
        with connection.cursor() as cursor:
            cursor.execute(_HAPPENED, [connection.ops.adapt_datetimefield_value(since)] * _HAPPENED.count("%s"))
            rows = cursor.fetchall()
        at = np.array([str(row[1])[:19].replace("T", " ") for row in rows], dtype="datetime64[s]").astype(np.int64)
        order = np.argsort(at, kind="stable")
        return cls(at[order], np.array([row[0] for row in rows], dtype=np.int64)[order])

    def between(self, low: datetime, high: datetime) -> list[int]:
        """To whom something happened after one moment, and up to another."""
        start, end = np.searchsorted(self.at, [low.timestamp(), high.timestamp()], side="right")
        return [int(each) for each in np.unique(self.customer[start:end])]


@dataclass
class Knowledge:
    """What is known, brought up to date as the clock is set on."""

    diary: Diary
    earlier: "Earlier | None"
    segments: frozenset[int]
    by: Scale = field(default_factory=Scale)
    night: int = 0
    valued: int = 0

    def begin(self, now: datetime) -> None:
        """Everybody, as of the beginning."""
        self.night = days.number(now)
        self._value(now)
        with transaction.atomic():
            know(ALL, now=now)
        self.by = scale()
        self._place(ALL, now)
        for rule in self._asked():
            renew(rule.segment, rule.asks, when=When(now, self.night, self.night))
        Segment.objects.filter(pk__in=self.segments).update(computed_at=now)

    def go_on(self, last: datetime, now: datetime) -> None:
        """Those to whom something happened since, and at night what time alone changes. Who they are stands where the
        live engine looks for them (`shop_changed`)."""
        some = self.diary.between(last, now)
        Changed.objects.all().delete()
        Changed.objects.bulk_create(Changed(customer_id=pk) for pk in some)
        for start in range(0, len(some), SPAN):
            ids = ", ".join(map(str, some[start : start + SPAN]))
            with transaction.atomic():
                know(f"c.id IN ({ids})", now=now)
                self._place(f"f.customer_id IN ({ids})", now)
        if days.number(now) > self.night:
            self._night(now)
        elif some:
            self._renew(now, some)

    def _night(self, now: datetime) -> None:
        before, self.night = self.night, days.number(now)
        if self.night - self.valued >= WEEK:
            self._value(now)
            with connection.cursor() as cursor:
                cursor.execute(_VALUES)
            self.by = scale()
        with transaction.atomic():
            self._place(ALL, now)
        for rule in self._asked():
            renew(rule.segment, rule.asks, when=When(now, self.night, before))

    def _renew(self, now: datetime, some: Sequence[int]) -> None:
        for rule in self._asked():
            renew(rule.segment, rule.asks, when=When(now, self.night, self.night), customers=some)

    def _asked(self) -> list[Rule]:
        return [rule for rule in in_order() if rule.segment.pk in self.segments]

    def _place(self, whom: str, now: datetime) -> None:
        types = [(each.segment.pk, each.node) for each in in_order() if each.segment.kind == Segment.Kind.TYPE]
        today = days.number(now)
        place(whom, by=self.by, types=first_that_fits(types, today=today), today=today, now=now)

    def _value(self, now: datetime) -> None:
        self.valued = self.night
        if self.earlier is not None:
            self.earlier.write((now - timedelta(days=1)).date())


_VALUES = """UPDATE segments_customerfacts SET p_alive = p.p_alive, expected_orders = p.expected_orders,
    historic = p.historic, predicted = p.predicted, clv = p.clv
    FROM clv_prediction p WHERE p.customer_id = segments_customerfacts.customer_id"""
