"""Cohorts: what a customer brought by age, and who still orders."""

from collections.abc import Iterator
from datetime import date

from stammkunde.clv.report.data import Cohort, CohortTable
from stammkunde.clv.report.figures.figure import Figure, Table, both, tall
from stammkunde.clv.report.quantities import Count, Days, Money, Share, Term
from stammkunde.clv.report.svg import (
    Frame,
    Scale,
    bar,
    ceiling,
    document,
    line,
    spread,
    text,
    ticks,
    x_axis,
    y_axis,
    y_title,
)
from stammkunde.clv.report.words import Words

SHADES = 8


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
    """Value per original customer by age over all cohorts: each step is the mean of the cohorts whose period is over."""
    total, curve = 0.0, []
    for age, over in _by_age(table):
        customers = sum(c.customers for c in over)
        total += sum(c.customers * (c.value[age] - (c.value[age - 1] if age else 0.0)) for c in over) / customers
        curve.append(total)
    return curve


def mean_active(table: CohortTable) -> list[float]:
    """Share of customers who ordered, by age, over the cohorts whose period is over."""
    return [sum(c.customers * c.active[age] for c in over) / sum(c.customers for c in over) for age, over in _by_age(table)]


def _by_age(table: CohortTable) -> Iterator[tuple[int, list[Cohort]]]:
    for age in range(max((c.complete for c in table.cohorts), default=0)):
        over = [c for c in table.cohorts if c.complete > age and c.customers]
        if not over:
            return
        yield age, over


# --- value by age -------------------------------------------------------------------------------------------------


