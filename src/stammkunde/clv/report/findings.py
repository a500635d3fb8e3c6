"""What to do first: what stands out in the numbers, in the order in which it pays to act.

Each rule looks at one thing and gives a `Finding` or None. Bounds are round numbers on purpose: they decide what is
worth an owner's minute, not what is true.
"""

from collections.abc import Iterator

import numpy as np

from stammkunde.clv.report.customers import Customers
from stammkunde.clv.report.data import (
    Comparison,
    Concentration,
    DataQuality,
    Finding,
    Headline,
    ReportData,
    SecondOrder,
)
from stammkunde.clv.report.quantities import Count, Money, Share, Term, Value

YEAR = 365.25
MOST = 7  # more than a week's worth of advice is not read
LISTED = 20
FEW = 50  # customers who came back
RHYTHM = 10  # second orders that make a habit of customers


def findings(data: ReportData, customers: Customers) -> tuple[Finding, ...]:
    """At most seven findings; `data.findings` is not looked at."""
    found = [
        nobody_back(data.headline),
        lapsed(customers),
        *second_order(data.second_order, customers),
        concentrated(data.concentration, data.headline),
        costs(data),
        *rows(data.quality),
        *trust(data.comparison),
        few_back(data.headline),
    ]
    return tuple(f for f in found if f is not None)[:MOST]


def lapsed(customers: Customers) -> Finding | None:
    """Regulars (three orders or more) silent for over twice their own mean gap, doubtful but not lost by the model.

    Where the model has no doubt about anybody, over four times: a steady customer is rarely that late.
    """
    repeats = np.maximum(customers.orders - 1, 1)
    gap = (customers.age - customers.silence) / repeats
    tells = customers.scored and bool((customers.p_alive < 0.8).any())
    doubtful = (customers.p_alive > 0.1) & (customers.p_alive < 0.8) if tells else True
    late = (customers.orders >= 3) & (customers.silence > np.maximum((2 if tells else 4) * gap, 14)) & doubtful
    if late.sum() < max(1, 0.002 * len(customers)):
        return None
    yearly = customers.historic[late] / np.maximum(customers.age[late] / YEAR, 1.0)
    value = customers.order_value[late] if customers.scored else customers.historic[late] / customers.orders[late]
    said: dict[str, Value] = {
        "customers": Count(int(late.sum())),
        "usual": Count(float(np.median(gap[late]))),
        "silence": Count(float(np.median(customers.silence[late]))),
        "yearly": Money(float(yearly.sum())),
        "next": Money(float(value.sum())),
    }
    where = np.flatnonzero(late)
    dearest = where[np.argsort(-customers.historic[where], kind="stable")][:LISTED]
    return Finding("lapsed", said, customers.rows(dearest) if customers.scored else ())


def second_order(data: SecondOrder | None, customers: Customers) -> Iterator[Finding]:
    """When to ask for the second order, and who has let that time pass."""
    if data is None or data.half is None or data.most is None or (customers.orders > 1).sum() < RHYTHM:
        return
    once = customers.orders == 1
    now, past = int((once & (customers.age <= data.most)).sum()), int((once & (customers.age > data.most)).sum())
    half, most = Count(data.half), Count(data.most)
    days: dict[str, Value] = {"days": half, "half": half, "most": most, "now": Count(now)}
    yield Finding("window", days)
    if past > 0.2 * len(customers):
        yield Finding(
            "once",
            {
                "customers": Count(past),
                "share": Share(past / len(customers)),
                "first": Money(data.once.first_value),
                "repeaters": Money(data.once.first_value_of_repeaters),
            },
        )


def concentrated(data: Concentration | None, headline: Headline) -> Finding | None:
    """One customer above a twentieth of the value, or a tenth of them above half of it; in a shop of ten or more."""
    if data is None or headline.customers < 10:
        return None
    if data.largest_customer >= 0.05:
        return Finding("single", {"share": Share(data.largest_customer)})
    if data.top(0.1) >= 0.5:
        people = Count(round(0.1 * headline.customers))
        return Finding("concentration", {"share": Share(data.top(0.1)), "customers": people})
    return None


def costs(data: ReportData) -> Finding | None:
    """Revenue instead of contribution, or a fifth of the costs estimated."""
    if data.scope.basis == "revenue":
        return Finding("basis")
    share = data.quality.estimated_share
    return Finding("estimated", {"share": Share(share)}) if share >= 0.2 else None


def rows(quality: DataQuality) -> Iterator[Finding]:
    """A twentieth of the rows without a customer, or a hundredth unusable for other reasons."""
    if not quality.rows_read:
        return
    guests = sum(r.rows for r in quality.rejections if r.reason == "no_customer")
    others = [r for r in quality.rejections if r.reason != "no_customer"]
    if guests / quality.rows_read >= 0.05:
        yield Finding("guests", {"share": Share(guests / quality.rows_read), "rows": Count(guests)})
    lost = sum(r.rows for r in others)
    if lost / quality.rows_read >= 0.01:
        worst = max(others, key=lambda r: r.rows).reason
        said: dict[str, Value] = {"rows": Count(lost), "share": Share(lost / quality.rows_read)}
        yield Finding("rejected", {**said, "reason": Term(f"reason_{worst}")})


def trust(data: Comparison | None) -> Iterator[Finding]:
    """No model beats the simple rules, or totals were off by more than 15 % in the backtests."""
    if data is None or not data.models:
        return
    naive = next((m for m in data.models if m.naive), None)
    if not data.beats_naive and naive is not None:
        yield Finding("naive", {"naive": Term(f"model_{naive.name}")})
    chosen = next((m for m in data.models if m.chosen), data.models[0])
    if abs(chosen.total_error) >= 0.15:
        yield Finding("bias", {"error": Share(abs(chosen.total_error))})


def nobody_back(headline: Headline) -> Finding | None:
    """Without a second order there is nothing to forecast from."""
    return Finding("none") if headline.repeat_customers == 0 else None


def few_back(headline: Headline) -> Finding | None:
    """Too few returns for narrow intervals."""
    back = headline.repeat_customers
    return Finding("small", {"customers": Count(back)}) if 0 < back < FEW else None
