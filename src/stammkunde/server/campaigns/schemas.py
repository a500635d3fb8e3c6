"""What the room says and takes through the API. Amounts are in the smallest unit of the shop's currency."""

from datetime import date, datetime, time
from typing import Any

from ninja import Field, Schema

from stammkunde.server.campaigns.models import Batch, Campaign, Variant
from stammkunde.server.campaigns.queries.looking import Judged, TextRow
from stammkunde.server.campaigns.queries.reach import Reach
from stammkunde.server.campaigns.queries.results import Result
from stammkunde.server.campaigns.queries.tenure import Check
from stammkunde.server.campaigns.subjects import Cut
from stammkunde.server.campaigns.words import sentence


class CampaignTextIn(Schema):
    """A text: the number of a mail's template, for whom (all, new, long_standing), and other subjects by voice."""

    template: int
    tenure: str = "all"
    subjects: dict[str, str] = Field(default_factory=dict)
    key: str = Field("", max_length=20, pattern=r"^[a-z0-9_-]*$")


class CampaignIn(Schema):
    """A newsletter to be written. To a `segment` (its number), to whom a `rule` finds, or to everybody; at one moment
    `at`, or at `hour` of `day` in each customer's own zone, or when it is released."""

    name: str = Field(max_length=160)
    purpose: str = "newsletter"
    segment: int | None = None
    rule: dict[str, Any] | None = None
    at: datetime | None = None
    day: date | None = None
    hour: time | None = None
    per_hour: int = 0
    goal: str = "orders"
    window_hours: int = 72
    spread_hours: int = 20
    public: bool = False
    categories: list[str] = Field(default_factory=list)
    texts: list[CampaignTextIn] = Field(default_factory=list)


class CampaignVariantOut(Schema):
    """A text of a newsletter; `version` once it was approved."""

    key: str
    tenure: str
    template: int
    version: int | None
    subjects: dict[str, str]

    @staticmethod
    def of(row: Variant) -> "CampaignVariantOut":
        """A row."""
        return CampaignVariantOut(
            key=row.key, tenure=row.tenure, template=row.template_id, version=row.version_id, subjects=row.subjects
        )


class CampaignOut(Schema):
    """A newsletter as it stands."""

    id: int
    name: str
    slug: str
    state: str
    purpose: str
    segment: int | None
    rule: dict[str, Any] | None
    at: datetime | None
    day: date | None
    hour: time | None
    per_hour: int
    goal: str
    window_hours: int
    spread_hours: int
    public: bool
    categories: list[str]
    texts: list[CampaignVariantOut]
    created_at: datetime
    approved_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    why: str

    @staticmethod
    def of(row: Campaign) -> "CampaignOut":
        """A row with its texts."""
        same = set(CampaignOut.model_fields) - {"id", "segment", "texts"}
        texts = [CampaignVariantOut.of(each) for each in row.variants.order_by("key")]
        return CampaignOut(
            id=row.pk, segment=row.segment_id, texts=texts, **{name: getattr(row, name) for name in sorted(same)}
        )


class CampaignsOut(Schema):
    """A page of newsletters, newest first, and the number before which the next begins."""

    items: list[CampaignOut]
    before: int | None


class CampaignResultOut(Schema):
    """What became of a text, or of all. What came after a mail did not come because of it."""

    planned: int
    sent: int
    waiting: int
    suppressed: int
    refused: int
    buyers_after: int
    orders_after: int
    revenue_after: int
    clicks: int
    bounced: int
    complained: int
    said_no_after: int

    @staticmethod
    def of(found: Result) -> "CampaignResultOut":
        """A result."""
        return CampaignResultOut(
            planned=found.planned,
            sent=found.sent,
            waiting=found.waiting,
            suppressed=found.suppressed,
            refused=found.refused,
            buyers_after=found.buyers,
            orders_after=found.orders,
            revenue_after=found.revenue,
            clicks=found.clicks,
            bounced=found.bounced,
            complained=found.complained,
            said_no_after=found.left,
        )


