"""The evidence as a paper that can be handed to a lawyer: one PDF, with its own date and nothing that loads."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.translation import gettext as _

from stammkunde.server.consent.queries.evidence import Evidence
from stammkunde.server.consent.words import reason
from stammkunde.server.shop.models import Imprint

if TYPE_CHECKING:
    from reportlab.platypus import Paragraph, Table


def paper(found: Evidence) -> bytes:
    """The evidence about one customer as PDF, in the reader's language."""
    title = _("Evidence: may %(who)s be written to?") % {"who": found.customer.email or str(found.customer)}
    sheet = Sheet(title, found.at)
    sheet.head(_("What may go out"))
    sheet.table(*_decisions(found))
    proof(sheet, found)
    return sheet.pdf()


def proof(sheet: "Sheet", found: Evidence) -> None:
    """What was said, entry by entry, and every wording the entries name, in full."""
    sheet.head(_("What was said"))
    if found.entries:
        sheet.table(*_ledger(found))
    else:
        sheet.text(_("Nothing."))
    _words(sheet, found)


class Sheet:
    """A paper being written: a title, as of when and whose, then heads, texts and tables."""

    def __init__(self, title: str, at: datetime) -> None:
        from reportlab.lib.styles import getSampleStyleSheet  # half a second that only who asks for a paper waits for

        self.styles, self.title, self.shop = getSampleStyleSheet(), title, Imprint.now()
        told = {"when": moment(at), "shop": self.shop.name or settings.PUBLIC_URL}
        self.story: list[Any] = [_said(title, self.styles["Title"])]
        self.text(_("As of %(when)s. Shop: %(shop)s.") % told)

    def head(self, text: str, level: int = 2) -> None:
        """Begin a section."""
        self.story.append(_said(text, self.styles[f"Heading{level}"]))

    def text(self, text: str) -> None:
        """A paragraph."""
        self.story.append(_said(text, self.styles["BodyText"]))

    def table(self, rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
        """A table whose first row is its head; widths in points, 499 in all."""
        self.story.append(_table(rows, widths, self.styles))

    def pdf(self) -> bytes:
        """The file."""
        from reportlab.lib.pagesizes import A4  # as above
        from reportlab.platypus import SimpleDocTemplate

        target, author = BytesIO(), self.shop.name or "Stammkunde"
        document = SimpleDocTemplate(
            target, pagesize=A4, title=self.title, author=author, leftMargin=48, rightMargin=48
        )
        document.build(self.story)
        return target.getvalue()


def _said(text: str, style: Any) -> "Paragraph":
    from reportlab.platypus import Paragraph  # see `Sheet`

    return Paragraph(escape(text), style)  # its mark-up is not for what customers wrote


def _table(rows: Sequence[Sequence[str]], widths: Sequence[float], styles: Any) -> "Table":
    from reportlab.lib import colors  # see `Sheet`
    from reportlab.platypus import Table, TableStyle

    body = styles["BodyText"].clone("cell", fontSize=8, leading=10)
    cells = [[_said(cell, body) for cell in row] for row in rows]
    drawn = [("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.lightgrey), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    return Table(cells, colWidths=widths, repeatRows=1, style=TableStyle(drawn))


Rows = tuple[list[list[str]], list[float]]


def _decisions(found: Evidence) -> Rows:
    rows = [[_("Mail"), _("May it go out?"), _("Why"), _("Law"), _("Proof")]]
    for line in found.lines:
        proof = (
            _("entry %(number)s of %(when)s") % {"number": line.entry.pk, "when": moment(line.entry.at)}
            if line.entry
            else ""
        )
        proof = proof or (_("order %(number)s") % {"number": line.order} if line.order else "–")
        may = _("yes") if line.decision.allowed else _("no")
        why, law = reason(line.decision.reason), f"{line.decision.pack}: {line.decision.source}"
        rows.append([str(line.purpose.label), may, why, law, proof])
    return rows, [92, 56, 150, 120, 80]


def _ledger(found: Evidence) -> Rows:
    rows = [[_("No."), _("When"), _("What"), _("About"), _("Address"), _("From where"), _("Words")]]
    for each in found.entries:
        where = ", ".join(part for part in (each.source, each.page, each.ip or "") if part)
        words = str(each.wording) if each.wording else each.note or "–"
        what, about = each.get_kind_display(), each.get_topic_display()
        rows.append([str(each.pk), moment(each.at), what, about, each.address, where, words])
    return rows, [30, 78, 72, 78, 90, 96, 54]


def _words(sheet: Sheet, found: Evidence) -> None:
    wordings = {each.wording.pk: each.wording for each in found.entries if each.wording}
    if wordings:
        sheet.head(_("The words"))
    for each in wordings.values():
        sheet.head(_("%(name)s, since %(when)s") % {"name": each, "when": moment(each.created_at)}, level=4)
        sheet.text(each.text)


def moment(when: datetime) -> str:
    """To the second, in the shop's zone, with its name."""
    local = when.astimezone(ZoneInfo(settings.SHOP_ZONE))
    return f"{date_format(local, 'SHORT_DATE_FORMAT')} {local:%H:%M:%S %Z}"
