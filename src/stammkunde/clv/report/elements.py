"""The elements of the page. What comes in as text is escaped here, and only here; what is returned is markup."""

from collections.abc import Iterable, Sequence
from html import escape

from stammkunde.clv.report.figures import Figure, Table
from stammkunde.clv.report.words import Words


def paragraph(text: str, css: str = "") -> str:
    """A paragraph; nothing for no text."""
    return f"<p{_css(css)}>{escape(text)}</p>" if text else ""


def section(name: str, title: str, *parts: str, lead: str = "") -> str:
    """A part of the page with its heading."""
    head = f'<h2 id="{name}-title">{escape(title)}</h2>{paragraph(lead, "lead")}'
    return f'<section id="{name}" aria-labelledby="{name}-title">{head}{"".join(parts)}</section>\n'


def folded(title: str, inside: str, css: str = "") -> str:
    """What opens on demand, without a script."""
    return f"<details{_css(css)}><summary>{escape(title)}</summary>{inside}</details>"


def figure(content: Figure | None, words: Words, about: str) -> str:
    """A chart under its finding, over its numbers; nothing where there is nothing to draw."""
    if content is None:
        return ""
    caption = f"<figcaption><h3>{escape(content.title)}</h3>{paragraph(content.summary)}</figcaption>"
    note = paragraph(" ".join(filter(None, (content.note, about))), "note")
    numbers = folded(words.say("details_table"), table(content.table))
    return f'<figure id="figure-{content.name}">{caption}{"".join(content.drawings)}{note}{numbers}</figure>\n'


def table(content: Table) -> str:
    """A table that scrolls by itself where the screen is too narrow, by keyboard too."""
    head = heads(content.header, content.text)
    body = "".join(f"<tr>{row_cells(row, content.text)}</tr>" for row in content.rows)
    return table_of(content.caption, head, body)


def table_of(caption: str, head: str, body: str) -> str:
    """A table of ready rows."""
    inside = f"<caption><span>{escape(caption)}</span></caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table>{inside}</table></div>'
    )


def heads(cells: Iterable[str], text: Sequence[int] = ()) -> str:
    """Column headings; those named in `text` stand left."""
    return "".join(f'<th scope="col"{_css("text" if k in text else "")}>{escape(c)}</th>' for k, c in enumerate(cells))


def row_cells(cells: Sequence[str], text: Sequence[int] = ()) -> str:
    """The cells of a row, the first of them its heading."""
    first = f'<th scope="row">{escape(cells[0])}</th>'
    rest = (f"<td{_css('text' if k in text else '')}>{escape(c)}</td>" for k, c in enumerate(cells[1:], start=1))
    return first + "".join(rest)


def _css(name: str) -> str:
    return f' class="{name}"' if name else ""
