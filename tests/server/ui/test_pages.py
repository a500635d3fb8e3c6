"""Every component, the way in and the first pages, looked at by axe in a real browser: phone and desk, light and dark,
English and German."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings as configured
from django.test import Client

from server.ui.browser import Answer, chromium, findings, show, too_small
from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import Role

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.urls("server.ui.style_page"), pytest.mark.django_db]
POLLS = ("/poll/", "/poll/2/", "/segments/preview/")  # asked by pages, no pages themselves
FRAMED = "/preview"  # shown within pages
PASSWORD = "correct horse battery"
STAFF = (
    "/style/",
    "/",
    "/customers/",
    "/segments/",
    "/segments/new/",
    "/segments/import/",
    "/segments/people/",
    "/sources/",
    "/nowhere/",
    "/account/password/change/",
    "/account/logout/",
)
FACTOR = (
    "/account/2fa/totp/deactivate/",
    "/account/2fa/recovery-codes/",
    "/account/2fa/recovery-codes/generate/",
)
WIDTHS = (375, 1280)


def answered(client: Client, addresses: Iterable[str]) -> dict[str, Answer]:
    return {address: Answer.of(client.get(address, follow=True)) for address in addresses}


def speaking(language: str) -> Client:
    """A browser that nobody has logged in with yet."""
    client = Client(headers={"accept-language": language})
    client.cookies[configured.LANGUAGE_COOKIE_NAME] = language
    return client


def everything(language: str) -> dict[str, Answer]:
    """What a visitor, a member of staff, and one with a second factor are shown."""
    anna = User.objects.create_user("anna@example.com", PASSWORD, name="Anna", role=Role.OWNER, language=language)
    way_in = {"login": anna.email, "password": PASSWORD}
    visitor = speaking(language)
    found = answered(visitor, ["/account/login/"])
    wrong = visitor.post("/account/login/", way_in | {"password": "wrong"})
    found["/wrong/"] = Answer.of(wrong)
    visitor.post("/account/login/", way_in)
    found |= answered(visitor, [*STAFF, *POLLS, "/account/2fa/"])
    found["/again/"] = Answer.of(visitor.get("/account/2fa/totp/activate/", follow=True))
    visitor.post("/account/reauthenticate/", {"password": PASSWORD})
    found |= answered(visitor, ["/account/2fa/totp/activate/"])
    TOTP.activate(anna, "A" * 32)
    RecoveryCodes.activate(anna)
    found |= answered(visitor, FACTOR)
    found["/second/"] = Answer.of(speaking(language).post("/account/login/", way_in, follow=True))
    return found


def looked_at(
    browser: "Browser", answers: dict[str, Answer], *, light: str, widths: Iterable[int] = WIDTHS
) -> list[str]:
    """What is wrong with each page at each width."""
    wrong = []
    for width in widths:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=light, reduced_motion="reduce"
        )
        for address in (each for each in answers.keys() - set(POLLS) if not each.endswith(FRAMED)):
            page = context.new_page()
            said = show(page, answers, address)
            said += findings(page) + too_small(page)
            if page.evaluate("document.documentElement.scrollWidth") > width:
                said.append("the page is wider than the screen")
            wrong += [f"{address} at {width}, {light}: {each}" for each in said]
            page.close()
        context.close()
    return wrong


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("light", ["light", "dark"])
def test_every_page_can_be_used_by_everybody(language: str, light: str) -> None:
    answers = everything(language)
    with chromium() as browser:
        wrong = looked_at(browser, answers, light=light)
    assert not wrong, "\n".join(wrong)
