"""The figures of a run as markup, drawn once for each language."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from stammkunde.clv.report.data import Comparison, ReportData
from stammkunde.clv.report.elements import figure, paragraph, table
from stammkunde.clv.report.figures import (
    Figure,
    Table,
    alive_map,
    calibration_dots,
    lorenz_curve,
    retention_map,
    return_curve,
    tracking_lines,
    value_curves,
)
from stammkunde.clv.report.figures.figure import both
from stammkunde.clv.report.quantities import Count, Money, Number, Share, Term
from stammkunde.clv.report.svg import Frame, Scale, bar, document, steps_to, text, x_axis, y_axis, y_title
from stammkunde.clv.report.trust import short_name
from stammkunde.clv.report.words import LANGUAGES, Words

Drawn = tuple[str, str, str]  # name, title, markup
STAYS = 0.95  # P(alive) everywhere above which a map says nothing


def pictures(page: ReportData, spread: dict[str, Any], unit: float) -> Iterator[tuple[str, Drawn]]:
    """Language and figure, in the order of the page; what these data cannot carry is left out."""
    for language in LANGUAGES:
        words = Words.of(language, currency=page.scope.currency)
        s = page.scope
        about = words.say("figure_about", basis=Term(f"basis_{s.basis}"), from_day=s.first_day, until=s.until)
        with translation.override(language):
            for found in _figures(page, spread, unit, words):
                yield language, (found.name, found.title, figure(found, words, about))
            if page.comparison is not None:
                yield language, ("models", *_models(page.comparison, words))


def _figures(page: ReportData, spread: dict[str, Any], unit: float, words: Words) -> Iterator[Figure]:
    told = page.alive is not None and any(p is not None and p < STAYS for row in page.alive.alive for p in row)
    drawn = (
        value_curves(page.cohorts, words) if page.cohorts else None,
        distribution_bars(spread, unit, words),
        retention_map(page.cohorts, words) if page.cohorts else None,
        return_curve(page.second_order, words) if page.second_order else None,
        lorenz_curve(page.concentration, words) if page.concentration else None,
        alive_map(page.alive, words) if page.alive is not None and told else None,
        tracking_lines(page.tracking, words) if page.tracking else None,
        calibration_dots(page.calibration, words) if page.calibration else None,
    )
    yield from (each for each in drawn if each is not None)


def _models(found: Comparison, words: Words) -> tuple[str, str]:
    """Every candidate in order of merit, and a sentence on who won."""
    chosen = next((m for m in found.models if m.chosen), found.models[0])
    naive = next((m.name for m in found.models if m.naive), "–")
    said = words.say(
        "models_text_good" if found.beats_naive else "models_text_naive",
        origins=Count(found.origins),
        days=Number(found.days),
        model=short_name(chosen.name, words),
        naive=short_name(naive, words),
    )
    keys = ("model", "value_error", "order_error", "total_error", "ranking")
    rows = tuple(
        (
            short_name(m.name, words) + (f" ({words.say('tag_chosen')})" if m.chosen else ""),
            words.write(Money(m.value_error)),
            words.write(Number(m.order_error, 2)),
            words.write(Share(m.total_error, signed=True)),
            words.write(Number(m.ranking, 2)),
        )
        for m in found.models
    )
    numbers = Table(words.say("models_table"), tuple(words.say(f"column_{key}") for key in keys), rows)
    return said, paragraph(said) + table(numbers)


# --- how value is spread ----------------------------------------------------------------------------------------------


def distribution_bars(spread: dict[str, Any], unit: float, words: Words) -> Figure | None:
    """Customers by value, in steps of a round width; None for a handful of customers."""
    counts = [spread["below"], *spread["counts"]]
    if sum(counts) < 10:
        return None
    middle, best = (words.write(Money(spread["quantiles"][share] / unit)) for share in ("0.5", "0.9"))
    mean = words.write(Money(spread["mean"] / unit))
    title = _("Half of the customers are worth less than %(middle)s, a tenth more than %(best)s") % {
        "middle": middle,
        "best": best,
    }
    summary = _(
        "Value so far and expected value together, per customer. The mean is %(mean)s: a few customers raise it."
    ) % {"mean": mean}
    names = _steps(spread, unit, words)
    total = sum(counts)
    rows = tuple(
        (name, words.write(Count(number)), words.write(Share(number / total)))
        for name, number in zip(names, counts, strict=True)
        if number or name != names[0]
    )
    header = (_("Value"), words.say("column_customers"), _("Share"))
    return Figure(
        "distribution",
        title,
        summary,
        both(lambda frame: _bars(frame, spread, unit, words, summary)),
        Table(_("Customers by value"), header, rows),
    )


def _steps(spread: dict[str, Any], unit: float, words: Words) -> list[str]:
    written = [words.write(Money(edge / unit)) for edge in spread["edges"]]
    between = [_("%(low)s to %(high)s") % {"low": a, "high": b} for a, b in pairwise(written)]
    nothing = _("below %(edge)s") % {"edge": written[0]}
    return [nothing, *between, _("%(edge)s and more") % {"edge": written[-1]}]


def _bars(frame: Frame, spread: dict[str, Any], unit: float, words: Words, label: str) -> str:
    counts = [spread["below"], *spread["counts"]]
    levels = steps_to([float(number) for number in counts])
    wide = (frame.x_end - frame.left) / len(counts)
    y = Scale(0, levels[-1], frame.y_end, frame.top + 16)
    x = Scale(-1, len(counts) - 1, frame.left, frame.x_end)
    every = 3 if frame.narrow else 2
    marks = [(float(k), words.locale.tick(edge / unit)) for k, edge in enumerate(spread["edges"]) if k % every == 0]
    parts = [
        bar(x(k - 1) + 1, y(number), wide - 2, frame.y_end - y(number), "fillink" if k == 0 else "fill1")
        for k, number in enumerate(counts)
    ]
    currency = words.currency or ""
    return document(
        frame,
        y_axis(frame, y, levels, words.locale.tick),
        y_title(frame, words.say("column_customers")),
        *parts,
        x_axis(frame, x, marks, _("Value per customer (%(currency)s)") % {"currency": currency}),
        text(frame.x_end, frame.top + 12, _("and more"), css="label muted", anchor="end"),
        label=label,
    )
