"""Send a mail: plan it, unless it is too late for it."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _

from stammkunde.server.journeys.definitions import values
from stammkunde.server.journeys.definitions.language import Data, Span
from stammkunde.server.journeys.steps.base import Step, begun, kind

PAST_DUE = ("send", "skip", "reschedule")
MARKETING, TRANSACTIONAL = Span(48, "h"), Span(7, "d")


@kind
@dataclass(frozen=True)
class Send(Step):
    """Plan a mail. One that is late goes out up to `max_age` after it was due (`reschedule`: at the same hour of the
    next day), later it is left out and people go on. What is not said is chosen by what the mail is for: advertising is
    left out after 48 hours, what belongs to a contract after a week. `quiet` overrides whether it heeds quiet hours."""

    mail: str = ""
    past_due: str = ""
    max_age: Span | None = None
    quiet: bool | None = None

    do: ClassVar[str] = "send"
    settings: ClassVar[tuple[str, ...]] = ("mail", "past_due", "max_age", "quiet")

    def age(self, *, marketing: bool) -> Span:
        """How late it may go out."""
        if self.max_age is not None:
            return self.max_age
        skips = self.past_due == "skip" or (not self.past_due and marketing)
        return MARKETING if skips else TRANSACTIONAL

    @classmethod
    def read(cls, data: Data, path: str) -> Self:
        """See `Step`."""
        if not data.get("mail"):
            raise values.DefinitionError(values.place(path, "mail"), _("Say which mail is sent."))
        policy = values.chosen(data, "past_due", PAST_DUE, path) if "past_due" in data else ""
        age = values.span(data, "max_age", path) if "max_age" in data else None
        return cls(
            **begun(data, path),
            mail=values.key(data, "mail", path),
            past_due=policy,
            max_age=age,
            quiet=values.flag(data, "quiet", path),
        )

    def written(self) -> dict[str, Any]:
        """See `Step`."""
        data: dict[str, Any] = {"mail": self.mail}
        data |= {"past_due": self.past_due} if self.past_due else {}
        data |= {"max_age": str(self.max_age)} if self.max_age is not None else {}
        return data | ({"quiet": self.quiet} if self.quiet is not None else {})
