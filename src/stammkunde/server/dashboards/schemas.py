"""Shapes of what the API of the room gives. Amounts are in the smallest unit of the shop's currency."""

from datetime import date, datetime

from ninja import Schema


class TileOut(Schema):
    """A number of the Start page with its definition, basis, date and completeness; null where it is not known yet."""

    key: str
    label: str
    value: str
    number: float | None
    low: float | None
    high: float | None
    note: str
    change: str
    history: list[float | None]
    meaning: str
    basis: str
    as_of: date | None
    complete: str
    link: str


class TileRowOut(Schema):
    """A row of numbers; `lacking` says why there are none."""

    key: str
    name: str
    lacking: str
    tiles: list[TileOut]


class CardOut(Schema):
    """What to do: for whom (`filter` of the list of customers), how many, how much money of which measure, and why."""

    key: str
    title: str
    text: str
    todo: str
    why: str
    link: str
    filter: dict[str, str]
    customers: int | None
    measure: str
    amount: int | None
    low: int | None
    high: int | None


class PutOffOut(Schema):
    """A card that was put off until a day."""

    key: str
    title: str
    until: date


class StartOut(Schema):
    """The Start page; without a run there are no rows."""

    made_at: datetime | None
    until: date | None
    rows: list[TileRowOut]
    cards: list[CardOut]
    put_off: list[PutOffOut]


class ListedOut(Schema):
    """A line of the list of customers; null is not computed."""

    id: int
    name: str
    email: str
    company: str
    country: str
    channel: str
    known_since: datetime
    state: str | None
    orders: int
    first_order: date | None
    last_order: date | None
    revenue: int
    historic: int | None
    predicted: int | None
    low: int | None
    high: int | None
    clv: int | None


class ListOut(Schema):
    """A page of customers; `after` asks for the next one, `count` is null where it is not counted."""

    items: list[ListedOut]
    after: str
    count: int | None


class ChoiceOut(Schema):
    """What a filter may be set to, in words, with how many customers it finds."""

    value: str
    label: str
    customers: int | None


class FieldOut(Schema):
    """A filter of the list."""

    name: str
    label: str
    choices: list[ChoiceOut]


class LifeOut(Schema):
    """Where a customer is in their life with the shop, and why."""

    state: str
    since: date | None
    reason: str
    as_of: date | None


class KindOut(Schema):
    """All lines of a kind in a customer's ledger."""

    name: str
    amount: int
    lines: int
    estimated: bool
    missing: bool


class SumOut(Schema):
    """`kinds` make `total`; `total`, `changed` (since the computation) and `expected` make `clv`."""

    kinds: list[KindOut]
    total: int
    changed: int
    expected: int | None
    clv: int | None


class PointOut(Schema):
    """What a customer had brought in all by the end of a day."""

    day: date
    brought: int


class ProfileOut(Schema):
    """What a customer's page shows beside what has an address of its own; why a type: /segments/{type}/why."""

    id: int
    orders: int
    revenue: int
    first_order: date | None
    last_order: date | None
    customer_type: int | None
    life: LifeOut | None
    sum: SumOut
    curve: list[PointOut]


class DayEntryOut(Schema):
    """What a day of the calendar has: a newsletter, or a journey that lets people in on it; `path` is its page."""

    kind: str
    title: str
    note: str
    path: str


class DayOut(Schema):
    """A day: its entries, and how many mails left on it, are due on it, and were held back."""

    day: date
    entries: list[DayEntryOut]
    sent: int
    due: int
    held: int


class CalendarOut(Schema):
    """A month in whole weeks, from a Monday on; days of the months beside it are in it too."""

    first: date
    days: list[DayOut]
