"""Leaving, with a real server and a real browser: a scanner that follows the link leaves nobody, the button does, and
so does a mail program with one click (RFC 8058)."""

import os
import urllib.request
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

import sends
from server.ui.browser import chromium
from stammkunde.server.consent import links as leaving
from stammkunde.server.consent.models import Entry
from stammkunde.server.mail.incoming import links
from stammkunde.server.mail.models import Send, Sender, Signal

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(live_server: Any, settings: Any, now: datetime) -> Send:
    """A newsletter to Anna, of a shop whose links lead to a server that runs."""
    settings.PUBLIC_URL, settings.ALLOWED_HOSTS = live_server.url, ["*"]
    Sender.objects.create(tracking="aggregate")
    more = {"state": "sent", "planned_at": now, "due_at": now, "settled_at": now, "marketing": True}
    who = sends.customer("Anna", now, locale="de")
    return Send.objects.create(message=sends.message(now), scope="s", customer=who, address=who.email, **more)


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator["Page"]:
    """A browser; the loop it runs in is no reason for Django not to be asked here."""
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with chromium() as browser:
        yield browser.new_page()


def objections() -> list[tuple[str, str]]:
    return [(each.kind, each.source) for each in Entry.objects.all()]


def test_a_scanner_leaves_nobody_and_the_button_does(shop: Send, page: "Page") -> None:
    assert shop.customer_id is not None
    link = leaving.unsubscribe_url(shop.customer_id, shop.pk)
    for _ in range(2):
        answer = page.goto(link)  # with all that a browser does: scripts, pictures, what is to be loaded before
        assert answer is not None
        assert "set-cookie" not in answer.headers
    assert objections() == []
    page.locator("form button").first.click()
    page.wait_for_load_state()
    assert objections() == [("objected", "link")]


def test_one_click_of_a_mail_program_leaves(shop: Send) -> None:
    assert shop.customer_id is not None
    asked = urllib.request.Request(
        leaving.unsubscribe_url(shop.customer_id, shop.pk), b"List-Unsubscribe=One-Click", method="POST"
    )
    with urllib.request.urlopen(asked) as answer:
        assert (answer.status, answer.geturl()) == (200, asked.full_url)
    assert objections() == [("objected", "one-click")]


def test_a_measured_link_leads_a_browser_where_it_led(shop: Send, page: "Page", live_server: Any) -> None:
    page.goto(links.wrap(f"{live_server.url}/healthz", send=shop, level="aggregate"))
    assert page.url == f"{live_server.url}/healthz"
    assert [(each.kind, each.send) for each in Signal.objects.all()] == [("clicked", None)]
