"""The pages of mail, journeys, newsletters, offers and the calendar: empty and with a row, as axe sees them on a phone
in the light and on a desk in the dark, in English and German."""

from datetime import timedelta

import pytest
from django.utils import timezone

from server.ui.browser import Answer, chromium
from server.ui.test_pages import FRAMED, answered, looked_at, speaking
from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import Role
from stammkunde.server.campaigns.actions import writing
from stammkunde.server.campaigns.actions.writing import Text, Wanted
from stammkunde.server.journeys.actions.copying import copy
from stammkunde.server.journeys.actions.publishing import publish
from stammkunde.server.journeys.models import Enrolment, Journey, Trace
from stammkunde.server.journeys.queries.library import flow
from stammkunde.server.mail.models import Message, Send, Template
from stammkunde.server.offers.models import Pool
from stammkunde.server.shop.models import Customer

pytestmark = [pytest.mark.browser, pytest.mark.urls("server.ui.style_page"), pytest.mark.django_db]
LONG = "Wilhelmine Charlotte von und zu Oberhausen-Niederlangenfeld"  # 60 characters
ROOMS = (
    *("/mails/", "/mails/new", "/messages/", "/messages/tray/", "/messages/attention/", "/settings/sending/"),
    *("/journeys/", "/journeys/gallery/", "/newsletter/", "/newsletter/new", "/offers/", "/calendar/"),
    "/settings/webhooks/",
)


def rows() -> list[str]:
    """A journey of the library with somebody on it whose mail did not go, and the addresses of what is there then."""
    now, cart = timezone.now(), flow("cart")
    assert cart is not None
    journey = copy(cart, language="en", now=now)
    Journey.objects.filter(pk=journey.pk).update(name=LONG)
    version = publish(journey, now=now, by=None)
    who = Customer.objects.create(origin="1", name=LONG, email="anna@example.com", known_since=now, changed_at=now)
    on = Enrolment.objects.create(
        journey=journey, version=version, customer=who, step="wait-24", due_at=now, entered_at=now, stepped_at=now,
        draw=1,
    )  # fmt: skip
    Trace.objects.create(enrolment=on, step="remind", outcome="planned", at=now)
    Trace.objects.create(enrolment=on, step="code", outcome="code of cart", at=now)
    message = Message.objects.get(step="remind")
    send = Send.objects.create(
        message=message, scope="journey:1:remind", run=on.pk, customer=who, marketing=True, planned_at=now, due_at=now,
        state="suppressed", reason="no_consent", settled_at=now,
    )  # fmt: skip
    mail, pool = Template.objects.get(key="cart-3"), Pool.objects.get()
    letter = writing.make(Wanted(LONG, at=now + timedelta(days=1)), [Text(mail)], now=now, by=None)
    one = f"/journeys/{journey.pk}/"
    return [
        *("/mails/", "/messages/", "/journeys/", "/newsletter/", "/offers/", "/calendar/"),
        *(one, f"{one}edit", f"{one}simulate", f"{one}people/", f"{one}people/{who.pk}/"),
        *(
            f"/messages/{send.pk}/",
            f"/mails/{mail.pk}/",
            f"/mails/{mail.pk}{FRAMED}",
            f"/newsletter/{letter.pk}/",
            f"/offers/pools/{pool.pk}/",
        ),
        f"/customers/{who.pk}/",
    ]


def shown(language: str) -> tuple[dict[str, Answer], dict[str, Answer]]:
    """What the owner sees before anything is there, and then."""
    anna = User.objects.create_user("owner@example.com", "correct horse battery", role=Role.OWNER, language=language)
    client = speaking(language)
    client.force_login(anna)
    return answered(client, ROOMS), answered(client, rows())


@pytest.mark.parametrize(("language", "light", "width"), [("en", "light", 375), ("de", "dark", 1280)])
def test_the_pages_of_mail_can_be_used_by_everybody(language: str, light: str, width: int) -> None:
    empty, full = shown(language)
    with chromium() as browser:
        wrong = looked_at(browser, empty, light=light, widths=[width])
        wrong += looked_at(browser, full, light=light, widths=[width])
    assert not wrong, "\n".join(wrong)
