"""The doubting half of the page: how good the forecast was, against what, and from which rows it comes."""

from html import escape

from stammkunde.clv.report.data import Comparison, DataQuality, ModelRow, RejectedRow, Rejection, ReportData
from stammkunde.clv.report.elements import figure, folded, heads, paragraph, section, table, table_of
from stammkunde.clv.report.figures import Table, calibration_dots, tracking_lines
from stammkunde.clv.report.quantities import Count, Money, Number, Share
from stammkunde.clv.report.words import Words

# --- trust ----------------------------------------------------------------------------------------------------


def trust(data: ReportData, words: Words, about: str) -> str:
    """Backtests: order by order period, tenth by tenth, candidate by candidate."""
    if data.tracking is None and data.calibration is None and data.comparison is None:
        return section("trust", words.say("trust"), paragraph(words.say("trust_missing")))
    parts = [
        figure(tracking_lines(data.tracking, words) if data.tracking else None, words, about),
        figure(calibration_dots(data.calibration, words) if data.calibration else None, words, about),
        _models(data.comparison, words) if data.comparison else "",
    ]
    return section("trust", words.say("trust"), *parts, lead=words.say("trust_lead"))


def _models(data: Comparison, words: Words) -> str:
    keys = ("model", "value_error", "order_error", "total_error", "ranking")
    body = "".join(_model(row, words) for row in data.models)
    numbers = table_of(words.say("models_table"), heads(words.say(f"column_{key}") for key in keys), body)
    return f"<h3 class='spaced'>{escape(words.say('models'))}</h3>{paragraph(_verdict(data, words))}{numbers}"


def _verdict(data: Comparison, words: Words) -> str:
    chosen = next((m for m in data.models if m.chosen), data.models[0])
    naive = next((m.name for m in data.models if m.naive), "–")
    key = "models_text_good" if data.beats_naive else "models_text_naive"
    named = {"model": short_name(chosen.name, words), "naive": short_name(naive, words)}
    return words.say(key, origins=Count(data.origins), days=Number(data.days), **named)


def short_name(name: str, words: Words) -> str:
    """What an owner calls a candidate: the words before the colon of its description."""
    return _described(name, words).split(":")[0]


def _described(name: str, words: Words) -> str:
    return words.say(f"model_{name}") if words.has(f"model_{name}") else name


def _model(row: ModelRow, words: Words) -> str:
    name, _, about = _described(row.name, words).partition(": ")
    tags = [f'<span class="tag chosen">{escape(words.say("tag_chosen"))}</span>'] if row.chosen else []
    tags += [f'<span class="tag">{escape(words.say("tag_naive"))}</span>'] if row.naive else []
    values = (
        Money(row.value_error),
        Number(row.order_error, 2),
        Share(row.total_error, signed=True),
        Number(row.ranking, 2),
    )
    cells = "".join(f"<td>{escape(words.write(value))}</td>" for value in values)
    told = f'<span class="about-model">{escape(about)}</span>' if about else ""
    head = f'<th scope="row" class="model">{escape(name)}{"".join(tags)}{told}</th>'
    start = '<tr class="chosen">' if row.chosen else "<tr>"
    return f"{start}{head}{cells}</tr>"


# --- data ----------------------------------------------------------------------------------------------------


def quality(data: ReportData, words: Words) -> str:
    """From the rows read to the rows used, as signed lines that sum; no rows, where only a history was known."""
    q = data.quality
    all_used = "" if q.rejections or not q.rows_read else paragraph(words.say("quality_none"))
    parts = [
        _ledger(q, words) if q.rows_read else paragraph(words.say("quality_unknown")),
        paragraph(_costs(data, words)),
        all_used,
        _examples(q, words),
        _warnings(q, words),
    ]
    return section("data", words.say("data"), *parts, lead=words.say("data_lead"))


def _ledger(q: DataQuality, words: Words) -> str:
    rows = [_entry(words.say("row_read"), q.rows_read, q.amount_read, words)]
    rows += [
        _entry(words.say("row_rejected", reason=reason_name(r, words)), -r.rows, _less(r.amount), words)
        for r in q.rejections
    ]
    other = q.rows_rejected - sum(r.rows for r in q.rejections)
    if other > 0:
        rows.append(_entry(words.say("row_other"), -other, None, words))
    rows.append(_entry(words.say("row_accepted"), q.rows_accepted, q.amount_accepted, words, css="total"))
    if q.refunds:
        rows.append(_entry(words.say("row_refunds"), None, -abs(q.refunds), words))
    head = heads(words.say(key) for key in ("column_step", "column_rows", "column_amount"))
    return table_of(words.say("rows_table"), head, "".join(rows))


def _entry(name: str, rows: int | None, amount: float | None, words: Words, *, css: str = "") -> str:
    cells = (
        "" if rows is None else words.write(Count(rows)),
        "" if amount is None else words.locale.exact(amount, words.currency),
    )
    inside = f'<th scope="row">{escape(name)}</th>' + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    start = f'<tr class="{css}">' if css else "<tr>"
    return f"{start}{inside}</tr>"


def _less(amount: float | None) -> float | None:
    return None if amount is None else -amount


def reason_name(rejection: Rejection, words: Words) -> str:
    """The reason in the reader's language, where there is a word for it."""
    key = f"reason_{rejection.reason}"
    return words.say(key) if words.has(key) else rejection.reason


def _costs(data: ReportData, words: Words) -> str:
    if data.scope.basis == "revenue":
        return words.say("no_costs")
    share = data.quality.estimated_share
    return words.say("estimated", share=Share(share)) if share > 0 else words.say("estimated_none")


def _examples(q: DataQuality, words: Words) -> str:
    if not q.examples:
        return ""
    header = tuple(words.say(key) for key in ("column_row", "column_column", "column_reason", "column_value"))
    rows = tuple(_example(e, words) for e in q.examples)
    return folded(words.say("rejects_summary"), table(Table(words.say("rejects_table"), header, rows, text=(1, 2, 3))))


def _example(e: RejectedRow, words: Words) -> tuple[str, str, str, str]:
    row = "" if e.row is None else words.write(Count(e.row))
    return row, e.column, reason_name(Rejection(e.reason, 1), words), (e.value or "")[:200]


def _warnings(q: DataQuality, words: Words) -> str:
    if not q.warnings:
        return ""
    items = "".join(f"<li>{escape(words.tell(warning))}</li>" for warning in q.warnings)
    return f"<h3 class='spaced'>{escape(words.say('warnings'))}</h3><ul class='plain'>{items}</ul>"
