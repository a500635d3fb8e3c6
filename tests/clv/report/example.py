"""Reports to look at: a simulated shop, counted with numpy, so that every figure has the shape of a real one."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from stammkunde.clv.report.data import (
    AliveGrid,
    Calibration,
    CalibrationGroup,
    Cohort,
    CohortGroup,
    CohortTable,
    Comparison,
    Concentration,
    CustomerRow,
    DataQuality,
    Finding,
    Headline,
    ModelRow,
    OneTimeBuyers,
    Range,
    RejectedRow,
    Rejection,
    ReportData,
    Scope,
    SecondOrder,
    Tracking,
)
from stammkunde.clv.report.quantities import Count, Money, Share, Term, Value
from stammkunde.notices import Notice

Array = NDArray[np.float64]
FIRST = date(2010, 12, 1)
UNTIL = date(2011, 12, 9)
LENGTH = (UNTIL - FIRST).days
SCOPE = Scope(FIRST, UNTIL, date(2011, 12, 12), "12m", date(2012, 12, 9), currency="GBP", source="orders.parquet")
HOSTILE = (
    "<script>alert(1)</script>",
    "Wolfgang-Amadeus " * 5,
    "\u202eevil\u202c مرحبا",
    '"><img src=x onerror=alert(1)>',
)


def a_shop(customers: int = 1000, *, seed: int = 7) -> tuple[Array, Array, Array]:
    """Order days of a simulated shop: customer, day since `FIRST` and value of each."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        start, pace, life = rng.integers(0, LENGTH), rng.gamma(0.7, 1 / 45), rng.exponential(300)
        gaps = np.cumsum(np.ceil(rng.exponential(1 / max(pace, 1e-9), 80)))
        days = start + np.concatenate([[0], gaps[gaps < min(life, LENGTH - start)]])
        worth = rng.lognormal(4 + 0.5 * rng.normal(), 1.0)
        rows += [(customer, day, worth * rng.lognormal(0, 0.4)) for day in days]
    who, day, value = np.array(rows).T
    return who, day, value


def report(customers: int = 1000) -> ReportData:
    """The full report of a simulated shop, with one hostile customer id of each kind."""
    who, day, value = a_shop(customers)
    first, last, orders, worth, once = _histories(who, day, value)
    alive = np.clip(
        np.exp(-(LENGTH - last) / np.where(orders > 1, (last - first) / np.maximum(orders - 1, 1) * 4 + 30, 260)),
        0.01,
        0.99,
    )
    ahead = alive * worth / orders * (orders / (LENGTH - first + 60)) * 300
    rows = _rows(orders, last, worth, alive, ahead)
    back = int((orders > 1).sum())
    headline = Headline(
        customers,
        len(who),
        back,
        float(worth.sum()),
        Range(float(ahead.sum()), float(ahead.sum() * 0.83), float(ahead.sum() * 1.19)),
        float(alive.sum()),
        float(ahead.sum() / 180),
        float(worth.mean() * 1.3),
    )
    second = _second(first, last, orders, who, day, once, worth)
    return ReportData(
        SCOPE,
        headline,
        _quality(),
        ("auto", "pareto-nbd"),
        _findings(rows),
        rows[:10],
        _lorenz(worth),
        _cohorts(who, day, value, first),
        second,
        _grid(orders, LENGTH - last, alive),
        _tracking(day, first, who),
        _calibration(ahead),
        _comparison(),
    )


def nobody_came_back() -> ReportData:
    """One customer, one order: nothing can be forecast."""
    once = OneTimeBuyers(1, 1.0, 49.9, float("nan"), 30.0)
    second = SecondOrder((0.0, 30.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0), None, None, once)
    quality = DataQuality(1, 1, 49.9, 49.9, 0.0, 0.0)
    return ReportData(
        SCOPE,
        Headline(1, 1, 0, 49.9),
        quality,
        findings=(Finding("none"),),
        second_order=second,
    )


