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
    from reportlab.lib.pagesizes import A4  # half a second that only who asks for a paper waits for
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import SimpleDocTemplate, Spacer

    styles, target = getSampleStyleSheet(), BytesIO()
    title = _("Evidence: may %(who)s be written to?") % {"who": found.customer.email or str(found.customer)}
    shop = Imprint.now()
    document = SimpleDocTemplate(
        target, pagesize=A4, title=title, author=shop.name or "Stammkunde", leftMargin=48, rightMargin=48
    )
    text = _("As of %(when)s. Shop: %(shop)s.") % {"when": _moment(found.at), "shop": shop.name or settings.PUBLIC_URL}
    story: list[Any] = [_said(title, styles["Title"]), _said(text, styles["Normal"]), Spacer(1, 12)]
    story += [_said(_("What may go out"), styles["Heading2"]), _decisions(found, styles), Spacer(1, 12)]
    story += [_said(_("What was said"), styles["Heading2"])]
    story += [_ledger(found, styles) if found.entries else _said(_("Nothing."), styles["Normal"])]
    story += _words(found, styles)
    document.build(story)
    return target.getvalue()


def _said(text: str, style: Any) -> "Paragraph":
    from reportlab.platypus import Paragraph  # see `paper`

    return Paragraph(escape(text), style)  # its mark-up is not for what customers wrote


def _table(rows: Sequence[Sequence[str]], widths: Sequence[float], styles: Any) -> "Table":
    from reportlab.lib import colors  # see `paper`
    from reportlab.platypus import Table, TableStyle

    body = styles["BodyText"].clone("cell", fontSize=8, leading=10)
    cells = [[_said(cell, body) for cell in row] for row in rows]
    drawn = [("LINEBELOW", (0, 0), (-1, -1), 0.25, colors.lightgrey), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    return Table(cells, colWidths=widths, repeatRows=1, style=TableStyle(drawn))


def _decisions(found: Evidence, styles: Any) -> "Table":
    rows = [[_("Mail"), _("May it go out?"), _("Why"), _("Law"), _("Proof")]]
    for line in found.lines:
        proof = (
            _("entry %(number)s of %(when)s") % {"number": line.entry.pk, "when": _moment(line.entry.at)}
            if line.entry
            else ""
        )
        proof = proof or (_("order %(number)s") % {"number": line.order} if line.order else "–")
        may = _("yes") if line.decision.allowed else _("no")
        why, law = reason(line.decision.reason), f"{line.decision.pack}: {line.decision.source}"
        rows.append([str(line.purpose.label), may, why, law, proof])
    return _table(rows, [92, 56, 150, 120, 80], styles)


def _ledger(found: Evidence, styles: Any) -> "Table":
    rows = [[_("No."), _("When"), _("What"), _("About"), _("Address"), _("From where"), _("Words")]]
    for each in found.entries:
        where = ", ".join(part for part in (each.source, each.page, each.ip or "") if part)
        words = str(each.wording) if each.wording else each.note or "–"
        what, about = each.get_kind_display(), each.get_topic_display()
        rows.append([str(each.pk), _moment(each.at), what, about, each.address, where, words])
    return _table(rows, [30, 78, 72, 78, 90, 96, 54], styles)


def _words(found: Evidence, styles: Any) -> list[Any]:
    """Every wording the entries name, in full."""
    wordings = {each.wording.pk: each.wording for each in found.entries if each.wording}
    story: list[Any] = [_said(_("The words"), styles["Heading2"])] if wordings else []
    for each in wordings.values():
        head = _("%(name)s, since %(when)s") % {"name": each, "when": _moment(each.created_at)}
        story += [_said(head, styles["Heading4"]), _said(each.text, styles["BodyText"])]
    return story


def _moment(when: datetime) -> str:
    local = when.astimezone(ZoneInfo(settings.SHOP_ZONE))
    return f"{date_format(local, 'SHORT_DATE_FORMAT')} {local:%H:%M:%S %Z}"