def value_curves(data: CohortTable, words: Words) -> Figure | None:
    """Cumulative value per original customer by age; None where no cohort has a period behind it."""
    curve = typical(data)
    if len(curve) < 2:
        return None
    ages = {"age": Count(len(curve) - 1), "value": Money(curve[-1]), "first": Money(curve[0])}
    period = words.say(f"axis_age_{data.period}")
    return Figure(
        "cohort-value",
        words.say(f"cohort_value_title_{data.period}", **ages),
        words.say("cohort_value_summary", cohorts=Count(len(data.cohorts)), value=Money(curve[-1]), first=Money(curve[0])),
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
    return (cohort_name(cohort, period, words), words.write(Count(cohort.customers)), *known, *[""] * (ages - len(known)))


def _curves(frame: Frame, data: CohortTable, words: Words) -> str:
    curve = typical(data)
    shown = [c for c in data.cohorts if c.complete > 1]
    top = ceiling([*curve, *(v for c in shown for v in c.value[: c.complete])])
    x, y = Scale(0, len(curve) - 1, frame.left, frame.x_end), Scale(0, top, frame.y_end, frame.top + 16)
    marks = [(k, words.locale.tick(k)) for k in ticks(0, len(curve) - 1, 6) if k == int(k)]
    return document(
        frame,
        y_axis(frame, y, ticks(0, top, 4), words.locale.tick),
        y_title(frame, words.say("axis_value_per_customer", currency=words.currency or "")),
        x_axis(frame, x, marks, words.say(f"axis_age_{data.period}")),
        *(line([(x(k), y(v)) for k, v in enumerate(c.value[: c.complete])], "faint") for c in shown),
        line([(x(k), y(v)) for k, v in enumerate(curve)], "c1 strong"),
        *_ends(frame, (x, y), data, words),
        label=words.say("cohort_value_summary", cohorts=Count(len(data.cohorts)), value=Money(curve[-1]), first=Money(curve[0])),
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


# --- who still orders ------------------------------------------------------------------------------------------------


def retention_map(data: CohortTable, words: Words) -> Figure | None:
    """Share of each cohort that ordered, by age; None where no cohort has a period behind it."""
    mean = mean_active(data)
    if len(mean) < 2:
        return None
    ages = max(len(c.active) for c in data.cohorts)
    said = {"next": Share(mean[1]), "age": Count(len(mean) - 1), "last": Share(mean[-1])}
    return Figure(
        "retention",
        words.say(f"retention_title_{data.period}", **said),
        words.say(f"retention_summary_{data.period}", **said),
        both(lambda frame: _map(_map_frame(frame, data), data, words)),
        Table(
            words.say("retention_table"),
            (words.say(f"column_cohort_{data.period}"), words.say("column_customers"), *map(str, range(1, ages))),
            tuple(_active_row(c, data.period, ages, words) for c in data.cohorts),
        ),
        words.say("retention_note"),
    )


def _map_frame(frame: Frame, data: CohortTable) -> Frame:
    row = 26 if not frame.narrow else 22
    return tall(frame, 58 + row * len(data.cohorts) + 8, left=132 if not frame.narrow else 66, right=2)


def _map(frame: Frame, data: CohortTable, words: Words) -> str:
    ages = max(len(c.active) for c in data.cohorts)
    width = (frame.x_end - frame.left) / max(ages - 1, 1)
    most = max((v for c in data.cohorts for v in c.active[1:]), default=0.0) or 1.0
    row = 22 if frame.narrow else 26
    every = max(1, round(24 / width))
    parts = [text(0, 13, words.say(f"axis_age_{data.period}"), css="name")]
    for age in range(1, ages):
        if (age - 1) % every == 0:
            parts.append(text(frame.left + (age - 0.5) * width, 40, str(age), css="tick", anchor="middle"))
    for k, cohort in enumerate(data.cohorts):
        parts += _row(frame, (48 + k * row, width, row, most), cohort, (data.period, words))
    mean = mean_active(data)
    said = {"next": Share(mean[1]), "age": Count(len(mean) - 1), "last": Share(mean[-1])}
    return document(frame, *parts, label=words.say(f"retention_summary_{data.period}", **said))


def _row(
    frame: Frame, cell: tuple[float, float, float, float], cohort: Cohort, said: tuple[str, Words]
) -> Iterator[str]:
    (top, width, height, most), (period, words) = cell, said
    middle = top + height / 2 + 4
    yield text(0, middle, cohort_name(cohort, period, words), css="tick strong")
    if not frame.narrow:
        yield text(frame.left - 12, middle, words.write(Count(cohort.customers)), css="tick", anchor="end")
    for age, share in enumerate(cohort.active[1:], start=1):
        over = age < cohort.complete
        x = frame.left + (age - 1) * width
        yield bar(x + 1, top + 1, width - 2, height - 2, f"h{shade(share / most)}" if over else "censored")
        if width >= (26 if not frame.narrow else 17):
            css = f"cell t{shade(share / most)}" if over else "cell open"
            yield text(x + width / 2, middle, f"{100 * share:.0f}", css=css, anchor="middle")


def shade(part: float) -> int:
    """Which of the shades, palest first, stands for a part of the largest value."""
    return min(SHADES - 1, max(0, int(part * SHADES)))


def _active_row(cohort: Cohort, period: str, ages: int, words: Words) -> tuple[str, ...]:
    known = [words.locale.share(v) + ("" if k < cohort.complete else "*") for k, v in enumerate(cohort.active)][1:]
    return (cohort_name(cohort, period, words), words.write(Count(cohort.customers)), *known, *[""] * (ages - 1 - len(known)))


# --- by what the first order was ---------------------------------------------------------------------------------------


def group_bars(data: CohortTable, words: Words) -> Figure | None:
    """Value per original customer at one age, by channel, country or product of the first order."""
    if len(data.groups) < 2 or data.grouped_by is None:
        return None
    groups = sorted(data.groups, key=lambda g: -g.value)
    said = {
        "name": groups[0].name,
        "value": Money(groups[0].value),
        "days": Count(data.group_days),
        "last": groups[-1].name,
        "least": Money(groups[-1].value),
    }
    by = words.say(f"by_{data.grouped_by}")
    header = (by, *(words.say(key) for key in ("column_customers", "column_value_per_customer", "column_again")))
    return Figure(
        "groups",
        words.say("groups_title", **said),
        words.say("groups_summary", **said),
        both(lambda frame: _bars(frame, data, words)),
        Table(
            words.say("groups_table", days=Days(data.group_days), by=Term(f"by_{data.grouped_by}")),
            header,
            tuple(
                (g.name, words.write(Count(g.customers)), words.write(Money(g.value)), words.write(Share(g.again)))
                for g in groups
            ),
        ),
    )


def _bars(frame: Frame, data: CohortTable, words: Words) -> str:
    groups = sorted(data.groups, key=lambda g: -g.value)
    row = 30
    frame = tall(frame, row * len(groups) + 34, left=0, right=0)
    name_width = 190 if not frame.narrow else 108
    x = Scale(0, max(*(g.value for g in groups), 1e-9), name_width, frame.width - 96)
    parts = [text(name_width, 13, words.say("axis_value_per_customer", currency=words.currency or ""), css="name")]
    for k, group in enumerate(groups):
        top = 24 + k * row
        most = int(name_width / (frame.size * 0.6)) - 1
        name = group.name if len(group.name) <= most else group.name[: most - 1] + "…"
        parts.append(text(0, top + 19, name, css="tick strong"))
        parts.append(bar(x(0), top + 5, max(x(group.value) - x(0), 1), row - 12, "fill1"))
        parts.append(text(max(x(group.value), x(0)) + 8, top + 19, words.write(Money(group.value)), css="tick"))
    label = words.say("groups_table", days=Days(data.group_days), by=Term(f"by_{data.grouped_by}"))
    return document(frame, *parts, label=label)
