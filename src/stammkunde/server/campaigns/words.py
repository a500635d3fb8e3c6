"""What a test of texts says, in words: with its probability, never as a winner."""

from django.utils.translation import gettext as _

from stammkunde.server.campaigns.models import Tenure
from stammkunde.server.campaigns.queries.looking import Judged
from stammkunde.server.ui.templatetags.ui import locale


def sentence(judged: Judged) -> str:
    """Which text is better by what is known, how probably, by how much, and whether asking goes on."""
    if not judged.told:
        return _("Not enough mails yet to say anything of the texts.")
    number, said, best = locale().number, judged.verdict, judged.best.key.upper()
    sure = _("above %(chance)s") % {"chance": number(0.99, 2)} if said.better > 0.99 else number(said.better, 2)
    better = _(
        "%(best)s is better than %(second)s with probability %(chance)s, "
        "between %(low)s and %(high)s percentage points."
    ) % {
        "best": best,
        "second": judged.second.key.upper(),
        "chance": sure,
        "low": _signed(100 * said.low),
        "high": _signed(100 * said.high),
    }
    if judged.settled:
        return f"{better} {_ended(best)}"
    left = _("Another text could still gain up to %(left)s %% more: asking goes on.")
    return f"{better} {left % {'left': number(100 * min(said.left, 9.99), 0)}}"


def _ended(best: str) -> str:
    return _("Too little is left to gain: asking has ended, the rest gets %(best)s.") % {"best": best}


def _signed(points: float) -> str:
    """With its sign, as differences are written."""
    places = 1 if abs(points) >= 0.1 else 2
    return f"{'+' if points > 0 else '−' if points < 0 else ''}{locale().number(abs(points), places)}"


def group(judged: Judged) -> str:
    """Whom the test is about; nothing where it is about everybody."""
    return "" if judged.test.tenure == Tenure.ALL else str(Tenure(judged.test.tenure).label)
