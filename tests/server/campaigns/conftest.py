"""A tea shop with a mail to send: Anna is loyal, Ben lapsed, Clara has agreed to nothing, Deniz has ordered once."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from server.conftest import NOW
from stammkunde.server.accounts.models import User
from stammkunde.server.campaigns.actions import approving, sending
from stammkunde.server.campaigns.actions.writing import Text, Wanted, make
from stammkunde.server.campaigns.models import Campaign
from stammkunde.server.consent.actions import recording
from stammkunde.server.consent.actions.recording import Brought
from stammkunde.server.lib.work import run_due
from stammkunde.server.mail.models import Send, Template
from stammkunde.server.segments.models import CustomerFacts
from stammkunde.server.segments.queries import days
from stammkunde.server.shop.models import Customer, Order, Source

TODAY = days.number(NOW)
DOCUMENT = {
    "key": "spring",
    "name": {"en": "Spring", "de": "Frühling"},
    "purpose": "newsletter",
    "subject": {"en": "The new harvest is here", "de": "Die neue Ernte ist da"},
    "preheader": {"en": "And what goes with it", "de": "Und was dazu passt"},
    "blocks": [
        {"kind": "heading", "text": {"en": "Spring tea", "de": "Frühlingstee"}},
        {
            "kind": "text",
            "text": {
                "en": "Hello {{ customer.first_name | default: 'there' }}, it is here.",
                "de": "Guten Tag {{ customer.first_name | default: '' }}, er ist da.",
            },
        },
        {"kind": "button", "label": {"en": "See the tea", "de": "Zum Tee"}, "link": "https://shop.example/tea"},
        {"kind": "footer"},
    ],
}


@pytest.fixture
def person(db: None) -> Callable[..., Customer]:
    """Somebody with an address and facts: `person("Anna", orders=12, agrees=True, zone="Asia/Tokyo")`."""
    del db

    def made(name: str, *, agrees: bool = True, zone: str = "", locale: str = "de", **known: Any) -> Customer:
        who = Customer.objects.create(
            origin=f"shop:{name}", name=name, email=f"{name.lower()}@example.com", country="DE", locale=locale,
            zone=zone, known_since=NOW, changed_at=NOW,
        )  # fmt: skip
        facts = {"known_on": TODAY - 400, "has_email": True, "order_days": 0} | known
        CustomerFacts.objects.create(customer=who, **facts)
        if agrees:
            recording.bring([Brought(who.pk, who.email, "marketing", NOW, NOW)], source="file", now=NOW)
        return who

    return made


@pytest.fixture
def people(person: Callable[..., Customer]) -> dict[str, Customer]:
    """Anna and Ben are long-standing, Deniz is new; Clara has agreed to nothing."""
    return {
        "Anna": person("Anna", order_days=12, first_on=TODAY - 900),
        "Ben": person("Ben", order_days=7, first_on=TODAY - 700),
        "Clara": person("Clara", agrees=False, order_days=3, first_on=TODAY - 300),
        "Deniz": person("Deniz", order_days=1, first_on=TODAY - 30, locale="en"),
    }


@pytest.fixture
def template(db: None) -> Template:
    """The mail about the new harvest."""
    del db
    return Template.objects.create(
        key="spring", name="Spring", purpose="newsletter", draft=DOCUMENT, changed_at=NOW, created_at=NOW
    )


@pytest.fixture
def boss(db: None) -> User:
    """The owner, who may let mails go out; alone."""
    del db
    return User.objects.create_user("boss@example.com", role="owner", joined_at=NOW)


@pytest.fixture
def newsletter(template: Template, boss: User) -> Callable[..., Campaign]:
    """A newsletter of these texts: `newsletter(("all", {"de": "A"}), ("all", {"de": "B"}), per_hour=60)`."""

    def made(*texts: tuple[str, dict[str, str]], **wanted: Any) -> Campaign:
        rows = [Text(template, tenure, subjects) for tenure, subjects in texts or (("all", {}),)]
        return make(Wanted(**({"name": "Spring"} | wanted)), rows, now=NOW, by=boss)

    return made


@pytest.fixture
def begin(boss: User) -> Callable[..., Campaign]:
    """Somebody else approves it, it is scheduled, and planning runs: `begin(newsletter())`."""

    def begun(campaign: Campaign, *, now: datetime = NOW) -> Campaign:
        fields = {"role": "marketing", "joined_at": NOW}
        olga, _made = User.objects.get_or_create(email="olga@example.com", defaults=fields)
        approving.approve(campaign, now=now, by=olga)
        sending.schedule(campaign, now=now, by=boss)
        plan(campaign, now=now)
        return Campaign.objects.get(pk=campaign.pk)

    return begun


def plan(campaign: Campaign, *, now: datetime) -> None:
    """What the job of planning does, without the worker around it."""
    try:
        found = sending.start(campaign.pk, now=now)
        sending.plan_all(found, now=now, tell=lambda *_: None)
    except sending.StoppedError:
        return


def leave(campaign: Campaign, *names: str, at: datetime) -> None:
    """Mails to these people (or to all) are sent at a moment, as the sender would settle them."""
    rows = Send.objects.filter(sending.mine(campaign), state=Send.State.WAITING)
    rows = rows.filter(customer__name__in=names) if names else rows
    rows.update(state=Send.State.SENT, settled_at=at)


@pytest.fixture
def orders(source: Source) -> Callable[..., Order]:
    """Somebody orders: `orders(anna, at, total=2500)`."""

    def made(who: Customer, at: datetime, total: int = 2500, **more: Any) -> Order:
        return Order.objects.create(
            source=source, external_id=f"{who.pk}-{at.timestamp()}", customer=who, placed_at=at, day=at.date(),
            currency="EUR", gross=total, total=total, **more,
        )  # fmt: skip

    return made


__all__ = ["run_due"]