def no_better_than_a_rule(data: ReportData) -> ReportData:
    """The same shop, where the naive rule wins."""
    comparison = data.comparison
    assert comparison is not None
    rows = tuple(replace(m, chosen=m.name == "own-pace") for m in reversed(comparison.models))
    finding = Finding("naive", {"naive": Term("model_own-pace")})
    return replace(data, comparison=replace(comparison, models=rows, beats_naive=False), findings=(finding,))


def _histories(who: Array, day: Array, value: Array) -> tuple[Array, Array, Array, Array, Array]:
    starts = np.flatnonzero(np.concatenate([[True], who[1:] != who[:-1]]))
    orders = np.diff(np.append(starts, len(who))).astype(float)
    first, last = day[starts], np.maximum.reduceat(day, starts)
    return first, last, orders, np.add.reduceat(value, starts), value[starts]


def _rows(orders: Array, last: Array, worth: Array, alive: Array, ahead: Array) -> tuple[CustomerRow, ...]:
    best = np.argsort(-ahead)[:12]
    names = [*HOSTILE, *(str(12000 + k) for k in range(len(best)))]
    return tuple(
        CustomerRow(
            names[k],
            int(orders[i]),
            FIRST + timedelta(days=int(last[i])),
            float(worth[i]),
            float(alive[i]),
            Range(float(ahead[i]), float(ahead[i] * 0.2), float(ahead[i] * 2.1)),
        )
        for k, i in enumerate(best)
    )


def _lorenz(worth: Array) -> Concentration:
    falling = np.sort(worth)[::-1]
    share = np.concatenate([[0], np.cumsum(falling) / falling.sum()])
    at = np.unique(np.linspace(0, len(worth), 101).astype(int))
    return Concentration(tuple(at / len(worth)), tuple(share[at].tolist()), float(falling[0] / falling.sum()))


