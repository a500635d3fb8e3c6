"""A journey as data: who lets people in, who fits, what is done in which order, and what ends it.

Texts for people are kept by language. A `Span` keeps the unit it was written in, so that a file read and written again
is the same file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar

from stammkunde.server.segments.rules.language import Node as Rule

FORMAT = 1
END = "end"
WORDS = (
    "ordered", "paid", "shipped", "delivered", "refunded", "returned", "withdrawn", "cart_closed", "cart_changed",
    "clicked", "replied", "confirmed", "chosen",
)  # fmt: skip
EVENT = "event:"  # before the name of an event, as a word
PER = ("customer", "order", "cart")
UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
Texts = Mapping[str, str]
Data = Mapping[str, Any]


@dataclass(frozen=True)
class Span:
    """A length of time: a whole number of minutes, hours, days (of 24 hours) or weeks."""

    count: int
    unit: str

    @property
    def time(self) -> timedelta:
        """How long that is."""
        return self.count * UNITS[self.unit]

    @property
    def seconds(self) -> int:
        """How many seconds that is."""
        return int(self.time.total_seconds())

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


NOTHING = Span(0, "m")


# --- conditions -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Happened:
    """Something happened since they entered, by its word."""

    word: str


@dataclass(frozen=True)
class Fits:
    """A rule of the segments holds for them now."""

    rule: Rule


@dataclass(frozen=True)
class Not:
    """The part does not hold."""

    part: "Condition"


@dataclass(frozen=True)
class Several:
    """All of the parts hold, or any of them; an empty `all` always does, an empty `any` never."""

    kind: str
    parts: "tuple[Condition, ...]"


Condition = Happened | Fits | Not | Several
ALWAYS = Several("all", ())


def leaves(condition: Condition, path: str = "") -> Iterator[tuple[str, Happened | Fits]]:
    """Every happening and every rule a condition asks for, with its place."""
    if isinstance(condition, Happened | Fits):
        yield path, condition
    elif isinstance(condition, Not):
        yield from leaves(condition.part, f"{path}.not".lstrip("."))
    else:
        for number, part in enumerate(condition.parts):
            yield from leaves(part, f"{path}.{condition.kind}[{number}]".lstrip("."))


# --- steps ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One step; each kind has its own class in `steps`. `next` is empty where the one after it in the list follows."""

    id: str
    next: str = ""
    do: ClassVar[str] = ""

    def written(self) -> dict[str, Any]:
        """Its settings as data again, without what is meant anyway."""
        raise NotImplementedError

    @property
    def ways(self) -> tuple[str, ...]:
        """The steps it may lead to by itself, other than `next`."""
        return ()

    @property
    def falls_through(self) -> bool:
        """Whether it may lead to `next`, or the one after it."""
        return True

    @property
    def takes_time(self) -> bool:
        """Whether people stay on it for a time that is surely longer than none."""
        return False


@dataclass(frozen=True)
class Trigger:
    """What lets people in. Which of the settings beside `on` it has depends on that word (see `triggers`).

    `after` and `idle`: how long nothing may have followed. `days`: days after (or, negative, before) the day that
    counts. `day`: which day of the `every` (week, month, quarter). `max_age`: what happened longer ago lets nobody in.
    """

    on: str
    max_age: Span = Span(2, "d")
    after: Span | None = None
    name: str = ""
    idle: Span | None = None
    starter: str = ""
    days: int = 0
    of: str = ""
    factor: float = 0.0
    below: float = 0.0
    every: str = ""
    day: int = 1

    @property
    def silence(self) -> Span:
        """How long before the moment of entry that lies which let them in: what came since then counts as "since"."""
        return self.after or self.idle or NOTHING


@dataclass(frozen=True)
class Definition:
    """A whole journey. `again` is None where nobody enters twice; `exits` are what ends it before its end."""

    key: str
    name: Texts
    trigger: Trigger
    steps: tuple[Step, ...]
    about: Texts = field(default_factory=dict)
    audience: Rule | None = None
    per: str = "customer"
    again: Span | None = None
    goal: str = ""
    exits: tuple[Happened | Fits, ...] = ()

    def step(self, name: str) -> Step | None:
        """The step of that id."""
        return next((each for each in self.steps if each.id == name), None)

    def after(self, step: Step) -> str:
        """The step that follows by itself: the one it names, or the one after it in the list, or the end."""
        if step.next:
            return step.next
        place = self.steps.index(step) + 1
        return self.steps[place].id if place < len(self.steps) else END

    def targets(self, step: Step) -> tuple[str, ...]:
        """All steps it may lead to."""
        return (*step.ways, self.after(step)) if step.falls_through else step.ways

    @property
    def mails(self) -> tuple[str, ...]:
        """The keys of the mails it sends, each once, in the order of the steps."""
        return tuple(dict.fromkeys(mail for each in self.steps if (mail := getattr(each, "mail", ""))))

    @property
    def first(self) -> str:
        """Where people begin."""
        return self.steps[0].id

    def words(self) -> tuple[str, ...]:
        """What ends it by having happened, the goal first."""
        said = [each.word for each in self.exits if isinstance(each, Happened)]
        return tuple(dict.fromkeys([*([self.goal] if self.goal else []), *said]))
