"""Pages of newsletters in a browser: on a phone, in both lights and languages; nothing hidden, nothing too small."""

from collections.abc import Callable

import pytest
from django.test import Client

from server.campaigns.conftest import leave
from server.conftest import NOW
from server.ui.browser import Answer, chromium, findings, show, too_small
from stammkunde.server.accounts.models import User
from stammkunde.server.campaigns.models import Campaign
from stammkunde.server.shop.models import Customer, Imprint

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

Newsletter = Callable[..., Campaign]
LONG = "Frühlingslese mit einem Namen von sechzig Zeichen und noch etwas mehr"


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_page_fits_a_phone_and_is_read_by_everybody(
    owner: Client, newsletter: Newsletter, begin: Newsletter, people: dict[str, Customer], language: str
) -> None:
    Imprint.objects.create(name="Teehaus", address="Teeweg 1\n10115 Berlin", email="hallo@shop.example")
    draft = newsletter(("all", {"de": LONG}), ("new", {}), name=LONG)
    done = begin(newsletter(("all", {"de": "A"}), ("all", {"de": "B"}), public=True))
    leave(done, "Anna", "Ben", at=NOW)
    User.objects.update(language=language)
    places = ["/newsletter/", "/newsletter/new", f"/newsletter/{draft.pk}/", f"/newsletter/{draft.pk}/edit"]
    places += [f"/newsletter/{done.pk}/", "/p/archive/"]
    answers = {place: Answer.of(owner.get(place, headers={"Accept-Language": language})) for place in places}
    wrong = []
    with chromium() as browser:
        for place in places:
            for light in ("light", "dark"):
                page = browser.new_context(viewport={"width": 375, "height": 800}, color_scheme=light).new_page()
                said = [each for each in show(page, answers, place) if "404" not in each]
                wide = page.evaluate("document.documentElement.scrollWidth") > 375
                small = [] if place.startswith("/p/") else too_small(page)
                wrong += [
                    (place, light, each) for each in (*said, *findings(page), *small, *(["too wide"] if wide else []))
                ]
    assert wrong == []
