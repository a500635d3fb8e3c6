"""The gallery: a flow is looked at in every voice and copied with one click, switched off, as often as one likes."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client

from stammkunde.server.accounts.actions import make_key
from stammkunde.server.accounts.models import Entry
from stammkunde.server.accounts.roles import Right, Role
from stammkunde.server.journeys.actions import publishing
from stammkunde.server.journeys.actions.copying import copy
from stammkunde.server.journeys.actions.editing import JourneyError
from stammkunde.server.journeys.definitions.reading import read
from stammkunde.server.journeys.library import showing
from stammkunde.server.journeys.models import Enrolment, Journey
from stammkunde.server.journeys.queries.library import copies, flow, flows
from stammkunde.server.mail.actions import templates
from stammkunde.server.mail.models import Template, Version
from stammkunde.server.mail.rendering import documents
from stammkunde.server.offers.models import Coupon, Pool

pytestmark = pytest.mark.django_db


def made(key: str, now: datetime, language: str = "en") -> Journey:
    found = flow(key)
    assert found is not None
    return copy(found, language=language, now=now)


def test_a_copy_brings_its_mails_and_pools_and_is_off(now: datetime) -> None:
    journey = made("cart", now, "de")
    assert (journey.key, journey.name, journey.flow) == ("cart", "Warenkorb wiederfinden", "cart")
    assert (journey.state, journey.live, Enrolment.objects.count()) == (Journey.State.OFF, None, 0)
    mails = {each.key: each for each in Template.objects.all()}
    assert set(read(journey.draft).mails) == set(mails) == {"cart-1", "cart-2", "cart-3"}
    for each in mails.values():
        assert documents.read(each.draft).key == each.key
        assert (each.origin, each.purpose) == ("flow:cart", "cart")
    assert not Version.objects.exists()  # nothing is published by copying
    pool = Pool.objects.get(key="cart")
    assert (pool.kind, pool.worth, pool.valid_days, pool.name) == ("percent", 5, 7, "Warenkorb")
    assert not Coupon.objects.exists()


def test_copied_twice_it_is_two_journeys_with_mails_of_their_own(now: datetime) -> None:
    first, second, third = (made("cart", now) for _ in range(3))
    assert [each.key for each in (first, second, third)] == ["cart", "cart-2", "cart-3"]
    assert [each.name for each in (second, third)] == ["Cart recovery (2)", "Cart recovery (3)"]
    mails = [set(read(each.draft).mails) for each in (first, second, third)]
    assert len(set.union(*mails)) == 9
    assert read(second.draft).key == "cart-2"
    assert {each.key for each in Template.objects.all()} == set.union(*mails)
    assert Pool.objects.count() == 1  # both draw from the same codes
    assert copies()["cart"] == [first, second, third]


def test_a_pool_the_shop_has_already_stays_as_it_is(now: datetime) -> None:
    Pool.objects.create(key="birthday", name="Ours", kind="amount", worth=500, created_at=now)
    made("birthday", now)
    assert Pool.objects.get(key="birthday").worth == 500


def test_every_flow_can_be_copied_and_its_copy_is_read(now: datetime) -> None:
    for each in flows():
        journey = copy(each, language="de", now=now)
        assert read(journey.draft).trigger == each.definition.trigger
    assert Template.objects.count() == sum(len(each.documents) for each in flows())


def test_the_gallery_shows_every_flow_and_draws_it(owner: Client) -> None:
    page = owner.get("/journeys/gallery/").content.decode()
    for each in flows():
        assert f'href="/journeys/gallery/{each.key}/"' in page
        assert each.definition.name["en"] in page.replace("&#x27;", "'")
    assert page.count("<svg") == len(flows())


def test_a_flow_is_shown_with_each_of_its_mails_in_each_voice(owner: Client) -> None:
    wanted = {"en": "We kept your cart", "de-du": "Wir haben deinen", "de-sie": "Wir haben Ihren"}
    for voice, words in wanted.items():
        page = owner.get("/journeys/gallery/cart/", {"mail": "cart-1", "voice": voice}).content.decode()
        assert words in page
    assert "after 2 hours" in page
    assert "the cart is ordered or empty" in page
    assert "Consent" in page
    other = owner.get("/journeys/gallery/cart/", {"mail": "cart-3", "voice": "en"}).content.decode()
    assert "Last reminder of your cart" in other


def test_a_mail_is_shown_as_it_arrives_and_no_script_could_run_in_it(owner: Client) -> None:
    answer = owner.get("/journeys/gallery/cart/cart-1", {"voice": "de-sie"})
    assert "Zurück zum Warenkorb" in answer.content.decode()
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["cart/?mail=nobody", "nobody/", "nobody/copy", "cart/nobody", "cart/?mail=..%2F..%2Fsettings"]
)
def test_what_there_is_not_is_not_found(owner: Client, path: str) -> None:
    send = owner.post if path.endswith("copy") else owner.get
    assert send(f"/journeys/gallery/{path}").status_code == 404


def test_one_click_copies_and_the_log_says_who(owner: Client) -> None:
    assert owner.get("/journeys/gallery/vip/copy").status_code == 405
    answer = owner.post("/journeys/gallery/vip/copy", follow=True)
    assert "Copied as “Thanks to the best customers”" in answer.content.decode()
    entry = Entry.objects.get(verb="copied", subject="journey")
    assert entry.user is not None
    assert entry.change["mails"] == ["vip-thanks"]


def test_a_copy_is_published_once_its_links_are_filled_in_and_not_before(now: datetime) -> None:
    journey = made("welcome", now)
    with pytest.raises(JourneyError, match="lacks a link"):
        publishing.publish(journey, now=now, by=None)
    assert not Version.objects.exists()
    for each in Template.objects.all():
        filled = documents.written(showing.filled(documents.read(each.draft)))
        templates.save_draft(each, filled, now=now, by=None, language="en")
    version = publishing.publish(journey, now=now, by=None)
    assert len(version.messages) == Version.objects.count() == 4
    journey.refresh_from_db()
    assert journey.state == Journey.State.OFF


def test_every_flow_is_published_once_its_links_are_filled_in(now: datetime) -> None:
    for each in flows():
        journey = copy(each, language="en", now=now)
        for template in Template.objects.filter(origin=f"flow:{each.key}"):
            filled = documents.written(showing.filled(documents.read(template.draft)))
            templates.save_draft(template, filled, now=now, by=None, language="en")
        publishing.publish(journey, now=now, by=None)
    assert Journey.objects.exclude(live=None).count() == len(flows())


def test_the_api_lists_flows_tells_one_and_copies_it(now: datetime) -> None:
    key = make_key(name="Robot", scopes=[Right.SEE, Right.MESSAGES], now=now, by=None)
    ask = Client(headers={"authorization": f"Bearer {key}"})
    assert [each["key"] for each in ask.get("/api/v1/flows").json()] == [each.key for each in flows()]
    told = ask.get("/api/v1/flows/cart").json()
    assert told["definition"]["trigger"] == {"on": "cart_idle", "after": "2h", "max_age": "1d"}
    assert set(told["documents"]) == {"cart-1", "cart-2", "cart-3"}
    answer = ask.post("/api/v1/flows/cart/copies?language=de")
    assert answer.status_code == 201
    assert answer.json()["name"] == "Warenkorb wiederfinden"
    assert answer.json()["state"] == "off"
    assert ask.post("/api/v1/flows/nobody/copies").status_code == 404


def test_who_may_not_write_mails_sees_flows_and_copies_none(as_role: Callable[[str], Client]) -> None:
    reader = as_role(Role.READER)
    assert "Copy to my journeys" not in reader.get("/journeys/gallery/vip/").content.decode()
    assert reader.post("/journeys/gallery/vip/copy").status_code == 403
    assert not Journey.objects.exists()
