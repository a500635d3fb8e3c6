"""Mails are written, published, copied and put away; what was sent stays as it was."""

from datetime import datetime, timedelta

import pytest

from server.mail import mails
from stammkunde.server.accounts.models import Entry
from stammkunde.server.mail.actions import templates
from stammkunde.server.mail.models import Template
from stammkunde.server.mail.queries import templates as reading
from stammkunde.server.mail.rendering.documents import DocumentError
from stammkunde.server.mail.rendering.rendering import renderer

pytestmark = pytest.mark.django_db
LATER = timedelta(hours=1)


@pytest.fixture
def cart(now: datetime) -> Template:
    return templates.create(mails.mail(mails.CART), language="de", now=now, by=None)


def test_a_mail_is_named_in_the_language_of_whoever_made_it(cart: Template) -> None:
    assert (cart.key, cart.name, cart.purpose) == ("cart-1", "Warenkorb", "cart")
    assert Entry.objects.filter(subject="template", verb="made").count() == 1


def test_two_mails_of_one_key_are_refused(cart: Template, now: datetime) -> None:
    with pytest.raises(templates.TemplateError, match="cart-1"):
        templates.create(mails.mail(mails.CART), language="de", now=now, by=None)


def test_publishing_twice_makes_one_version_and_a_change_makes_another(cart: Template, now: datetime) -> None:
    first = templates.publish(cart, now=now, by=None)
    assert templates.publish(cart, now=now + LATER, by=None) == first
    changed = mails.mail(mails.CART) | {"attributes": {"accent": "#a00000"}}
    templates.save_draft(cart, changed, language="de", now=now + LATER, by=None)
    second = templates.publish(cart, now=now + LATER, by=None)
    assert (first.number, second.number) == (1, 2)
    first.refresh_from_db()
    assert "attributes" not in first.document


def test_a_version_holds_every_voice_compiled_and_is_filled_in_from_there(cart: Template, now: datetime) -> None:
    version = templates.publish(cart, now=now, by=None)
    assert set(version.compiled) == {"en", "de-du", "de-sie"}
    made = renderer(version, "de-du").render(mails.known("de-du", version.document))
    assert made.subject == "Dein Warenkorb wartet noch"


def test_a_draft_that_cannot_be_read_changes_nothing(cart: Template, now: datetime) -> None:
    before = cart.draft
    with pytest.raises(DocumentError):
        templates.save_draft(cart, {"purpose": "cart"}, language="de", now=now, by=None)
    cart.refresh_from_db()
    assert cart.draft == before


def test_a_copy_has_a_key_of_its_own_and_a_change_to_it_leaves_the_first(cart: Template, now: datetime) -> None:
    copies = [templates.copy(cart, name="Zweiter Korb", now=now, by=None) for _ in range(2)]
    assert [each.key for each in copies] == ["cart-1-2", "cart-1-3"]
    assert copies[0].draft["key"] == "cart-1-2"


def test_who_was_put_away_is_not_offered_and_cannot_be_published(cart: Template, now: datetime) -> None:
    templates.retire(cart, now=now, by=None)
    assert reading.listed() == []
    assert [each.template for each in reading.listed(retired=True)] == [cart]
    with pytest.raises(templates.TemplateError):
        templates.publish(cart, now=now, by=None)
    templates.restore(cart, now=now, by=None)
    assert templates.publish(cart, now=now, by=None).number == 1


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_two_statements(number: int, now: datetime, django_assert_num_queries: object) -> None:
    for each in range(number):
        document = mails.mail(mails.CART) | {"key": f"cart-{each}"}
        templates.publish(templates.create(document, language="en", now=now, by=None), now=now, by=None)
    with django_assert_num_queries(2):  # type: ignore[operator]
        found = reading.listed()
    assert [each.versions for each in found] == [1] * number
    assert set(reading.latest_of(["cart-0", "cart-9"])) == {"cart-0"}
