"""The page: one file that needs nothing else."""

from functools import cache
from html import escape
from importlib.resources import files

from stammkunde.clv.report.data import ReportData
from stammkunde.clv.report.elements import figure, paragraph, section
from stammkunde.clv.report.figures import alive_map, group_bars, lorenz_curve, retention_map, return_curve, value_curves
from stammkunde.clv.report.overview import actions, customer_table, header, headline
from stammkunde.clv.report.quantities import Count, Money, Share, Span, Term
from stammkunde.clv.report.trust import quality, trust
from stammkunde.clv.report.words import Words

SECTIONS = ("headline", "actions", "value", "cohorts", "second", "alive", "trust", "data", "terms")
STAYS = 0.95  # mean P(alive) in every group of customers above which a map says nothing
TERMS = ("value", "order_day", "alive", "interval", "cohort", "backtest", "ranking")
STYLES = ("tokens.css", "figures.css", "page.css")


def render(data: ReportData, *, language: str = "en") -> str:
    """The report as one HTML document in "en" or "de", for a file or a web page.

    Raises
    ------
    InputError : another language.
    """
    words = Words.of(language, currency=data.scope.currency)
    s = data.scope
    about = words.say("figure_about", basis=Term(f"basis_{s.basis}"), from_day=s.first_day, until=s.until)
    parts = (
        headline(data, words),
        actions(data, words),
        _value(data, words, about),
        _cohorts(data, words, about),
        _second(data, words, about),
        _alive(data, words, about),
        trust(data, words, about),
        quality(data, words),
        _terms(data, words),
    )
    body = f'{header(data, words)}{_contents(words)}<main id="main">{"".join(parts)}</main>{_footer(data, words)}'
    return _document(body, words)


def _document(body: str, words: Words) -> str:
    return (
        f'<!doctype html>\n<html lang="{words.locale.code}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(words.say('title'))}</title>\n<style>\n{style()}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#main">{escape(words.say("skip"))}</a>\n<div class="page">\n{body}</div>\n'
        "</body>\n</html>\n"
    )


@cache
def style() -> str:
    """The style sheet: colours, charts, and the page."""
    folder = files("stammkunde.clv.report").joinpath("style")
    return "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in STYLES)


def _contents(words: Words) -> str:
    items = "".join(f'<li><a href="#{name}">{escape(words.say(name))}</a></li>' for name in SECTIONS)
    title = escape(words.say("contents"))
    return f'<nav aria-label="{title}"><h2>{title}</h2><ol>{items}</ol></nav>\n'


def _value(data: ReportData, words: Words, about: str) -> str:
    found = figure(lorenz_curve(data.concentration, words), words, about) if data.concentration else ""
    curve = found or paragraph(words.say("value_none"))
    people = ""
    if data.best:
        caption = words.say("best_table", horizon=Span(data.scope.horizon))
        people = f'<h3 class="spaced">{escape(words.say("best"))}</h3>{customer_table(data.best, caption, data, words)}'
    return section("value", words.say("value"), curve, people, lead=words.say("value_lead"))


def _cohorts(data: ReportData, words: Words, about: str) -> str:
    table = data.cohorts
    figures = [f(table, words) for f in (value_curves, retention_map, group_bars)] if table else []
    drawn = "".join(figure(f, words, about) for f in figures)
    return section(
        "cohorts", words.say("cohorts"), drawn or paragraph(words.say("cohorts_none")), lead=words.say("cohorts_lead")
    )


def _second(data: ReportData, words: Words, about: str) -> str:
    found = data.second_order
    curve = return_curve(found, words) if found else None
    parts = [figure(curve, words, about) or paragraph(words.say("second_none"))]
    if found and found.once.customers:
        once = found.once
        text = words.say(
            "once_text" if once.share < 1 else "once_text_all",
            customers=Count(once.customers),
            share=Share(once.share),
            first=Money(once.first_value),
            repeaters=Money(once.first_value_of_repeaters),
            days=Count(once.days_since),
        )
        more = (
            words.say("once_active", active=Count(once.active))
            if once.active is not None and once.customers > 1
            else ""
        )
        parts.append(f'<h3 class="spaced">{escape(words.say("once"))}</h3>{paragraph(f"{text} {more}".strip())}')
    return section("second", words.say("second"), *parts, lead=words.say("second_lead"))


def _alive(data: ReportData, words: Words, about: str) -> str:
    if data.alive is None:
        return section("alive", words.say("alive"), paragraph(words.say("alive_none")))
    told = any(share is not None and share < STAYS for row in data.alive.alive for share in row)
    body = figure(alive_map(data.alive, words), words, about) if told else paragraph(words.say("alive_all"))
    return section("alive", words.say("alive"), body, lead=words.say("alive_lead"))


def _terms(data: ReportData, words: Words) -> str:
    level = Share(data.scope.level)
    texts = {t: words.say(f"term_{t}_text", **({"level": level} if t == "interval" else {})) for t in TERMS}
    items = "".join(f"<dt>{escape(words.say(f'term_{t}'))}</dt><dd>{escape(text)}</dd>" for t, text in texts.items())
    return section("terms", words.say("terms"), f'<dl class="terms">{items}</dl>')


def _footer(data: ReportData, words: Words) -> str:
    s = data.scope
    return f"<footer>{escape(words.say('footer', computed=s.computed, from_day=s.first_day, until=s.until))}</footer>\n"
