"""Who orders again how soon, compared at equal age: only customers who have all had the same time are counted.

Customers are told apart by how many whole blocks of thirty days have passed since their first order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import sqrt
from typing import Any

from django.db import connection

from stammkunde.server.clv.models import Run
from stammkunde.server.clv.queries.rates import day_number, literal

BLOCK = 30  # days
QUARTER = 3  # blocks
YEAR = 365
SPANS = (30, 60, 90, 180, 365)
Z = 1.2816  # of 80 %


@dataclass(frozen=True)
class Again:
    """New customers by the block of their first order (0 is the latest), and by block and days to the second order."""

    new: Mapping[int, int]
    days: Mapping[int, Mapping[int, int]]

    def rate(self, blocks: Sequence[int], within: int) -> dict[str, Any] | None:
        """Of the customers of these blocks, who ordered again within so many days; None where there are none."""
        size = sum(self.new.get(block, 0) for block in blocks)
        back = sum(n for block in blocks for days, n in self.days.get(block, {}).items() if days <= within)
        return {"customers": size, "back": back, **wilson(back, size)} if size else None


def wilson(part: int, of: int) -> dict[str, float]:
    """A share with the interval that holds the true one with 80 % probability (Wilson 1927)."""
    share, spread = part / of, Z * Z / of
    middle = (share + spread / 2) / (1 + spread)
    reach = Z / (1 + spread) * sqrt(share * (1 - share) / of + spread / (4 * of))
    return {"share": share, "low": max(middle - reach, 0.0), "high": min(middle + reach, 1.0)}


def read(run: Run) -> Again:
    """Count everybody whom the run knows; an order that was given back in full is none."""
    age = f"({day_number(literal(run.until))} - {day_number('p.first_day')}) / {BLOCK}"
    gap = f"{day_number('s.day')} - {day_number('p.first_day')}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {age} AS block, COUNT(*) FROM clv_prediction p GROUP BY 1")
        new = {int(block): n for block, n in cursor.fetchall()}
        cursor.execute(f"""
            SELECT block, days, COUNT(*) FROM (
                SELECT {age} AS block, {gap} AS days FROM clv_prediction p JOIN (
                    SELECT q.customer_id, (
                        SELECT MIN(o.day) FROM shop_order o WHERE o.customer_id = q.customer_id AND o.day > q.first_day
                            AND o.cancelled_at IS NULL AND NOT o.test AND (o.refunded < o.total OR o.total = 0)
                    ) AS day FROM clv_prediction q WHERE q.orders > 1
                ) s ON s.customer_id = p.customer_id WHERE s.day <= {literal(run.until)}
            ) g WHERE days <= {YEAR} GROUP BY block, days
        """)
        days: dict[int, dict[int, int]] = {}
        for block, gap_days, n in cursor.fetchall():
            days.setdefault(int(block), {})[int(gap_days)] = n
    return Again(new, days)


def repeat(found: Again, run: Run) -> dict[str, Any]:
    """The share that orders again within 90 days: of the latest quarter who have had them, of the quarter before."""
    latest, before = range(QUARTER, 2 * QUARTER), range(2 * QUARTER, 3 * QUARTER)
    now = found.rate(latest, 90)
    if now is None:
        return {}
    oldest = max(found.new)
    history = [found.rate([block], 90) for block in range(min(oldest, 26), QUARTER - 1, -1)]
    return {
        "now": now,
        "before": found.rate(before, 90) if oldest >= 3 * QUARTER - 1 else None,
        "from": (run.until - timedelta(days=2 * QUARTER * BLOCK - 1)).isoformat(),
        "to": (run.until - timedelta(days=QUARTER * BLOCK)).isoformat(),
        "history": [None if each is None else each["share"] for each in history],
    }


def second(found: Again, run: Run) -> dict[str, Any]:
    """When the second order comes, of those whose first one was at least a year ago; younger ones where all are."""
    oldest = max(found.new, default=-1)
    span = next((span for span in reversed(SPANS) if oldest * BLOCK >= span), None)
    if span is None:
        return {}
    blocks = range(-(-span // BLOCK), oldest + 1)
    within = found.rate(blocks, span)
    if within is None or not within["back"]:
        return {}
    return {
        "span": span,
        "median": _median(found, blocks, span),
        "within": {each: found.rate(blocks, each) for each in SPANS if each <= span},
        "to": (run.until - timedelta(days=blocks[0] * BLOCK)).isoformat(),
    }


def _median(found: Again, blocks: Sequence[int], span: int) -> int:
    """Days by which half of those had ordered again who did so within the span."""
    counts: dict[int, int] = {}
    for block in blocks:
        for days, n in found.days.get(block, {}).items():
            counts[days] = counts.get(days, 0) + (n if days <= span else 0)
    half, passed = sum(counts.values()) / 2, 0
    for days in sorted(counts):
        passed += counts[days]
        if passed >= half:
            return days
    return span


def newcomers(found: Again, run: Run) -> dict[str, Any]:
    """New customers of the last thirty days and of the thirty before, and a line of such months."""
    oldest = max(found.new, default=0)
    whole = min((run.until - run.first_day).days // BLOCK, 26) if run.first_day else 0
    return {
        "now": found.new.get(0, 0),
        "before": found.new.get(1, 0) if whole >= 2 else None,
        "history": [found.new.get(block, 0) for block in range(min(oldest, max(whole - 1, 0)), -1, -1)],
        "from": (run.until - timedelta(days=BLOCK - 1)).isoformat(),
    }