def _cohorts(who: Array, day: Array, value: Array, first: Array) -> CohortTable:
    month = (first // 30.5).astype(int)
    age = (day // 30.5).astype(int) - month[who.astype(int)]
    cohorts = []
    for m in range(13):
        members = month == m
        mine, size = members[who.astype(int)], int(members.sum())
        if not size:
            continue
        ages = 13 - m
        active = [len(np.unique(who[mine & (age == a)])) / size for a in range(ages)]
        brought = [float(value[mine & (age <= a)].sum()) / size for a in range(ages)]
        start = date(2010 + (11 + m) // 12, (11 + m) % 12 + 1, 1)
        cohorts.append(Cohort(start, size, tuple(active), tuple(brought), ages - 1))
    groups = (
        CohortGroup("United Kingdom", 812, 402.0, 0.41),
        CohortGroup("Germany", 94, 611.0, 0.52),
        CohortGroup("<b>EIRE</b> " * 4, 3, 90.5, 0.1),
    )
    return CohortTable("month", tuple(cohorts), "country", 180, groups)


def _second(first: Array, last: Array, orders: Array, who: Array, day: Array, once: Array, worth: Array) -> SecondOrder:
    starts = np.flatnonzero(np.concatenate([[True], who[1:] != who[:-1]]))
    back = orders > 1
    wait = np.where(back, day[np.minimum(starts + 1, len(day) - 1)] - first, LENGTH - first)
    days, left, share, spread = [0.0], 1.0, [0.0], [0.0]
    for d in np.unique(wait[back]):
        risk, came = (wait >= d).sum(), (wait[back] == d).sum()
        left *= 1 - came / risk
        days, share = [*days, float(d)], [*share, 1 - left]
        spread = [*spread, 1.96 * left * np.sqrt((1 - left) / max(risk * left, 1e-9))]
    low, high = np.clip(np.array(share) - spread, 0, 1), np.clip(np.array(share) + spread, 0, 1)
    waited = np.sort(wait[back])
    buyers = OneTimeBuyers(
        int((~back).sum()),
        float((~back).mean()),
        float(once[~back].mean()),
        float(once[back].mean()),
        float(np.median(LENGTH - first[~back])),
        float((~back).sum() * 0.4),
    )
    half, most = (int(waited[int(q * len(waited))]) for q in (0.5, 0.8))
    return SecondOrder(tuple(days), tuple(share), tuple(low.tolist()), tuple(high.tolist()), half, most, buyers)


def _grid(orders: Array, silence: Array, alive: Array) -> AliveGrid:
    rows, columns = (1, 2, 3, 5, 9, 17), (0, 15, 30, 60, 90, 180, 270)
    r, c = np.searchsorted(rows, orders, "right") - 1, np.searchsorted(columns, silence, "right") - 1
    count = [[int(((r == i) & (c == j)).sum()) for j in range(len(columns))] for i in range(len(rows))]
    mean = [
        [float(alive[(r == i) & (c == j)].mean()) if count[i][j] else None for j in range(len(columns))]
        for i in range(len(rows))
    ]
    return AliveGrid(rows, columns, tuple(map(tuple, mean)), tuple(map(tuple, count)))


def _tracking(day: Array, first: Array, who: Array) -> Tracking:
    repeat = day > first[who.astype(int)]
    counts = [float((repeat & (day // 7 == w)).sum()) for w in range(LENGTH // 7)]
    cut = len(counts) - 13
    expected = [None] * cut + [float(np.mean(counts[cut - 6 : cut])) * 0.985**k for k in range(13)]
    starts = tuple(FIRST + timedelta(days=7 * w) for w in range(len(counts)))
    return Tracking(starts, tuple(counts), tuple(expected), starts[cut], "week")


def _calibration(ahead: Array) -> Calibration:
    falling = np.array_split(np.sort(ahead)[::-1], min(10, len(ahead)))
    wobble = (1.12, 0.94, 1.08, 0.97, 1.2, 0.8, 1.3, 0.7, 1.5, 0.4)
    groups = tuple(
        CalibrationGroup(len(g), float(g.mean()), float(g.mean() * w)) for g, w in zip(falling, wobble, strict=False)
    )
    return Calibration(date(2011, 8, 31), date(2011, 11, 29), groups)


def _comparison() -> Comparison:
    return Comparison(
        (
            ModelRow(
                "auto",
                naive=False,
                chosen=True,
                value_error=503.1,
                order_error=0.872,
                total_error=-0.031,
                ranking=0.781,
            ),
            ModelRow(
                "pareto-nbd",
                naive=False,
                chosen=False,
                value_error=512.4,
                order_error=0.887,
                total_error=-0.226,
                ranking=0.772,
            ),
            ModelRow(
                "bg-nbd",
                naive=False,
                chosen=False,
                value_error=530.0,
                order_error=0.901,
                total_error=-0.251,
                ranking=0.765,
            ),
            ModelRow(
                "own-pace",
                naive=True,
                chosen=False,
                value_error=744.0,
                order_error=1.55,
                total_error=0.673,
                ranking=0.762,
            ),
        ),
        origins=3,
        days=90,
        beats_naive=True,
    )


def _quality() -> DataQuality:
    return DataQuality(
        541_909,
        397_924,
        9_747_747.93,
        8_300_065.81,
        -611_342.09,
        0.0,
        (
            Rejection("no_customer", 135_080, 1_447_682.12),
            Rejection("duplicate", 5_225),
            Rejection("<i>odd</i>", 3_680),
        ),
        (
            RejectedRow(623, "CustomerID", "no_customer", ""),
            RejectedRow(1444, "InvoiceDate", "bad_date", "<script>x</script>"),
        ),
        (Notice("passed_over", field="customer", column="CustomerID", others="'Kunde'"),),
    )


def _findings(rows: tuple[CustomerRow, ...]) -> tuple[Finding, ...]:
    lapsed: dict[str, Value] = {
        "customers": Count(31),
        "usual": Count(30),
        "silence": Count(70),
        "yearly": Money(4210),
        "next": Money(1320),
    }
    window: dict[str, Value] = {"days": Count(47), "half": Count(47), "most": Count(131), "now": Count(212)}
    return (
        Finding("lapsed", lapsed, rows[:6]),
        Finding("window", window),
        Finding("concentration", {"share": Share(0.58), "customers": Count(100)}),
        Finding("basis"),
    )
