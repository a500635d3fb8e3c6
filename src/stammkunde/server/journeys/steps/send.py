"""Send a mail: plan it, unless it is too late for it."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _

from stammkunde.server.journeys.definitions import values
from stammkunde.server.journeys.definitions.language import Data, Span
from stammkunde.server.journeys.models import JourneyVersion
from stammkunde.server.journeys.running.lots import LATE, STUCK, TABLE, Lot
from stammkunde.server.journeys.running.moments import later, seconds_between, stamp
from stammkunde.server.journeys.steps.base import Step, begun, kind
from stammkunde.server.mail.actions.planning import plan_select
from stammkunde.server.mail.models import Message
from stammkunde.server.segments.rules.compiling import Sql

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

    def run(self, lot: Lot) -> None:
        """Plan it for everybody for whom it is not too late."""
        message = message_of(lot.version, self.id)
        if message is None or message.version.template.retired_at is not None:
            lot.end(STUCK, "mail not published" if message is None else "mail retired")
            return
        age, now = self.age(marketing=message.marketing), stamp(lot.now)
        lot.put("skipped: too late", to=lot.follows(), where=Sql("n.due_at < %s", (stamp(lot.now - age.time),)))
        if self.past_due == "reschedule":
            days = f"({seconds_between('n.due_at', '%s')} / 86400 + 1) * 86400"
            late = (now, stamp(lot.now - LATE))
            lot.run(f"UPDATE {TABLE} AS n SET plan_at = {later('n.due_at', days)} WHERE n.due_at < %s", late)
        plan_select(message, _ROWS.format(expires=later("n.plan_at", age.seconds)), now=lot.now)
        lot.put("planned", to=lot.follows(), due=Sql("n.plan_at"))


_ROWS = f"""SELECT n.id AS run, n.customer_id, n.plan_at AS due_at, n.order_id, n.cart_id, n.refs, n.since,
    CAST(NULL AS BIGINT) AS expected, {{expires}} AS expires_at FROM {TABLE} n WHERE n.closed = 0"""


def message_of(version: JourneyVersion, step: str) -> Message | None:
    """The message that a step of a version plans."""
    found = Message.objects.filter(pk=version.messages.get(step, 0))
    return found.select_related("version__template").first()
