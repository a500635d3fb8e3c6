"""What a report shows: plain numbers, dates and text, so that anybody can fill it: `collect`, a test, a server.

Money is in major units of `Scope.currency` on `Scope.basis`; shares are between 0 and 1; lengths of time are days. A
part that is None could not be computed: the report says what it needs instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from stammkunde.clv.report.quantities import Value
from stammkunde.notices import Notice


@dataclass(frozen=True)
class Scope:
    """What every number of the report is about.

    `basis` is "revenue" or "contribution"; `horizon` reads as in `clv.horizon`, such as "12m", and begins after
    `until`; `level` is the probability of every interval.
    """

    first_day: date
    until: date
    computed: date
    horizon: str
    horizon_end: date
    basis: str = "revenue"
    currency: str | None = None
    level: float = 0.80
    discount: float = 0.10
    source: str | None = None


@dataclass(frozen=True)
class Range:
    """An estimate with the bounds of its interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Headline:
    """The shop in a few figures. `active` is the sum of P(alive); `new_customer` counts the first order too."""

    customers: int
    orders: int
    repeat_customers: int
    historic_value: float
    predicted: Range | None = None
    active: float | None = None
    expected_orders: float | None = None
    new_customer: float | None = None


@dataclass(frozen=True)
class Concentration:
    """Lorenz curve of historic value, customers by falling value: shares of customers against shares of value."""

    customers: tuple[float, ...]
    value: tuple[float, ...]
    largest_customer: float

    def top(self, share: float) -> float:
        """Share of value that the best `share` of customers hold, by straight lines between the points."""
        points = list(zip(self.customers, self.value, strict=True))
        for (x0, y0), (x1, y1) in pairwise(points):
            if x0 <= share <= x1:
                return y0 if x1 == x0 else y0 + (y1 - y0) * (share - x0) / (x1 - x0)
        return 1.0


@dataclass(frozen=True)
class Cohort:
    """Customers whose first order fell into one period; entry k of `active` and `value` is the k-th period after it.

    `active` is the share of them who ordered in period k (1.0 at k = 0), `value` what one original customer has brought
    up to its end. From `complete` on, the periods are not over for all of them.
    """

    start: date
    customers: int
    active: tuple[float, ...]
    value: tuple[float, ...]
    complete: int


@dataclass(frozen=True)
class CohortGroup:
    """Customers by what their first order was: value per original customer up to the age `CohortTable.group_days`."""

    name: str
    customers: int
    value: float
    again: float


@dataclass(frozen=True)
class CohortTable:
    """Cohorts by falling age; `period` is "month", "quarter" or "year"; `groups` are by `grouped_by`, where known."""

    period: str
    cohorts: tuple[Cohort, ...]
    grouped_by: str | None = None
    group_days: int = 0
    groups: tuple[CohortGroup, ...] = ()


@dataclass(frozen=True)
class OneTimeBuyers:
    """Who ordered once, and how they differ from those who came back."""

    customers: int
    share: float
    first_value: float
    first_value_of_repeaters: float
    days_since: float
    active: float | None = None
    recent: int = 0


@dataclass(frozen=True)
class SecondOrder:
    """Time from first to second order: the share of customers who came back by each day (Kaplan, Meier 1958).

    `half` and `most` are the days by which half and four fifths of the second orders seen had come; `share_by_most` is
    the share of customers who had come back by then.
    """

    days: tuple[float, ...]
    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    half: int | None
    most: int | None
    once: OneTimeBuyers


@dataclass(frozen=True)
class AliveGrid:
    """Mean P(alive) by number of orders (rows) and days since the last order (columns), None where nobody is.

    `orders` and `silence` hold the lower bounds of the bins, the last one open; `customers` counts those in each cell.
    """

    orders: tuple[int, ...]
    silence: tuple[int, ...]
    alive: tuple[tuple[float | None, ...], ...]
    customers: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Tracking:
    """Repeat orders in each period, counted and expected by the model that saw only what was before `origin`.

    `starts` are first days of the periods; `actual` ends where the data end (None), `expected` begins at the origin.
    """

    starts: tuple[date, ...]
    actual: tuple[float | None, ...]
    expected: tuple[float | None, ...]
    origin: date
    period: str = "month"


@dataclass(frozen=True)
class CalibrationGroup:
    """A tenth of the customers by falling prediction: mean value predicted and brought."""

    customers: int
    predicted: float
    actual: float


@dataclass(frozen=True)
class Calibration:
    """The last backtest, tenth by tenth; the model saw orders up to `origin` and forecast those up to `end`."""

    origin: date
    end: date
    groups: tuple[CalibrationGroup, ...]

    @property
    def predicted(self) -> float:
        """Total predicted."""
        return sum(g.customers * g.predicted for g in self.groups)

    @property
    def actual(self) -> float:
        """Total that came."""
        return sum(g.customers * g.actual for g in self.groups)


@dataclass(frozen=True)
class ModelRow:
    """One candidate over all backtests: mean errors per customer, relative error of the total, its ranking."""

    name: str
    naive: bool
    chosen: bool
    value_error: float
    order_error: float
    total_error: float
    ranking: float


@dataclass(frozen=True)
class Comparison:
    """All candidates in order of merit. `reason` is the selector's own sentence, in English, if it gave one."""

    models: tuple[ModelRow, ...]
    origins: int
    days: int
    beats_naive: bool
    reason: str = ""


@dataclass(frozen=True)
class Rejection:
    """Rows left out for one reason, with the amount in them where it could be read."""

    reason: str
    rows: int
    amount: float | None = None


@dataclass(frozen=True)
class RejectedRow:
    """An example: where it is and what stood there; no row where rows have no order, no value where there was none."""

    row: int | None
    column: str
    reason: str
    value: str | None


@dataclass(frozen=True)
class DataQuality:
    """From the rows read to the rows used; amounts as the source has them."""

    rows_read: int
    rows_accepted: int
    amount_read: float | None
    amount_accepted: float | None
    refunds: float | None
    estimated_share: float
    rejections: tuple[Rejection, ...] = ()
    examples: tuple[RejectedRow, ...] = ()
    warnings: tuple[Notice, ...] = ()

    @property
    def rows_rejected(self) -> int:
        """Rows read but not used."""
        return self.rows_read - self.rows_accepted


@dataclass(frozen=True)
class CustomerRow:
    """One customer, as scored."""

    customer: str
    orders: int
    last_order: date
    historic_value: float
    p_alive: float
    predicted: Range


@dataclass(frozen=True)
class Finding:
    """Something to do: its name among the words (`find_<name>_title` and `_text`) and the quantities they speak of."""

    name: str
    values: Mapping[str, Value] = field(default_factory=dict)
    customers: tuple[CustomerRow, ...] = ()


@dataclass(frozen=True)
class ReportData:
    """Everything a report shows; `models` are names of the model that forecast, and of those it is made of."""

    scope: Scope
    headline: Headline
    quality: DataQuality
    models: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    best: tuple[CustomerRow, ...] = ()
    concentration: Concentration | None = None
    cohorts: CohortTable | None = None
    second_order: SecondOrder | None = None
    alive: AliveGrid | None = None
    tracking: Tracking | None = None
    calibration: Calibration | None = None
    comparison: Comparison | None = None
