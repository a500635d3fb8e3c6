"""What a customer brought by age: cumulative value per original customer, cohort by cohort."""

from collections.abc import Iterator
from datetime import date

from stammkunde.clv.report.data import Cohort, CohortTable
from stammkunde.clv.report.figures.figure import Figure, Table, both, tall
from stammkunde.clv.report.quantities import Count, Money, Value
from stammkunde.clv.report.svg import (
    Frame,
    Scale,
    document,
    line,
    spread,
    steps_to,
    text,
    ticks,
    x_axis,
    y_axis,
    y_title,
)
from stammkunde.clv.report.words import Words


def cohort_name(cohort: Cohort, period: str, words: Words) -> str:
    """Dec 2010, Q4 2010 or 2010."""
    return period_name(cohort.start, period, words)


def period_name(start: date, period: str, words: Words) -> str:
    """The month, quarter or year that begins on `start`, as a reader names it."""
    if period == "year":
        return str(start.year)
    if period == "quarter":
        return f"Q{(start.month + 2) // 3} {start.year}"
    return words.locale.month(start)


def typical(table: CohortTable) -> list[float]:
    """Value per original customer by age: each step is the mean step of the cohorts whose period is over."""
    total, curve = 0.0, []
    for age, over in by_age(table):
        customers = sum(c.customers for c in over)
        total += sum(c.customers * (c.value[age] - (c.value[age - 1] if age else 0.0)) for c in over) / customers
        curve.append(total)
    return curve


def by_age(table: CohortTable) -> Iterator[tuple[int, list[Cohort]]]:
    for age in range(max((c.complete for c in table.cohorts), default=0)):
        over = [c for c in table.cohorts if c.complete > age and c.customers]
        if not over:
            return
        yield age, over


def value_curves(data: CohortTable, words: Words) -> Figure | None:
    """Cumulative value per original customer by age; None where no cohort has a period behind it."""
    curve = typical(data)
    if len(curve) < 2:
        return None
    ages: dict[str, Value] = {"age": Count(len(curve) - 1), "value": Money(curve[-1]), "first": Money(curve[0])}
    period = words.say(f"axis_age_{data.period}")
    return Figure(
        "cohort-value",
        words.say(f"cohort_value_title_{data.period}", **ages),
        words.say(
            "cohort_value_summary", cohorts=Count(len(data.cohorts)), value=Money(curve[-1]), first=Money(curve[0])
        ),
        both(lambda frame: _curves(tall(frame, frame.height, right=92 if not frame.narrow else 62), data, words)),
        Table(
            words.say("cohort_value_table"),
            (words.say(f"column_cohort_{data.period}"), words.say("column_customers"), *map(str, range(len(curve)))),
            tuple(_value_row(c, data.period, len(curve), words) for c in data.cohorts),
        ),
        words.say("cohort_value_note", period=period),
    )


def _value_row(cohort: Cohort, period: str, ages: int, words: Words) -> tuple[str, ...]:
    known = [words.locale.money(v, None) for v in cohort.value[: min(cohort.complete, ages)]]
    return (
        cohort_name(cohort, period, words),
        words.write(Count(cohort.customers)),
        *known,
        *[""] * (ages - len(known)),
    )


def _curves(frame: Frame, data: CohortTable, words: Words) -> str:
    curve = typical(data)
    shown = [c for c in data.cohorts if c.complete > 1]
    levels = steps_to([*curve, *(v for c in shown for v in c.value[: c.complete])])
    x, y = Scale(0, len(curve) - 1, frame.left, frame.x_end), Scale(0, levels[-1], frame.y_end, frame.top + 16)
    marks = [(k, words.locale.tick(k)) for k in ticks(0, len(curve) - 1, 6) if k == int(k)]
    return document(
        frame,
        y_axis(frame, y, levels, words.locale.tick),
        y_title(frame, words.say("axis_value_per_customer", currency=words.currency or "")),
        x_axis(frame, x, marks, words.say(f"axis_age_{data.period}")),
        *(line([(x(k), y(v)) for k, v in enumerate(c.value[: c.complete])], "faint") for c in shown),
        line([(x(k), y(v)) for k, v in enumerate(curve)], "c1 strong"),
        *_ends(frame, (x, y), data, words),
        label=words.say(
            "cohort_value_summary", cohorts=Count(len(data.cohorts)), value=Money(curve[-1]), first=Money(curve[0])
        ),
    )


def _ends(frame: Frame, scales: tuple[Scale, Scale], data: CohortTable, words: Words) -> list[str]:
    """Names at the ends: the mean, and the cohorts that brought most and least among those as old as the eldest."""
    x, y = scales
    curve = typical(data)
    eldest = [c for c in data.cohorts if c.complete == len(curve)]
    named = [(words.say("label_mean"), curve[-1], "label c1text")]
    named += [(cohort_name(c, data.period, words), c.value[c.complete - 1], "label muted") for c in eldest[:2]]
    heights = spread([y(v) + 4 for _, v, _ in named], gap=16, low=frame.top, high=frame.y_end)
    return [text(x(len(curve) - 1) + 8, h, name, css=css) for (name, _, css), h in zip(named, heights, strict=True)]
