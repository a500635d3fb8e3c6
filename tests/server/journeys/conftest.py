"""A shop with journeys: its people, what happens to them, and the clock."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from server.conftest import NOW
from stammkunde.server.journeys.definitions.reading import read, written
from stammkunde.server.journeys.models import Enrolment, Journey, JourneyVersion
from stammkunde.server.journeys.running.ticking import Ticked, tick
from stammkunde.server.mail.actions.planning import message_for
from stammkunde.server.mail.models import Send, Template, Version
from stammkunde.server.segments.models import CustomerFacts
from stammkunde.server.segments.queries import days
from stammkunde.server.shop.models import Cart, Customer, Event, Order, Parcel, Refund, Source


@dataclass
class Shop:
    """What happens in a shop, told in the order a test likes; `now` is the clock."""

    source: Source
    now: datetime = NOW
    count: int = 0
    marketing: bool = True
    people: dict[str, Customer] = field(default_factory=dict)

    def person(self, name: str, **known: Any) -> Customer:
        """Somebody by name, made where they are not there yet."""
        if name not in self.people:
            about = {each: known.pop(each) for each in ("zone", "country", "email") if each in known}
            about.setdefault("email", f"{name.lower()}@example.com")
            made = Customer.objects.create(origin=f"shop:{name}", name=name, known_since=NOW, changed_at=NOW, **about)
            facts = {"known_on": days.number(NOW), "has_email": True} | known
            CustomerFacts.objects.create(customer=made, **facts)
            self.people[name] = made
        return self.people[name]

    def key(self) -> str:
        """The next name of anything."""
        self.count += 1
        return f"k{self.count}"

    def order(self, name: str, at: datetime, **more: Any) -> Order:
        """Somebody orders."""
        plain = {"currency": "EUR", "gross": 5000, "total": 5000}
        return Order.objects.create(
            source=self.source, external_id=self.key(), customer=self.person(name), placed_at=at, day=at.date(),
            **(plain | more),
        )  # fmt: skip

    def cart(self, name: str, at: datetime, **more: Any) -> Cart:
        """Somebody puts something in their cart."""
        return Cart.objects.create(
            source=self.source, external_id=self.key(), customer=self.person(name), began_at=at, changed_at=at,
            **({"lines": [{"sku": "TEA-1", "quantity": 1}], "value": 900} | more),
        )  # fmt: skip

    def parcel(self, order: Order, **more: Any) -> Parcel:
        """A parcel of an order."""
        return Parcel.objects.create(
            source=self.source, external_id=self.key(), order_key=order.external_id, order=order, **more
        )

    def refund(self, order: Order, at: datetime) -> Refund:
        """Money is given back."""
        return Refund.objects.create(
            source=self.source, external_id=self.key(), order_key=order.external_id, order=order,
            customer=order.customer, at=at, day=at.date(), amount=100,
        )  # fmt: skip

    def event(self, name: str, event: str, at: datetime) -> Event:
        """Something happens."""
        return Event.objects.create(
            source=self.source, key=self.key(), name=event, at=at, received_at=at, customer=self.person(name)
        )

    def mail(self, key: str) -> Version:
        """A mail, published."""
        purpose = "offer" if self.marketing else "order"
        template, _ = Template.objects.get_or_create(
            key=key, defaults={"name": key, "purpose": purpose, "changed_at": NOW, "created_at": NOW}
        )
        number = template.versions.count() + 1
        document = {"key": key, "purpose": purpose}
        return Version.objects.create(template=template, number=number, document=document, digest=key, created_at=NOW)

    def journey(self, data: Mapping[str, Any], *, since: datetime = NOW - timedelta(days=30)) -> Journey:
        """A journey, on."""
        definition = read({"name": {"en": "A journey"}} | dict(data))
        journey = Journey.objects.create(
            key=definition.key, name="A journey", state="on", live_since=since, changed_at=NOW, created_at=NOW
        )
        messages = {
            step.id: message_for("journey", journey.pk, step=step.id, version=self.mail(mail), now=NOW).pk
            for step in definition.steps
            if (mail := getattr(step, "mail", ""))
        }
        journey.live = JourneyVersion.objects.create(
            journey=journey, number=1, definition=json.loads(json.dumps(written(definition))), messages=messages,
            digest="", created_at=NOW,
        )  # fmt: skip
        journey.save()
        return journey

    def tick(self, *, to: datetime | None = None, after: timedelta = timedelta(0), **how: Any) -> Ticked:
        """The clock goes on, and everything that is due is done."""
        self.now = to or self.now + after
        return tick(self.now, **how)


@pytest.fixture
def shop(source: Source) -> Shop:
    """A shop on Monday, 2 March 2026, nine o'clock UTC."""
    return Shop(source)


@pytest.fixture
def where(db: None) -> Callable[[], dict[str, str]]:
    """Where everybody stands: `{"Anna": "m1", "Ben": "left ordered"}`."""
    del db

    def found() -> dict[str, str]:
        rows = Enrolment.objects.order_by("pk").values_list("customer__name", "state", "step", "reason")
        return {name: step if state == "active" else f"{state} {reason}".strip() for name, state, step, reason in rows}

    return found


@pytest.fixture
def sent(db: None) -> Callable[[], list[tuple[str, str]]]:
    """What was planned, in its order: `[("Anna", "m1")]`."""
    del db

    def found() -> list[tuple[str, str]]:
        rows = Send.objects.order_by("due_at", "pk").values_list("customer__name", "message__step")
        return [(str(name), step) for name, step in rows]

    return found
