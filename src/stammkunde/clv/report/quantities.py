"""Numbers that know what they are, so that a sentence can be given them and a language can write them."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Count:
    """How many of something."""

    number: float


@dataclass(frozen=True)
class Money:
    """An amount in major units of the report's currency."""

    amount: float


@dataclass(frozen=True)
class Share:
    """A part of a whole, between 0 and 1; `signed` is written with its sign, as a difference."""

    part: float
    signed: bool = False


@dataclass(frozen=True)
class Days:
    """A length of time."""

    number: float


@dataclass(frozen=True)
class Number:
    """A plain number with its decimal places."""

    number: float
    places: int = 0


@dataclass(frozen=True)
class Span:
    """A horizon as it was asked for, such as "12m" or "39w"."""

    text: str


@dataclass(frozen=True)
class Month:
    """A month, written without its day."""

    day: date


@dataclass(frozen=True)
class Term:
    """A word of the report by its key, up to its explanation; where there is none, the second half of the key."""

    key: str


Value = Count | Money | Share | Days | Number | Span | Month | Term | date | str
