"""How the shop sends, and what the last check found."""

from dataclasses import dataclass
from datetime import datetime

from stammkunde.server.mail.deliverability.findings import Finding, Level
from stammkunde.server.mail.deliverability.words import Said, said
from stammkunde.server.mail.models import Checkup, Trial

ORDER = (Level.BAD, Level.UNKNOWN, Level.WARN, Level.GOOD)


@dataclass(frozen=True)
class Looked:
    """A check in the reader's words: what is to be mended first, what is as it should be last."""

    at: datetime
    passed: bool
    open: list[Said]
    good: list[Said]

    @property
    def bad(self) -> int:
        """How many findings shut the gate."""
        return sum(each.level == Level.BAD for each in self.open)


def last_check() -> Looked | None:
    """The last check; None where there was none."""
    found = Checkup.objects.order_by("-pk").first()
    if found is None:
        return None
    findings = sorted(map(Finding.of, found.findings), key=lambda each: ORDER.index(each.level))
    words = [said(each) for each in findings]
    good = [each for each in words if each.level == Level.GOOD]
    return Looked(found.at, found.passed, [each for each in words if each.level != Level.GOOD], good)


def last_trial() -> Trial | None:
    """The last test mail that a server took."""
    return Trial.objects.order_by("-pk").first()
