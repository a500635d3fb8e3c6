"""How many mails a week, drawn: those of the journey that is tried on those of the others."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from stammkunde.server.ui.templatetags.ui import count

WIDTH, HEIGHT, TOP, FOOT = 720, 160, 14, 18


def drawn(weeks: Sequence[Sequence[object]]) -> SafeString:
    """Bars, a week each; nothing where there was none."""
    rows = [(str(week), int(str(own)), int(str(others))) for week, own, others in weeks]
    most = max((own + others for _week, own, others in rows), default=0)
    if not most:
        return SafeString("")
    step = WIDTH / len(rows)
    bars = format_html_join("", "{}", ((_bar(place * step, step, row, most),) for place, row in enumerate(rows)))
    label = _("Mails a week; most: %(most)s") % {"most": count(most)}
    return format_html(
        '<svg class="weeks" viewBox="0 0 {} {}" role="img" aria-label="{}"><text x="0" y="10">{}</text>{}'
        '<text x="0" y="{}">{}</text><text x="{}" y="{}" text-anchor="end">{}</text></svg>',
        *(WIDTH, HEIGHT, label, label, bars, HEIGHT - 4, rows[0][0], WIDTH, HEIGHT - 4, rows[-1][0]),
    )


def _bar(x: float, step: float, row: tuple[str, int, int], most: int) -> SafeString:
    week, own, others = row
    room = HEIGHT - TOP - FOOT
    high, low = room * own / most, room * others / most
    base = HEIGHT - FOOT
    told = _("Week of %(week)s: %(own)s of this journey, %(others)s of others")
    return format_html(
        '<g><title>{}</title><rect class="others" x="{}" y="{}" width="{}" height="{}"/>'
        '<rect class="own" x="{}" y="{}" width="{}" height="{}"/></g>',
        told % {"week": week, "own": count(own), "others": count(others)},
        *(round(x, 1), round(base - low, 1), round(step * 0.8, 1), round(low, 1)),
        *(round(x, 1), round(base - low - high, 1), round(step * 0.8, 1), round(high, 1)),
    )
