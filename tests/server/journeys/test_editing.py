"""Journeys are written, published, switched and brought as files; who is on one stays on what they entered."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from server.conftest import NOW
from server.journeys.conftest import Shop
from stammkunde.server.accounts.models import Entry
from stammkunde.server.journeys import library
from stammkunde.server.journeys.actions import editing
from stammkunde.server.journeys.actions.editing import JourneyError
from stammkunde.server.journeys.actions.publishing import publish
from stammkunde.server.journeys.definitions.files import read_file
from stammkunde.server.journeys.definitions.values import DefinitionError
from stammkunde.server.journeys.models import Journey
from stammkunde.server.mail.actions import templates
from stammkunde.server.mail.models import Message, Template
from stammkunde.server.segments.models import Segment

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Where = Callable[[], dict[str, str]]
FLOWS = sorted(Path(str(library.__path__[0])).glob("flows/*.yaml"))
MAIL = {
    "name": {"en": "Hello", "de": "Hallo"}, "purpose": "order", "subject": {"en": "Hello", "de": "Hallo"},
    "blocks": [{"kind": "text", "text": {"en": "Hello", "de": "Hallo"}}],
}  # fmt: skip
THANKS: dict[str, Any] = {
    "format": 1,
    "key": "thanks",
    "name": {"en": "Thanks", "de": "Dank"},
    "trigger": {"on": "order"},
    "per": "order",
    "exit": ["returned"],
    "steps": [
        {"id": "w", "do": "wait", "for": "2d"},
        {"id": "m", "do": "send", "mail": "hello", "max_age": "5d"},
    ],
}


@pytest.fixture
def thanks(db: None) -> Journey:
    """A journey that waits two days and sends a mail; not published yet."""
    del db
    templates.create({"key": "hello", **MAIL}, language="en", now=NOW, by=None)
    return editing.create(THANKS, now=NOW, by=None)


def live(journey: Journey) -> Journey:
    return Journey.objects.get(pk=journey.pk)


def test_what_was_published_lets_in_who_orders_from_then_on(shop: Shop, thanks: Journey, where: Where) -> None:
    shop.order("Ben", NOW - HOUR)
    publish(thanks, now=NOW, by=None)
    shop.order("Anna", NOW + HOUR)
    shop.tick(to=NOW + 2 * HOUR)
    assert where() == {}  # it is off
    editing.switch(thanks, "on", now=NOW + 2 * HOUR, by=None)
    shop.order("Deniz", NOW + 3 * HOUR)
    shop.tick(to=NOW + 4 * HOUR)
    assert where() == {"Deniz": "w"}


def test_a_version_never_changes_and_who_is_on_it_stays(shop: Shop, thanks: Journey, where: Where) -> None:
    first = publish(thanks, now=NOW, by=None)
    editing.switch(thanks, "on", now=NOW, by=None)
    shop.order("Anna", NOW + HOUR)
    shop.tick(to=NOW + 2 * HOUR)
    editing.save_draft(thanks, THANKS | {"steps": [{"id": "only", "do": "wait", "for": "9d"}]}, now=NOW, by=None)
    second = publish(thanks, now=NOW + 2 * HOUR, by=None)
    shop.order("Ben", NOW + 2 * HOUR)
    shop.tick(to=NOW + 3 * HOUR)
    assert where() == {"Anna": "w", "Ben": "only"}
    assert (first.number, second.number, first.definition["steps"]) == (1, 2, THANKS["steps"])


def test_publishing_what_has_not_changed_is_the_version_there_is(thanks: Journey) -> None:
    assert publish(thanks, now=NOW, by=None) == publish(thanks, now=NOW + DAY, by=None)
    assert live(thanks).live_since == NOW
    draft = MAIL | {"subject": {"en": "Hi", "de": "Hi"}}
    templates.save_draft(Template.objects.get(), draft, now=NOW, by=None, language="en")
    assert publish(thanks, now=NOW + DAY, by=None).number == 2  # another text of the mail is another version
    assert Message.objects.filter(origin="journey").count() == 2


def test_another_text_loses_nobody_and_another_trigger_floods_nobody(shop: Shop, thanks: Journey, where: Where) -> None:
    publish(thanks, now=NOW, by=None)
    editing.switch(thanks, "on", now=NOW, by=None)
    shop.order("Anna", NOW + HOUR, paid_at=NOW + HOUR)  # told late, after it was published again
    editing.save_draft(thanks, THANKS | {"exit": []}, now=NOW, by=None)
    publish(thanks, now=NOW + 2 * HOUR, by=None)
    shop.tick(to=NOW + 3 * HOUR)
    assert where() == {"Anna": "w"}
    shop.order("Ben", NOW + HOUR, paid_at=NOW + HOUR)
    editing.save_draft(thanks, THANKS | {"trigger": {"on": "paid"}}, now=NOW, by=None)
    publish(thanks, now=NOW + 4 * HOUR, by=None)
    shop.tick(to=NOW + 5 * HOUR)
    assert where() == {"Anna": "w"}


def test_the_message_of_a_step_says_what_makes_it_pointless(thanks: Journey) -> None:
    publish(thanks, now=NOW, by=None)
    message = Message.objects.get()
    assert (message.step, message.marketing) == ("m", False)
    assert message.rules == {"unless": ["returned"], "max_age": "5d"}


def test_a_journey_without_its_mail_is_not_published_and_says_which(thanks: Journey) -> None:
    templates.retire(Template.objects.get(), now=NOW, by=None)
    with pytest.raises(JourneyError, match="hello"):
        publish(thanks, now=NOW, by=None)
    with pytest.raises(JourneyError):
        editing.switch(thanks, "on", now=NOW, by=None)


def test_a_draft_that_is_none_is_refused_and_the_old_one_stays(thanks: Journey) -> None:
    with pytest.raises(DefinitionError):
        editing.save_draft(thanks, THANKS | {"steps": []}, now=NOW, by=None)
    assert live(thanks).draft == THANKS


def test_what_staff_do_stands_in_the_log(thanks: Journey) -> None:
    editing.save_draft(thanks, THANKS | {"exit": []}, now=NOW, by=None)
    publish(thanks, now=NOW, by=None)
    editing.switch(thanks, "on", now=NOW, by=None)
    verbs = list(Entry.objects.filter(subject="journey").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["made", "changed", "published", "switched"]


def test_a_chance_that_falls_is_noticed_by_a_segment_made_for_it(thanks: Journey) -> None:
    editing.save_draft(
        thanks, THANKS | {"per": "customer", "trigger": {"on": "p_alive", "below": 0.4}}, now=NOW, by=None
    )
    publish(thanks, now=NOW, by=None)
    publish(thanks, now=NOW, by=None)
    segment = Segment.objects.get()
    assert segment.rule["rule"] == {"fact": "p_alive", "op": "<", "value": 0.4}


@pytest.mark.parametrize("path", FLOWS, ids=[path.stem for path in FLOWS])
def test_every_flow_of_the_library_comes_in_and_goes_out_as_it_is(db: None, path: Path) -> None:
    del db
    text = path.read_text(encoding="utf-8")
    came = editing.import_file(text, now=NOW, by=None, flow=path.stem)
    assert came.journey.state == "off"
    assert set(came.made) == set(read_file(text).mails)
    out = read_file(editing.export(came.journey))
    assert out.definition == read_file(text).definition
    again = editing.import_file(editing.export(came.journey), now=NOW, by=None)
    assert again.journey.key == f"{came.journey.key}-2"
    assert again.made == ()


def test_a_journey_is_called_as_the_pages_speak(settings: Settings, thanks: Journey) -> None:
    assert thanks.name == "Thanks"
    settings.LANGUAGE_CODE = "de"
    assert editing.copy(thanks, now=NOW, by=None).name == "Dank"
