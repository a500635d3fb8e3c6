"""Links in mails: they work for ever, for everybody who has them, and only when somebody presses the button."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from stammkunde.server.consent import links
from stammkunde.server.consent.actions import recording
from stammkunde.server.consent.actions.recording import Proof
from stammkunde.server.consent.gate import Asked
from stammkunde.server.consent.models import Entry, Preference
from stammkunde.server.consent.queries.gate import gate
from stammkunde.server.shop.models import Customer

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
pytestmark = pytest.mark.django_db


def path(url: str) -> str:
    return "/p/" + url.split("/p/")[1]


@pytest.fixture
def anna(now: datetime) -> Customer:
    """Anna, who has confirmed the newsletter."""
    fields = {"known_since": now, "changed_at": now}
    anna = Customer.objects.create(origin="email:0:anna", name="Anna", email="anna@example.com", locale="de", **fields)
    made, _ = recording.request_opt_in(address=anna.email, customer=anna, proof=Proof("form"), now=now)
    recording.confirm(made, proof=Proof("form"), now=now)
    return anna


@pytest.fixture
def browser() -> Client:
    """Somebody's browser, or a mail program, or a scanner: no cookie, and forms have no token."""
    return Client(enforce_csrf_checks=True)


def gets_news(customer: Customer) -> bool:
    return gate([Asked(customer.pk, "newsletter")], now=timezone.now())[0].allowed


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_scanner_that_follows_every_link_changes_nothing(anna: Customer, browser: Client, method: str) -> None:
    before = Entry.objects.count()
    for url in (links.unsubscribe_url(anna.pk, 7), links.preferences_url(anna.pk)):
        answer = getattr(browser, method)(path(url))
        assert (answer.status_code, len(answer.cookies)) == (200, 0)
    assert (gets_news(anna), Entry.objects.count()) == (True, before)


def test_a_scanner_burns_no_confirmation(anna: Customer, browser: Client, now: datetime) -> None:
    made, _ = recording.request_opt_in(address="clara@example.com", proof=Proof("form"), now=now)
    link = path(links.confirm_url(made.pk))
    assert browser.get(link).status_code == browser.head(link).status_code == 200
    assert not made.answers.exists()
    assert browser.post(link).status_code == browser.post(link).status_code == 200
    assert made.answers.count() == 1
    assert made.answers.get().ip == "127.0.0.1"


def test_one_click_leaves_and_is_answered_without_a_redirect(anna: Customer, browser: Client) -> None:
    answer = browser.post(path(links.unsubscribe_url(anna.pk, 7)), ONE_CLICK)
    assert (answer.status_code, answer.content) == (200, b"OK\n")
    assert not gets_news(anna)
    assert Entry.objects.latest("pk").source == "one-click"


def test_one_click_again_is_the_same(anna: Customer, browser: Client) -> None:
    link = path(links.unsubscribe_url(anna.pk, 7))
    for _ in range(3):
        assert browser.post(link, ONE_CLICK).status_code == 200
    assert Entry.objects.filter(kind="objected").count() == 1


def test_leaving_reminders_of_carts_leaves_the_newsletter(anna: Customer, browser: Client) -> None:
    browser.post(path(links.unsubscribe_url(anna.pk, 7, "cart")), ONE_CLICK)
    assert gets_news(anna)
    assert Entry.objects.latest("pk").topic == "behaviour"


def test_no_advertising_at_all_ends_every_topic(anna: Customer, browser: Client) -> None:
    page = browser.post(path(links.unsubscribe_url(anna.pk, 7, "cart")), {"scope": "all"})
    assert "An diese Adresse geht keine Werbung mehr." in page.content.decode()
    assert not gets_news(anna)


def test_a_link_somebody_made_up_is_nobodys(browser: Client, anna: Customer) -> None:
    token = links.unsubscribe_url(anna.pk, 7).rsplit("/", 1)[1]
    forged = [f"{anna.pk}~7~newsletter:abc", token[:-2], token.replace(str(anna.pk), str(anna.pk + 1), 1), "x"]
    for each in forged:
        assert browser.post(f"/p/u/{each}", ONE_CLICK).status_code == 404
    assert browser.get(f"/p/preferences/{token}").status_code == 404  # made for another page
    assert gets_news(anna)


def test_the_link_of_somebody_who_was_found_to_be_anna_is_annas(anna: Customer, browser: Client, now: datetime) -> None:
    other = Customer.objects.create(origin="x", known_since=now, changed_at=now, merged_into=anna)
    browser.post(path(links.unsubscribe_url(other.pk, 7)), ONE_CLICK)
    assert not gets_news(anna)


def test_the_link_of_somebody_erased_says_it_is_done(browser: Client) -> None:
    assert browser.post(path(links.unsubscribe_url(4711, 7)), ONE_CLICK).status_code == 200
    assert browser.get(path(links.unsubscribe_url(4711, 7))).status_code == 200


def test_anna_chooses_once_a_month_and_a_pause(anna: Customer, browser: Client) -> None:
    said = {"topic": ["marketing"], "purpose": ["newsletter", "offer"], "rhythm": "monthly", "pause": "30"}
    page = browser.post(path(links.preferences_url(anna.pk)), said)
    liked = Preference.objects.get(customer=anna)
    assert page.status_code == 200
    assert (liked.rhythm, "newsletter" in liked.off, "birthday" in liked.off) == ("monthly", False, True)
    assert liked.paused_until is not None
    assert timedelta(days=29) < liked.paused_until - timezone.now() < timedelta(days=31)
    assert gate([Asked(anna.pk, "newsletter")], now=timezone.now())[0].reason == "paused"


def test_a_tick_taken_away_is_an_objection_and_one_set_a_consent(anna: Customer, browser: Client) -> None:
    browser.post(
        path(links.preferences_url(anna.pk)), {"topic": "surveys", "purpose": ["survey", "newsletter"], "rhythm": "all"}
    )
    found = gate([Asked(anna.pk, "newsletter"), Asked(anna.pk, "survey")], now=timezone.now())
    assert [each.reason for each in found] == ["objected", "consent"]
    assert Entry.objects.latest("pk").page.endswith(path(links.preferences_url(anna.pk)))


def test_nonsense_in_the_preferences_is_the_gentlest_reading(anna: Customer, browser: Client) -> None:
    said = {"topic": ["nothing"], "purpose": ["order", "<script>"], "rhythm": "hourly", "pause": "9999999999"}
    assert browser.post(path(links.preferences_url(anna.pk)), said).status_code == 200
    liked = Preference.objects.get(customer=anna)
    assert (liked.rhythm, liked.paused_until, "order" in liked.off) == ("all", None, False)


def test_old_links_hold_after_the_secret_key_was_changed(anna: Customer, browser: Client, settings: object) -> None:
    link = path(links.unsubscribe_url(anna.pk, 7))
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]  # type: ignore[attr-defined]
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]
    assert browser.post(link, ONE_CLICK).status_code == 200
    assert not gets_news(anna)
