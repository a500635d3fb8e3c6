"""Pages of newsletters: written, looked at, approved, on their way, over; and the archive for everybody."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils import timezone

from server.campaigns.conftest import DOCUMENT, leave
from server.conftest import NOW
from stammkunde.server.accounts.models import User
from stammkunde.server.campaigns.models import Campaign
from stammkunde.server.campaigns.queries.lists import page
from stammkunde.server.mail.models import Send, Sender, Template
from stammkunde.server.shop.models import Customer, Imprint

pytestmark = pytest.mark.django_db

Newsletter = Callable[..., Campaign]
EMPTY = {"t-TOTAL_FORMS": "1", "t-INITIAL_FORMS": "0", "t-0-tenure": "all"}


def form(template: Template, **more: str) -> dict[str, str]:
    """A form as the browser sends it."""
    typed = {"name": "Spring", "purpose": "newsletter", "when": "once", "goal": "orders", "window_hours": "72"}
    return typed | {"spread_hours": "20", **EMPTY, "t-0-template": str(template.pk)} | more


def test_an_empty_page_says_what_it_is_and_what_it_needs(owner: Client) -> None:
    assert "Write a mail first" in owner.get("/newsletter/").content.decode()


def test_somebody_writes_a_newsletter_and_finds_it_on_its_page(
    owner: Client, template: Template, people: dict[str, Customer]
) -> None:
    answer = owner.post("/newsletter/new", form(template, **{"t-0-subject_de": "Erste Ernte"}))
    campaign = Campaign.objects.get()
    assert answer.url == f"/newsletter/{campaign.pk}/"  # type: ignore[attr-defined]
    assert campaign.variants.get().subjects == {"de": "Erste Ernte"}
    seen = owner.get(answer.url).content.decode()  # type: ignore[attr-defined]
    assert "3 of 4 customers would get it" in seen
    assert "They have not agreed to it." in seen
    assert "Erste Ernte" in seen


def test_a_moment_is_typed_in_the_zone_of_the_shop(owner: Client, template: Template) -> None:
    owner.post("/newsletter/new", form(template, when="moment", at="2026-07-01T09:00"))
    at = Campaign.objects.get().at
    assert at is not None
    assert at.isoformat() == "2026-07-01T07:00:00+00:00"
    assert 'value="2026-07-01T09:00"' in owner.get(f"/newsletter/{Campaign.objects.get().pk}/edit").content.decode()


def test_what_was_chosen_asks_for_its_fields(owner: Client, template: Template) -> None:
    assert "A moment is needed here." in owner.post("/newsletter/new", form(template, when="moment")).content.decode()
    assert "A day and an hour are needed" in owner.post("/newsletter/new", form(template, when="zone")).content.decode()
    assert not Campaign.objects.exists()


def test_one_more_text_needs_no_script_and_loses_nothing(owner: Client, template: Template) -> None:
    seen = owner.post("/newsletter/new", form(template, do="more", name="Half")).content.decode()
    assert 'name="t-1-template"' in seen
    assert 'value="Half"' in seen
    assert not Campaign.objects.exists()


def test_a_subject_is_cut_while_it_is_typed(owner: Client) -> None:
    long = "Neue Tees aus Darjeeling und drei Kannen, die warm halten"
    seen = owner.post("/newsletter/subject", {"t-0-subject_de": long}).content.decode()
    assert "Neue Tees aus Darjeeling und drei…" in seen
    assert "A phone cuts it" in seen


def test_hostile_subjects_stay_text(owner: Client, template: Template) -> None:
    owner.post("/newsletter/new", form(template, **{"t-0-subject_en": "<script>alert(1)</script>"}))
    seen = owner.get(f"/newsletter/{Campaign.objects.get().pk}/").content.decode()
    assert "<script>alert" not in seen


def test_it_is_approved_released_stopped_and_gone_on_with_by_buttons(
    owner: Client, newsletter: Newsletter, people: dict[str, Customer]
) -> None:
    User.objects.filter(email="boss@example.com").update(is_active=False)
    campaign = newsletter()
    here = f"/newsletter/{campaign.pk}/"
    for button, state in (("approve", "approved"), ("schedule", "scheduled"), ("stop", "approved"), ("back", "draft")):
        owner.post(f"{here}{button}")
        campaign.refresh_from_db()
        assert campaign.state == state
        assert owner.get(here).status_code == 200


def test_somebody_sends_the_texts_to_themselves_and_no_customer_is_told(
    owner: Client, newsletter: Newsletter, people: dict[str, Customer], settings: Any, tmp_path: Path
) -> None:
    settings.DATA = tmp_path
    Sender.objects.create(address="hallo@shop.example", name="Teehaus")
    campaign = newsletter(("all", {"de": "A"}), ("all", {"de": "B", "en": "The B subject"}))
    seen = owner.post(f"/newsletter/{campaign.pk}/test", follow=True).content.decode()
    assert "Sent to owner@example.com." in seen
    mails = [each.read_bytes() for each in sorted((tmp_path / "mail").glob("*.eml"))]
    assert len(mails) == 2
    assert all(b"owner@example.com" in each for each in mails)
    assert any(b"[Test B] The B subject" in each for each in mails)
    assert not Send.objects.exists()


def test_a_subject_that_deceives_is_told_and_does_not_go_out(
    owner: Client, newsletter: Newsletter, people: dict[str, Customer]
) -> None:
    User.objects.filter(email="boss@example.com").update(is_active=False)
    campaign = newsletter(("all", {"en": "Re: your order"}))
    assert "looks like an answer" in owner.get(f"/newsletter/{campaign.pk}/").content.decode()
    seen = owner.post(f"/newsletter/{campaign.pk}/approve", follow=True).content.decode()
    assert "cannot go out so" in seen
    campaign.refresh_from_db()
    assert campaign.state == "draft"


def test_get_changes_nothing(owner: Client, newsletter: Newsletter) -> None:
    campaign = newsletter()
    for button in ("approve", "schedule", "stop", "resume", "back", "copy", "delete", "test"):
        assert owner.get(f"/newsletter/{campaign.pk}/{button}").status_code == 405


def test_who_may_write_may_not_let_it_go_out(as_role: Callable[[str], Client], newsletter: Newsletter) -> None:
    campaign = newsletter()
    reader = as_role("reader")
    assert reader.get(f"/newsletter/{campaign.pk}/").status_code == 200
    assert reader.get("/newsletter/new").status_code == 403
    assert reader.post(f"/newsletter/{campaign.pk}/approve").status_code == 403


def test_a_page_on_its_way_tells_how_far_it_is_and_why_some_get_nothing(
    owner: Client, newsletter: Newsletter, begin: Newsletter, people: dict[str, Customer]
) -> None:
    campaign = begin(newsletter(("all", {"de": "A"}), ("all", {"de": "B"})))
    leave(campaign, "Anna", "Ben", at=NOW)
    Send.objects.filter(customer=people["Clara"]).update(state="suppressed", reason="no_consent", settled_at=NOW)
    seen = owner.get(f"/newsletter/{campaign.pk}/").content.decode()
    assert "3 of 4 have an end; left: 1." in seen
    assert "They have not agreed to it." in seen
    assert "not because of it" in seen
    assert owner.get(f"/newsletter/{campaign.pk}/progress").status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_a_list_of_one_and_of_three(owner: Client, newsletter: Newsletter, number: int) -> None:
    for each in range(number):
        newsletter(name=f"Number {each}")
    assert owner.get("/newsletter/").content.decode().count("Number ") == number
    found = page(now=NOW, most=2)
    rest = page(now=NOW, before=found.before, most=2) if found.before else None
    names = [row.campaign.name for part in (found, rest) if part for row in part.rows]
    assert names == [f"Number {each}" for each in reversed(range(number))]


def test_a_copy_is_a_draft_without_a_time(owner: Client, newsletter: Newsletter, begin: Newsletter) -> None:
    campaign = begin(newsletter(("all", {"de": "A"}), at=NOW))
    owner.post(f"/newsletter/{campaign.pk}/copy")
    made = Campaign.objects.exclude(pk=campaign.pk).get()
    assert (made.state, made.at, made.variants.get().subjects) == ("draft", None, {"de": "A"})


def test_what_went_out_is_not_thrown_away(owner: Client, newsletter: Newsletter, begin: Newsletter) -> None:
    campaign = begin(newsletter())
    owner.post(f"/newsletter/{campaign.pk}/delete")
    assert Campaign.objects.filter(pk=campaign.pk).exists()
    other = newsletter(name="Never")
    owner.post(f"/newsletter/{other.pk}/delete")
    assert not Campaign.objects.filter(pk=other.pk).exists()


# --- the archive ------------------------------------------------------------------------------------------------------


@pytest.fixture
def published(newsletter: Newsletter, begin: Newsletter, people: dict[str, Customer], template: Template) -> Campaign:
    """A newsletter that everybody may read, with a block that only some may."""
    Imprint.objects.create(name="Teehaus", address="Teeweg 1\n10115 Berlin", email="hallo@shop.example")
    secret = {"kind": "text", "purpose": "offer", "text": {"en": "Only for friends", "de": "Nur für Freunde"}}
    template.draft = DOCUMENT | {"blocks": [secret, *DOCUMENT["blocks"]]}  # type: ignore[misc]
    template.save()
    return begin(newsletter(public=True))


def test_the_archive_shows_what_was_published_to_nobody_in_particular(published: Campaign, client: Client) -> None:
    assert "The new harvest is here" in client.get("/p/archive/?lang=en").content.decode()
    assert client.get(f"/p/archive/{published.slug}/").status_code == 200
    seen = client.get(f"/p/archive/{published.slug}/mail?lang=en").content.decode()
    assert "Hello there" in seen
    assert "Only for friends" not in seen
    assert "example.com" not in seen
    assert "/p/u/" not in seen
    assert "/p/preferences/" not in seen
    assert "Teehaus" in seen


def test_the_archive_is_read_in_german_too(published: Campaign, client: Client) -> None:
    assert "Frühlingstee" in client.get(f"/p/archive/{published.slug}/mail?lang=de").content.decode()
    assert "Newsletter-Archiv" in client.get("/p/archive/", headers={"Accept-Language": "de"}).content.decode()


def test_a_mail_of_the_archive_may_run_and_load_nothing_of_others(published: Campaign, client: Client) -> None:
    policy = client.get(f"/p/archive/{published.slug}/mail").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert not re.search(r"img-src[^;]*https://", policy)  # it has no pictures


def test_only_what_is_public_and_has_gone_out_is_in_the_archive(
    client: Client, newsletter: Newsletter, begin: Newsletter
) -> None:
    draft, private = newsletter(public=True, name="Draft"), begin(newsletter(name="Private"))
    for each in (draft, private):
        assert client.get(f"/p/archive/{each.slug}/").status_code == 404
        assert client.get(f"/p/archive/{each.slug}/mail").status_code == 404
    assert "Nothing has been published yet." in client.get("/p/archive/?lang=en").content.decode()


def test_the_feed_is_atom_with_addresses_that_hold(published: Campaign, client: Client) -> None:
    answer = client.get("/p/archive/feed.xml?lang=en")
    assert answer["Content-Type"].startswith("application/atom+xml")
    atom = {"a": "http://www.w3.org/2005/Atom"}
    entry = ET.fromstring(answer.content).find("a:entry", atom)
    assert entry is not None
    assert entry.findtext("a:title", "", atom) == "The new harvest is here"
    link = entry.find("a:link", atom)
    assert link is not None
    assert client.get(re.sub(r"^https?://[^/]+", "", link.attrib["href"])).status_code == 200
    assert entry.findtext("a:updated", "", atom).startswith(f"{NOW:%Y-%m-%dT%H:%M}")


def test_the_archive_goes_on_page_by_page(newsletter: Newsletter, client: Client) -> None:
    for number in range(31):
        made = newsletter(name=f"No {number}", public=True)
        at = timezone.now() - timedelta(days=number)
        Campaign.objects.filter(pk=made.pk).update(state="done", started_at=at)
    first = client.get("/p/archive/?lang=en").content.decode()
    following = re.search(r'href="(\?before=[^"]+)"', first)
    assert following is not None
    assert "No 30" in client.get(f"/p/archive/{following[1].replace('&amp;', '&')}").content.decode()
