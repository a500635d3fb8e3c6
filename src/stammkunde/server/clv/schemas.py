"""What goes in and out through the API. Amounts are in the smallest unit, shares of rates in basis points."""

from datetime import date, datetime
from typing import Any

from ninja import Field, Schema

from stammkunde.server.clv.models import Booking
from stammkunde.server.clv.queries.rates import Costs
from stammkunde.server.lib.bodies import Body
from stammkunde.server.lib.money import LARGEST

FAR = date(9998, 12, 31)  # of days in questions: arithmetic beyond has no calendar
Points = Field(None, ge=0, le=10_000)
Amount = Field(None, ge=0, le=LARGEST // 1000)


class RunOut(Schema):
    """A run."""

    id: int
    state: str
    started_at: datetime
    finished_at: datetime | None
    seconds: float | None
    until: date
    first_day: date | None
    horizon: str
    horizon_end: date | None
    discount: float
    currency: str
    basis: str
    model: str
    timing: str
    parameters: dict[str, float]
    log_likelihood: float | None
    customers: int
    repeaters: int
    orders: int
    active: float | None
    historic: int
    predicted: int | None
    predicted_low: int | None
    predicted_high: int | None
    discounted: int | None
    new_customer: int | None
    expected_orders: float | None
    estimated_share: float


class FigureOut(Schema):
    """A figure of a run: its name, what it finds, and itself as SVG with its table."""

    name: str
    title: str
    html: str


class PredictionOut(Schema):
    """What is predicted for a customer, between `low` and `high` with 80 % probability."""

    customer: int = Field(alias="customer_id")
    run: int = Field(alias="run_id")
    first_day: date
    last_day: date
    orders: int
    historic: int
    p_alive: float | None
    expected_orders: float | None
    expected_order_value: int | None
    predicted: int | None
    low: int | None
    high: int | None
    clv: int
    next_order: date | None


class PredictionsOut(Schema):
    """A page of predictions in order of customers; `after` asks for the next one."""

    items: list[PredictionOut]
    after: int | None


class LineOut(Schema):
    """A signed line of a ledger."""

    day: date
    part: str
    entry: int
    order: int | None
    label: str
    note: str
    kind: str
    amount: int
    estimated: bool
    missing: bool


class LedgerOut(Schema):
    """Every line of a customer up to a day, and their sum; the cost of acquisition is no part of it."""

    until: date
    total: int
    estimated_share: float
    acquisition: int | None
    acquisition_estimated: bool
    lines: list[LineOut]


class RatesIn(Schema):
    """Rates from a day on: shares in hundredths of a per cent."""

    valid_from: date = Field(le=FAR, ge=date(1970, 1, 1))
    vat: int | None = Points
    goods: int | None = Points
    resale: int | None = Points
    shipping: int | None = Amount
    payment: int | None = Points
    payment_fixed: int | None = Amount
    marketplace: int | None = Points
    marketplaces: list[str] = Field(default_factory=list, max_length=50)
    handling: int | None = Amount
    minute: int | None = Amount
    discount: int = Field(1000, ge=0, le=10_000)
    horizon_months: int = Field(12, ge=1, le=60)

    @property
    def values(self) -> dict[str, Any]:
        """As columns of `Rates`."""
        named = [name.replace("|", "").replace("\0", "")[:80] for name in self.marketplaces]
        return self.model_dump(exclude={"valid_from"}) | {"marketplaces": [name for name in named if name]}

    @property
    def costs(self) -> Costs:
        """The rates among them."""
        values = {name: each for name, each in self.values.items() if name not in {"discount", "horizon_months"}}
        return Costs(**{**values, "marketplaces": tuple(values["marketplaces"])})


class RatesOut(RatesIn):
    """Saved rates."""

    id: int
    created_at: datetime


class TotalsOut(Schema):
    """Sums of everybody."""

    contribution: int
    charged: int
    orders: int
    per_order: int | None
    estimated_share: float


class EffectOut(Schema):
    """Totals under the saved rates and under these, from one customer in `of`."""

    old: TotalsOut
    new: TotalsOut
    change: int
    of: int


class SpendIn(Schema):
    """What was spent on winning customers in a channel and month."""

    channel: str = Field("", max_length=80)
    month: date = Field(le=FAR, ge=date(1970, 1, 1))
    amount: int = Field(ge=0, le=LARGEST // 1000)


class ChannelOut(Schema):
    """Cost of acquisition and payback of a channel; "*" are all of them, "" is not known."""

    name: str
    customers: int
    spent: int | None
    won: int
    cac: int | None
    year: int | None
    ratio: float | None
    payback: int | None
    observed: int


class BookingIn(Body):
    """A line in a customer's ledger: a signed amount, or minutes of service; with a key it is booked once."""

    day: date = Field(le=FAR, ge=date(1970, 1, 1))
    kind: Booking.Kind
    amount: int | None = Field(None, ge=-LARGEST // 1000, le=LARGEST // 1000)
    minutes: int | None = Field(None, ge=1, le=100_000)
    text: str = Field("", max_length=300)
    source: str = Field("api", max_length=40)
    key: str = Field("", max_length=120)


class JobOut(Schema):
    """Work that was asked for, and how far it is."""

    id: int
    state: str
    doing: str
    done: int
    total: int | None
    error: str
