"""Mails as people see them: in every voice, light and dark, on a phone and at a desk, looked at by axe in a browser."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from server.mail import mails
from server.ui.browser import chromium, findings, too_small
from stammkunde.server.mail.rendering.documents import read
from stammkunde.server.mail.rendering.rendering import Rendered, draft
from stammkunde.server.mail.rendering.voices import VOICES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

pytestmark = pytest.mark.browser
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="300"><rect width="600" height="300"/></svg>'
WIDTHS = (320, 720)
LIGHTS = ("light", "dark")


def rendered(text: str, voice: str) -> Rendered:
    document = mails.mail(text)
    return draft(read(document), voice).render(mails.known(voice, document, image="p"))


def looked_at(browser: "Browser", html: str, *, light: str, asked: list[str]) -> list[str]:
    """What is wrong with a mail, at each width; `asked` gathers every address that is asked for."""

    def answer(route: "Route") -> None:
        asked.append(route.request.url)
        if route.request.resource_type == "image":
            route.fulfill(body=PICTURE, content_type="image/svg+xml")
        else:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")

    wrong = []
    for width in WIDTHS:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=light)  # type: ignore[arg-type]
        page = context.new_page()
        page.route("**/*", answer)
        page.goto("https://mail.example/")
        said = findings(page) + too_small(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            said.append("the mail is wider than the screen")
        wrong += [f"at {width}, {light}: {each}" for each in said]
        context.close()
    return wrong


EVERY = [(name, voice) for name in ("ORDER", "CART", "NEWSLETTER") for voice in VOICES]


@pytest.mark.parametrize(("name", "voice"), EVERY)
def test_every_mail_can_be_read_by_everybody(name: str, voice: str) -> None:
    html, asked = rendered(getattr(mails, name), voice).html, list[str]()
    with chromium() as browser:
        wrong = [each for light in LIGHTS for each in looked_at(browser, html, light=light, asked=asked)]
    assert not wrong, "\n".join(wrong)
    assert {urlsplit(each).hostname for each in asked} <= {"mail.example", "shop.example"}, "nothing else is loaded"


def test_in_the_dark_the_mail_is_dark() -> None:
    with chromium() as browser:
        page = browser.new_page(color_scheme="dark")
        page.set_content(rendered(mails.CART, "en").html)
        ground = page.evaluate("getComputedStyle(document.querySelector('.sheet')).backgroundColor")
        ink = page.evaluate("getComputedStyle(document.querySelector('.sheet h1')).color")
    assert (ground, ink) == ("rgb(27, 30, 34)", "rgb(232, 234, 237)")
