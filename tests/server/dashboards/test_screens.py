"""Start, the list and a profile with data in them, looked at by axe in a real browser."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from server.ui.browser import Answer, chromium, findings, show, too_small
from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import Role
from stammkunde.server.clv.actions import spend
from stammkunde.server.dashboards.actions.overview import renew
from stammkunde.server.segments.models import State

from .conftest import NOW, UNTIL, Make

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


def staff(language: str) -> Client:
    user = User.objects.create_user(f"{language}@example.com", "x" * 16, role=Role.OWNER, language=language)
    client = Client(headers={"accept-language": language})
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.parametrize(("language", "light", "width"), [("en", "light", 1280), ("de", "dark", 375)])
def test_pages_with_customers_can_be_used_by_everybody(buyer: Make, language: str, light: str, width: int) -> None:
    long = "Maximiliane Freifrau von und zu Hohenfriedberg-Schreckenstein"
    anna = buyer(
        long, 400, 200, 100, worth=60_000, state=State.SLIPPING, country="DE", channel="web", email="a@b.example"
    )
    for k, state in enumerate(State.values):
        buyer(f"Ben {k}", *([] if state == State.LEAD else [95 + 30 * k]), state=state, country="AT")
    spend(channel="web", month=UNTIL - timedelta(days=400), amount=5_000, now=NOW, by=None)
    renew(now=NOW)
    client = staff(language)
    pages = ("/", "/customers/?state=slipping", f"/customers/{anna.pk}/")
    answers = {f"/{k}/": Answer.of(client.get(page)) for k, page in enumerate(pages)}
    wrong = []
    with chromium() as browser:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=light, reduced_motion="reduce"
        )
        for address, page in zip(answers, pages, strict=True):
            tab = context.new_page()
            said = show(tab, answers, address)
            tab.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
            said += findings(tab) + too_small(tab)
            if tab.evaluate("document.documentElement.scrollWidth") > width:
                said.append("the page is wider than the screen")
            wrong += [f"{page}: {each}" for each in said]
    assert not wrong, "\n".join(wrong)
