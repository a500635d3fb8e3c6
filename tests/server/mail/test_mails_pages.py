"""Mails on their pages: begun, written part by part, looked at as somebody, published, tried on oneself."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from stammkunde.server.mail.actions import templates
from stammkunde.server.mail.forms.editing import sheet
from stammkunde.server.mail.models import Template, Version
from stammkunde.server.shop.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail(now: datetime) -> Template:
    """A mail with a heading, a text and a button."""
    document = {
        "key": "thanks",
        "name": {"en": "Thanks", "de": "Danke"},
        "purpose": "vip",
        "subject": {"en": "Thank you, {{ customer.first_name }}", "de-du": "Danke dir", "de-sie": "Danke Ihnen"},
        "blocks": [
            {"kind": "heading", "text": {"en": "Thank you", "de": "Danke"}},
            {"kind": "text", "text": {"en": "For all these years.", "de": "Für all die Jahre."}},
            {"kind": "button", "label": {"en": "Look", "de": "Ansehen"}, "link": "https://shop.example/"},
        ],
    }
    return templates.create(document, language="en", now=now, by=None)


def typed(mail: Template, **more: str) -> dict[str, str]:
    """The form as it is shown, with something else in it."""
    shown = sheet(mail.draft)
    slots = [*shown.lines, *(slot for card in shown.cards for slot in card.slots)]
    found = {slot.name: slot.value for slot in slots} | {f"blocks[{c.place}].kind": c.kind for c in shown.cards}
    return found | {"purpose": shown.purpose, "accent": shown.accent, "do": "save"} | more


def test_a_mail_is_begun_with_what_it_is_for(owner: Client) -> None:
    answer = owner.post("/mails/new", {"name": "Frühling!", "purpose": "newsletter"})
    made = Template.objects.get()
    assert (made.key, made.purpose, answer["Location"]) == ("fruhling", "newsletter", f"/mails/{made.pk}/")
    assert owner.post("/mails/new", {"name": "Frühling!", "purpose": "newsletter"}).status_code == 302
    assert owner.get("/mails/").content.decode().count("not published") == 2


def test_what_is_typed_is_kept_and_what_is_wrong_is_said_and_not_lost(owner: Client, mail: Template) -> None:
    owner.post(f"/mails/{mail.pk}/", typed(mail, **{"blocks[1].text.en": "For ever."}))
    mail.refresh_from_db()
    assert mail.draft["blocks"][1]["text"]["en"] == "For ever."
    shown = owner.post(f"/mails/{mail.pk}/", typed(mail, **{"blocks[1].text.en": "{{ customer.secret }}"}))
    assert "{{ customer.secret }}" in shown.content.decode()
    assert 'aria-invalid="true"' in shown.content.decode()
    mail.refresh_from_db()
    assert mail.draft["blocks"][1]["text"]["en"] == "For ever."


def test_a_part_is_added_moved_and_taken_away_without_a_script(owner: Client, mail: Template) -> None:
    owner.post(f"/mails/{mail.pk}/", typed(mail, do="add", kind="divider"))
    owner.post(f"/mails/{mail.pk}/", typed(Template.objects.get(), do="up:3"))
    owner.post(f"/mails/{mail.pk}/", typed(Template.objects.get(), do="remove:0"))
    kinds = [block["kind"] for block in Template.objects.get().draft["blocks"]]
    assert kinds == ["text", "divider", "button", "footer"]


def test_it_is_looked_at_as_anna_in_her_voice_and_by_itself(owner: Client, mail: Template, now: datetime) -> None:
    Customer.objects.create(
        origin="email:0:anna", name="Anna Muster", email="anna@example.com", known_since=now, changed_at=now
    )
    page = owner.get(f"/mails/{mail.pk}/?voice=en&as=anna@example.com&width=text").content.decode()
    assert "Thank you, Anna" in page
    assert "Anna Muster would not get it now." in page
    letter = owner.get(f"/mails/{mail.pk}/preview?voice=de-du")
    assert "Für all die Jahre." in letter.content.decode()
    assert "sandbox" in letter["Content-Security-Policy"]
    assert letter["X-Frame-Options"] == "SAMEORIGIN"


def test_only_who_writes_mails_changes_them(as_role: Callable[[str], Client], mail: Template) -> None:
    reader = as_role("reader")
    assert reader.get(f"/mails/{mail.pk}/").status_code == 200
    assert reader.post(f"/mails/{mail.pk}/", typed(mail)).status_code == 404
    assert reader.post(f"/mails/{mail.pk}/publish").status_code == 403
    assert reader.get("/mails/new").status_code == 403


def test_published_it_is_a_version_and_what_is_written_later_waits(owner: Client, mail: Template) -> None:
    owner.post(f"/mails/{mail.pk}/publish")
    owner.post(f"/mails/{mail.pk}/", typed(mail, **{"blocks[1].text.en": "Later."}))
    page = owner.get(f"/mails/{mail.pk}/").content.decode()
    assert "goes out once it is published" in page
    assert Version.objects.get().document["blocks"][1]["text"]["en"] == "For all these years."


def test_it_is_sent_to_oneself(owner: Client, mail: Template, settings: Any, tmp_path: Any) -> None:
    settings.EMAIL_FILE_PATH = tmp_path
    page = owner.post(f"/mails/{mail.pk}/test?voice=en", follow=True).content.decode()
    assert "owner@example.com" in page
