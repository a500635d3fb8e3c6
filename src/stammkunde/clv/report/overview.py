"""The top of the page: the answer, the figures with their intervals, and what to do first."""

from html import escape

from stammkunde.clv.report.data import CustomerRow, Finding, ReportData
from stammkunde.clv.report.elements import folded, heads, paragraph, section, table_of
from stammkunde.clv.report.quantities import Count, Money, Share, Span, Term, Value
from stammkunde.clv.report.svg import Scale
from stammkunde.clv.report.words import Words

CLOSE = 0.10  # a total that was off by less than a tenth in the last backtest


def header(data: ReportData, words: Words) -> str:
    """The answer as a heading, its interval, how far to trust it, and what all numbers are about."""
    h, s = data.headline, data.scope
    said: dict[str, Value] = {"customers": Count(h.customers), "horizon": Span(s.horizon)}
    if h.predicted is None:
        title = words.say("h1_none", **said, value=Money(h.historic_value))
        more = words.say("standfirst_none")
    else:
        title = words.say("h1", **said, value=Money(h.predicted.mean))
        ends = {"low": Money(h.predicted.low), "high": Money(h.predicted.high), "historic": Money(h.historic_value)}
        more = words.say("standfirst", level=Share(s.level), **ends)
    trust = _trust(data, words) if h.predicted is not None else ""
    brand = paragraph(words.say("brand"), "brand")
    standfirst = paragraph(f"{more} {trust}".strip(), "standfirst")
    return f"<header>{brand}<h1>{escape(title)}</h1>{standfirst}{_meta(data, words)}</header>\n"


def _trust(data: ReportData, words: Words) -> str:
    c = data.calibration
    if c is None or c.actual <= 0:
        return words.say("trust_none")
    error = c.predicted / c.actual - 1
    return words.say("trust_close" if abs(error) <= CLOSE else "trust_wide", off=words.off(error))


def _meta(data: ReportData, words: Words) -> str:
    s = data.scope
    period = words.say("range_days", from_day=s.first_day, until=s.until)
    ahead = words.say("range_days", from_day=s.until, until=s.horizon_end)
    rows = [
        ("meta_basis", words.say(f"basis_long_{s.basis}")),
        ("meta_currency", s.currency or words.say("currency_unknown")),
        ("meta_period", period),
        ("meta_horizon", ahead if data.headline.predicted else ""),
        ("meta_model", " · ".join(words.write(Term(f"model_{name}")) for name in data.models)),
        ("meta_source", s.source or ""),
        ("meta_computed", words.write(s.computed)),
    ]
    cells = (f"<dt>{escape(words.say(key))}</dt><dd>{escape(value)}</dd>" for key, value in rows if value)
    return f'<dl class="meta">{"".join(cells)}</dl>'


# --- figures --------------------------------------------------------------------------------------------------------


def headline(data: ReportData, words: Words) -> str:
    """Five figures, each with what it means."""
    parts = [_predicted(data, words), _historic(data, words), _customers(data, words), *_model(data, words)]
    return section("headline", words.say("headline"), f'<dl class="stats">{"".join(parts)}</dl>')


def _stat(label: str, value: str, note: str, *, css: str = "", picture: str = "", pending: bool = False) -> str:
    kind = "value pending" if pending else "value"
    figure = f'<dd class="{kind}">{escape(value)}</dd>'
    extra = f"<dd>{picture}</dd>" if picture else ""
    return f'<div class="stat {css}"><dt>{escape(label)}</dt>{figure}{extra}<dd class="note">{escape(note)}</dd></div>'


def _pending(key: str, words: Words, css: str = "") -> str:
    return _stat(words.say(key), words.say("not_yet"), words.say("not_yet_note"), css=css, pending=True)


def _predicted(data: ReportData, words: Words) -> str:
    p, s = data.headline.predicted, data.scope
    if p is None:
        return _pending("stat_predicted", words, "first")
    ends: dict[str, Value] = {"low": Money(p.low), "high": Money(p.high), "level": Share(s.level), "end": s.horizon_end}
    note = words.say("stat_predicted_note", basis=Term(f"basis_{s.basis}"), **ends)
    return _stat(
        words.say("stat_predicted"), words.write(Money(p.mean)), note, css="first", picture=_interval(data, words)
    )


