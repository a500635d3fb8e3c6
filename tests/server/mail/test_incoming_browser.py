"""Leaving, with a real server and a real browser: a scanner that follows the link leaves nobody, the button does, and
so does a mail program with one click (RFC 8058)."""

import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

import sends
from server.ui.browser import chromium
from stammkunde.server.consent import links as leaving
from stammkunde.server.consent.models import Entry
from stammkunde.server.mail.incoming import links
from stammkunde.server.mail.models import Send, Sender, Signal

if TYPE_CHECKING:
    from playwright.sync_api import Page

T = TypeVar("T")
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(live_server: Any, settings: Any, now: datetime) -> Send:
    """A newsletter to Anna, of a shop whose links lead to a server that runs."""
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = live_server.url, ["*"]
    Sender.objects.create(tracking="aggregate")
    more = {"state": "sent", "planned_at": now, "due_at": now, "settled_at": now, "marketing": True}
    who = sends.customer("Anna", now, locale="de")
    return Send.objects.create(message=sends.message(now), scope="s", customer=who, address=who.email, **more)


def browse(act: "Callable[[Page], T]") -> T:
    """What somebody does in a browser, in a thread of its own: a thread with a browser must not ask the database."""

    def acting() -> T:
        with chromium() as browser:
            return act(browser.new_page())

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(acting).result()


def looked_at(page: "Page", link: str) -> bool:
    """Open a link as a browser does, with all that belongs to it; whether the answer set no cookie."""
    answer = page.goto(link)
    return answer is not None and answer.ok and "set-cookie" not in answer.headers


def pressed(page: "Page", link: str) -> None:
    """Open a link and press its button."""
    page.goto(link)
    page.locator("form button").first.click()
    page.wait_for_load_state()


def objections() -> list[tuple[str, str]]:
    return [(each.kind, each.source) for each in Entry.objects.all()]


def test_a_scanner_leaves_nobody_and_the_button_does(shop: Send) -> None:
    assert shop.customer_id is not None
    link = leaving.unsubscribe_url(shop.customer_id, shop.pk)
    assert browse(lambda page: [looked_at(page, link) for _ in range(2)]) == [True, True]
    assert objections() == []
    browse(lambda page: pressed(page, link))
    assert objections() == [("objected", "link")]


def test_one_click_of_a_mail_program_leaves(shop: Send) -> None:
    assert shop.customer_id is not None
    asked = urllib.request.Request(
        leaving.unsubscribe_url(shop.customer_id, shop.pk), b"List-Unsubscribe=One-Click", method="POST"
    )
    with urllib.request.urlopen(asked) as answer:
        assert (answer.status, answer.geturl()) == (200, asked.full_url)
    assert objections() == [("objected", "one-click")]


def test_a_measured_link_leads_a_browser_where_it_led(shop: Send, live_server: Any) -> None:
    link = links.wrap(f"{live_server.url}/healthz", send=shop, level="aggregate")

    def led(page: "Page") -> str:
        page.goto(link)
        return page.url

    assert browse(led) == f"{live_server.url}/healthz"
    assert [(each.kind, each.send) for each in Signal.objects.all()] == [("clicked", None)]
