"""Who still orders: the share of each cohort that did, by age."""

from collections.abc import Iterator

from stammkunde.clv.report.data import Cohort, CohortTable
from stammkunde.clv.report.figures.cohorts import by_age, cohort_name
from stammkunde.clv.report.figures.figure import Figure, Table, both, shade, tall
from stammkunde.clv.report.quantities import Count, Share, Value
from stammkunde.clv.report.svg import Frame, bar, document, text
from stammkunde.clv.report.words import Words


def mean_active(table: CohortTable) -> list[float]:
    """Share of customers who ordered, by age, over the cohorts whose period is over."""
    return [
        sum(c.customers * c.active[age] for c in over) / sum(c.customers for c in over) for age, over in by_age(table)
    ]


def retention_map(data: CohortTable, words: Words) -> Figure | None:
    """Share of each cohort that ordered, by age; None where no cohort has a period behind it."""
    mean = mean_active(data)
    if len(mean) < 2:
        return None
    ages = max(len(c.active) for c in data.cohorts)
    said: dict[str, Value] = {"next": Share(mean[1]), "age": Count(len(mean) - 1), "last": Share(mean[-1])}
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
    return tall(frame, 58 + row * len(data.cohorts) + 8, left=132 if not frame.narrow else 74, right=2)


def _map(frame: Frame, data: CohortTable, words: Words) -> str:
    ages = max(len(c.active) for c in data.cohorts)
    width = (frame.x_end - frame.left) / max(ages - 1, 1)
    most = max((v for c in data.cohorts for v in c.active[1:]), default=0.0) or 1.0
    row = 22 if frame.narrow else 26
    every = max(1, round(24 / width))
    parts = [text(0, 13, words.say(f"axis_age_{data.period}"), css="name")]
    shown = range(1, ages, every)
    parts += [text(frame.left + (age - 0.5) * width, 40, str(age), css="tick", anchor="middle") for age in shown]
    for k, cohort in enumerate(data.cohorts):
        parts += _row(frame, (48 + k * row, width, row, most), cohort, (data.period, words))
    mean = mean_active(data)
    said: dict[str, Value] = {"next": Share(mean[1]), "age": Count(len(mean) - 1), "last": Share(mean[-1])}
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


def _active_row(cohort: Cohort, period: str, ages: int, words: Words) -> tuple[str, ...]:
    known = [words.locale.share(v) + ("" if k < cohort.complete else "*") for k, v in enumerate(cohort.active)][1:]
    return (
        cohort_name(cohort, period, words),
        words.write(Count(cohort.customers)),
        *known,
        *[""] * (ages - 1 - len(known)),
    )
