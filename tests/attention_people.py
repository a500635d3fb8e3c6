"""People with messages that want their attention, and a post that lets go what wins."""

from datetime import datetime, timedelta
from typing import Any

from stammkunde.server.mail.attention.choosing import Verdict, choose
from stammkunde.server.mail.models import Message, Send, Sender, Template, Version
from stammkunde.server.shop.models import Customer

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Post:
    """Messages by their purpose, and what becomes of them."""

    def __init__(self, now: datetime) -> None:
        self.now, self.sender, self.runs = now, Sender.now(), 0

    def person(self, name: str, **values: Any) -> Customer:
        """Somebody in Berlin."""
        known = {"email": f"{name.lower()}@example.com", "country": "DE", "zone": "Europe/Berlin"} | values
        return Customer.objects.create(
            origin=f"shop:{name}", name=name, known_since=self.now, changed_at=self.now, **known
        )

    def message(self, purpose: str, **rules: Any) -> Message:
        """A mail of a purpose; the same one each time it is asked for with the same rules."""
        template, _made = Template.objects.get_or_create(
            key=purpose, defaults={"purpose": purpose, "changed_at": self.now, "created_at": self.now}
        )
        version, _made = Version.objects.get_or_create(
            template=template, number=1, defaults={"document": {}, "compiled": {}, "created_at": self.now}
        )
        found, _made = Message.objects.get_or_create(
            origin="test",
            step=f"{purpose} {sorted(rules.items())}"[:60],
            version=version,
            defaults={"purpose": purpose, "marketing": True, "rules": rules, "created_at": self.now},
        )
        return found

    def plan(self, customer: Customer, purpose: str, expected: int | None = None, **values: Any) -> Send:
        """A message to somebody, due now unless told otherwise."""
        self.runs += 1
        rules, due_at = values.pop("rules", {}), values.pop("due_at", self.now)
        return Send.objects.create(
            message=self.message(purpose, **rules),
            scope="test:0:",
            run=self.runs,
            customer=customer,
            marketing=True,
            expected=expected,
            planned_at=self.now,
            due_at=due_at,
            **values,
        )

    def claim(self, worker: str = "one", most: int = 1000) -> list[Send]:
        """What is due by now, in the hands of a worker."""
        due = Send.objects.filter(state=Send.State.WAITING, due_at__lte=self.now).order_by("due_at", "pk")
        ids = list(due.values_list("pk", flat=True)[:most])
        Send.objects.filter(pk__in=ids).update(state=Send.State.CLAIMED, worker=worker)
        return list(Send.objects.filter(pk__in=ids).order_by("pk"))

    def settle(self, verdicts: list[Verdict]) -> list[Verdict]:
        """What goes has left; what is to wait waits; what is dropped is not sent."""
        for each in verdicts:
            row = Send.objects.filter(pk=each.send.pk)
            if each.outcome == "go":
                row.update(state=Send.State.SENT, settled_at=self.now)
            elif each.outcome == "later":
                row.update(state=Send.State.WAITING, due_at=each.until)
            else:
                row.update(state=Send.State.SUPPRESSED, reason=each.reason, settled_at=self.now)
        return verdicts

    def go(self) -> list[Verdict]:
        """A worker comes by."""
        return self.settle(choose(self.claim(), now=self.now, sender=self.sender))

    def at(self, now: datetime) -> "Post":
        """Later."""
        self.now = now
        return self
