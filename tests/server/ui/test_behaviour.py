"""What pages do in a browser: by keyboard, without a script, in a chosen light, on paper, and where an answer fails."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from server.ui.browser import Answer, chromium, show

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.urls("server.ui.style_page"), pytest.mark.django_db]
ADDRESSES = ("/style/", "/customers/", "/poll/", "/poll/2/")
Opened = Callable[..., "Page"]


@pytest.fixture
def opened(owner: Client) -> Iterator[Opened]:
    """Opens the page of components: `opened(width=375, without=("/poll/",))`."""
    answers = {address: Answer.of(owner.get(address, follow=True)) for address in ADDRESSES}
    with chromium() as browser:

        def at(*, width: int = 1280, without: tuple[str, ...] = (), change: str = "", **ways: Any) -> "Page":
            page = browser.new_context(viewport={"width": width, "height": 800}, **ways).new_page()
            known = {address: each for address, each in answers.items() if address not in without}
            if change:
                body = known["/style/"].body.replace(b"<html ", f"<html {change} ".encode())
                known["/style/"] = Answer(body, known["/style/"].policy)
            show(page, known, "/style/")
            return page

        yield at


def test_keys_find_search_and_go_to_places_but_not_while_somebody_types(opened: Opened) -> None:
    page = opened()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("?gc")
    assert page.input_value("#search") == "?gc"
    page.locator("h1").click()
    page.keyboard.press("?")
    assert page.locator("#shortcuts").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator("#shortcuts").is_visible()
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/customers/")


def test_the_first_tab_skips_to_the_content(opened: Opened) -> None:
    page = opened()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_the_menu_of_the_phone_opens_without_a_script_and_the_desk_has_none(opened: Opened) -> None:
    page = opened(width=375, java_script_enabled=False)
    places, button = page.locator("#places"), page.locator("button[popovertarget=places]")
    assert not places.is_visible()
    button.click()
    assert places.is_visible()
    page.keyboard.press("Escape")
    assert not places.is_visible()
    page.set_viewport_size({"width": 1280, "height": 800})
    assert places.is_visible()
    assert not button.is_visible()


@pytest.mark.parametrize(("chosen", "system"), [("light", "dark"), ("dark", "light"), ("", "dark"), ("", "light")])
def test_a_chosen_light_counts_more_than_that_of_the_system(opened: Opened, chosen: str, system: str) -> None:
    page = opened(change=f'data-theme="{chosen}"' if chosen else "", color_scheme=system)
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == {"light": "rgb(253, 253, 252)", "dark": "rgb(21, 23, 27)"}[chosen or system]


def test_paper_is_light_and_without_what_cannot_be_pressed(opened: Opened) -> None:
    page = opened(change='data-theme="dark"', color_scheme="dark")
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(29, 30, 34)"
    unprinted = (".places", ".foot", ".head .actions", "form.filter")
    assert [each for each in unprinted if page.locator(each).first.is_visible()] == []


def test_a_poll_that_brings_nothing_new_leaves_the_page_alone(opened: Opened) -> None:
    page = opened()
    asked: list[str] = []
    page.on("requestfinished", lambda request: asked.append(request.url) if request.url.endswith("/poll/") else None)
    page.wait_for_timeout(1500)  # the first answer is taken
    page.evaluate("document.getElementById('work').kept = true")
    before = len(asked)
    page.wait_for_timeout(2300)
    assert len(asked) > before
    assert page.evaluate("document.getElementById('work').kept") is True
    assert page.evaluate("getComputedStyle(document.getElementById('work')).opacity") == "1"


def test_an_answer_that_does_not_come_is_said_where_everybody_sees_it(opened: Opened) -> None:
    page = opened(without=("/poll/",))
    page.locator("#live:not(:empty)").wait_for()
    assert "did not work" in page.locator("#live").inner_text()
    box = page.locator("#live").bounding_box()
    assert box
    assert box["width"] > 200
