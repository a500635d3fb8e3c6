"""One newsletter as its page and the API tell it: what is sure of its texts, and what its mails became."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from stammkunde.server.campaigns.bandit.arms import Evidence
from stammkunde.server.campaigns.bandit.verdict import Verdict, interval
from stammkunde.server.campaigns.models import Batch, Campaign, Variant
from stammkunde.server.campaigns.queries.evidence import Comparison, comparisons, known, verdict
from stammkunde.server.campaigns.queries.results import Result, results

FEWEST = 30  # mails of a text, before a rate of it is shown


@dataclass(frozen=True)
class TextRow:
    """A text, what became of it, and where the rate of those who ordered (or clicked) after it lies with 95 %."""

    variant: Variant
    result: Result
    low: float | None
    rate: float | None
    high: float | None


@dataclass(frozen=True)
class Judged:
    """A test and what may be said of it; `batches` are what its shares rested on, newest first."""

    test: Comparison
    verdict: Verdict
    evidence: Sequence[Evidence]
    batches: Sequence[Batch]

    @property
    def best(self) -> Variant:
        """The text that is most probably best."""
        return self.test.variants[self.verdict.best]

    @property
    def second(self) -> Variant:
        """The one it is compared with."""
        return self.test.variants[self.verdict.second]

    @property
    def told(self) -> bool:
        """Whether there are mails enough to say anything."""
        return min(each.sent for each in self.evidence) >= FEWEST

    @property
    def settled(self) -> bool:
        """Whether asking has ended: once said, it holds for the mails after it."""
        return self.verdict.settled or any(each.settled for each in self.batches)


def rows(campaign: Campaign, *, now: datetime) -> list[TextRow]:
    """Texts in the order of their keys."""
    found = results(campaign, now=now)
    believed = known(campaign, now=now).prior if campaign.started_at else None
    told = []
    for each in campaign.variants.select_related("template", "version").order_by("key"):
        result = found.get(each.key, Result())
        answers = result.clicks if campaign.goal == Campaign.Goal.CLICKS else result.buyers
        ends: tuple[float | None, float | None, float | None] = (None, None, None)
        if believed is not None and result.sent >= FEWEST:
            ends = interval(Evidence(result.sent, float(result.sent), min(answers, result.sent)), believed)
        told.append(TextRow(each, result, *ends))
    return told


def judged(campaign: Campaign, *, now: datetime) -> list[Judged]:
    """Every test of it that has begun."""
    if campaign.started_at is None:
        return []
    batches = list(campaign.batches.order_by("-until"))
    variants = list(campaign.variants.all())
    found = []
    for test in comparisons(variants):
        if all(each.message_id for each in test.variants):
            said, evidence = verdict(campaign, test, now=now)
            found.append(Judged(test, said, evidence, [each for each in batches if each.tenure == test.tenure]))
    return found