class CampaignTextOut(Schema):
    """A text with its result; the share of those who ordered (or clicked), with its 95 % interval where there are mails
    enough."""

    key: str
    tenure: str
    result: CampaignResultOut
    low: float | None
    rate: float | None
    high: float | None

    @staticmethod
    def of(row: TextRow) -> "CampaignTextOut":
        """A row."""
        result = CampaignResultOut.of(row.result)
        return CampaignTextOut(
            key=row.variant.key, tenure=row.variant.tenure, result=result, low=row.low, rate=row.rate, high=row.high
        )


class CampaignBatchOut(Schema):
    """Mails that were given to texts, and on what grounds."""

    at: datetime
    until: datetime
    mails: int
    known: dict[str, dict[str, float]]
    shares: dict[str, float]
    settled: bool

    @staticmethod
    def of(row: Batch) -> "CampaignBatchOut":
        """A row."""
        return CampaignBatchOut(
            at=row.at, until=row.until, mails=row.mails, known=row.known, shares=row.shares, settled=row.settled
        )


class CampaignTestOut(Schema):
    """What may be said of texts that were compared: `better` is the probability that `best` is better than `second`,
    `low` and `high` the difference of their shares with 95 %, `left` what another text could still gain."""

    tenure: str
    best: str
    second: str
    better: float
    low: float
    high: float
    left: float
    settled: bool
    chances: dict[str, float]
    words: str
    batches: list[CampaignBatchOut]

    @staticmethod
    def of(found: Judged) -> "CampaignTestOut":
        """A verdict."""
        said = found.verdict
        keys = [each.key for each in found.test.variants]
        return CampaignTestOut(
            tenure=found.test.tenure,
            best=found.best.key,
            second=found.second.key,
            better=said.better,
            low=said.low,
            high=said.high,
            left=said.left,
            settled=found.settled,
            chances=dict(zip(keys, said.chances, strict=True)),
            words=sentence(found),
            batches=[CampaignBatchOut.of(each) for each in found.batches],
        )


class CampaignResultsOut(Schema):
    """A newsletter on its way or over: all of it, by text, what may be said of a test, and why some did not get it."""

    total: CampaignResultOut
    texts: list[CampaignTextOut]
    tests: list[CampaignTestOut]
    reasons: dict[str, int]


class TenureOut(Schema):
    """Customers of a tenure: all, those in the audience, and the texts that are for them."""

    tenure: str
    customers: int
    audience: int
    texts: list[str]


class CampaignReachOut(Schema):
    """What it would do if it went out now. Numbers are scaled up where fewer were `asked` than belong to it."""

    audience: int
    asked: int
    allowed: int
    capped: int
    without_address: int
    bases: dict[str, int]
    reasons: dict[str, int]
    languages: dict[str, int]
    tenures: list[TenureOut]
    left_out: int

    @staticmethod
    def of(found: Reach, tenure: Check) -> "CampaignReachOut":
        """What was found."""
        lines = [
            TenureOut(tenure=each.tenure, customers=each.customers, audience=each.audience, texts=list(each.keys))
            for each in tenure.lines
        ]
        return CampaignReachOut(
            audience=found.audience,
            asked=found.asked,
            allowed=found.allowed,
            capped=found.capped,
            without_address=found.without_address,
            bases=dict(found.bases),
            reasons=dict(found.reasons),
            languages=dict(found.languages),
            tenures=lines,
            left_out=tenure.left_out,
        )


class SubjectIn(Schema):
    """A subject, and the preview text that would stand behind it."""

    subject: str = Field(max_length=500)
    preheader: str = Field("", max_length=500)


class SubjectOut(Schema):
    """How it is cut on a phone and on a desk, and what to know about it."""

    width: int
    phone: str
    desk: str
    preheader: str
    advice: list[str]

    @staticmethod
    def of(found: Cut) -> "SubjectOut":
        """A cut."""
        return SubjectOut(
            width=found.width,
            phone=found.phone,
            desk=found.desk,
            preheader=found.preheader,
            advice=list(found.advice),
        )