def _interval(data: ReportData, words: Words) -> str:
    """The interval as a bar from zero, with the mean on it."""
    p = data.headline.predicted
    if p is None or p.high <= 0:
        return ""
    x = Scale(0, p.high * 1.04, 2, 382)
    label = words.say("interval", low=Money(p.low), high=Money(p.high))
    return (
        f'<svg class="interval" role="img" aria-label="{escape(label)}" viewBox="0 0 384 16" width="384" height="16">'
        f'<line class="grid" x1="2" y1="8" x2="382" y2="8"/><line class="zero" x1="2" y1="2" x2="2" y2="14"/>'
        f'<rect class="fill1" fill-opacity="0.3" y="4" height="8"'
        f' x="{x(p.low):.1f}" width="{x(p.high) - x(p.low):.1f}"/>'
        f'<circle class="fill1" cx="{x(p.mean):.1f}" cy="8" r="5"/></svg>'
    )


def _historic(data: ReportData, words: Words) -> str:
    s = data.scope
    note = words.say("stat_historic_note", basis=Term(f"basis_{s.basis}"), from_day=s.first_day, until=s.until)
    return _stat(words.say("stat_historic"), words.write(Money(data.headline.historic_value)), note)


def _customers(data: ReportData, words: Words) -> str:
    h = data.headline
    back = Share(h.repeat_customers / max(h.customers, 1))
    note = words.say("stat_customers_note", orders=Count(h.orders), share=back)
    return _stat(words.say("stat_customers"), words.write(Count(h.customers)), note)


def _model(data: ReportData, words: Words) -> list[str]:
    h, s = data.headline, data.scope
    if h.active is None or h.new_customer is None:
        return [_pending("stat_active", words), _pending("stat_new", words)]
    part = Share(h.active / max(h.customers, 1))
    return [
        _stat(
            words.say("stat_active"),
            words.write(Count(h.active)),
            words.say("stat_active_note", until=s.until, share=part),
        ),
        _stat(
            words.say("stat_new"),
            words.write(Money(h.new_customer)),
            words.say("stat_new_note", basis=Term(f"basis_{s.basis}")),
        ),
    ]


# --- what to do ------------------------------------------------------------------------------------------------------


def actions(data: ReportData, words: Words) -> str:
    """The findings in order of weight."""
    items = "".join(_action(finding, data, words) for finding in data.findings)
    body = f'<ol class="actions">{items}</ol>' if items else paragraph(words.say("actions_none"))
    return section("actions", words.say("actions"), body)


def _action(finding: Finding, data: ReportData, words: Words) -> str:
    title = words.say(f"find_{finding.name}_title", **finding.values)
    text = words.say(f"find_{finding.name}_text", **finding.values)
    people = (
        folded(words.say("more"), customer_table(finding.customers, title, data, words)) if finding.customers else ""
    )
    return f"<li><h3>{escape(title)}</h3>{paragraph(text)}{people}</li>"


def customer_table(rows: tuple[CustomerRow, ...], caption: str, data: ReportData, words: Words) -> str:
    """Customers as scored. Their ids come from anywhere: escaped, kept apart from the direction of the text around."""
    keys = ("customer", "orders", "last_order", "historic", "alive", "predicted", "interval")
    about = f"{caption} ({words.say(f'basis_{data.scope.basis}')})"
    body = "".join(f"<tr>{_customer(row, words)}</tr>" for row in rows)
    return table_of(about, heads(words.say(f"column_{key}") for key in keys), body)


def _customer(row: CustomerRow, words: Words) -> str:
    p = row.predicted
    values: tuple[Value, ...] = (
        Count(row.orders),
        row.last_order,
        Money(row.historic_value),
        Share(row.p_alive),
        Money(p.mean),
    )
    bare = words.with_currency(None)  # the unit stands in the column before it
    cells = [*map(words.write, values), bare.say("interval", low=Money(p.low), high=Money(p.high))]
    written = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<th scope="row" class="who"><bdi>{escape(row.customer)}</bdi></th>{written}'
