"""The editor of journeys: what is typed comes out as it went in, what is pressed is done, what is wrong is said."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from stammkunde.server.journeys.actions import copying, editing
from stammkunde.server.journeys.definitions.language import END
from stammkunde.server.journeys.definitions.reading import read, written
from stammkunde.server.journeys.forms.editing import Sheet, definition, sheet, words
from stammkunde.server.journeys.forms.naming import STEPS, TRIGGERS
from stammkunde.server.journeys.forms.slots import Choices, Slot
from stammkunde.server.journeys.models import Enrolment, Journey, Simulation
from stammkunde.server.journeys.queries.library import flow, flows
from stammkunde.server.journeys.steps.base import kinds
from stammkunde.server.journeys.triggers.base import sources
from stammkunde.server.lib.models import Job
from stammkunde.server.lib.work import run_due
from stammkunde.server.mail.models import Template
from stammkunde.server.shop.models import Customer


def choices(data: dict[str, Any]) -> Choices:
    steps = [(each["id"], each["id"]) for each in data["steps"]]
    return Choices([], [], [], words(), [("", "–"), *steps, (END, "the end")])


def slots(shown: Sheet) -> list[Slot]:
    cards = [slot for card in shown.cards for slot in card.slots]
    return [*shown.names, *shown.trigger, *shown.audience, *shown.ends, *cards]


def posted(shown: Sheet) -> dict[str, Any]:
    typed: dict[str, Any] = {slot.name: slot.value for slot in slots(shown)}
    for card in shown.cards:
        typed |= {f"steps[{card.place}].do": card.kind, f"steps[{card.place}].id": card.id}
    return typed


def kept(data: dict[str, Any]) -> dict[str, Any]:
    """As it is kept: read, and written again."""
    return written(read(data))


@pytest.mark.parametrize("name", [each.key for each in flows()])
def test_a_form_that_nobody_touched_gives_the_same_journey(name: str) -> None:
    found = flow(name)
    assert found is not None
    data = written(found.definition)
    said = definition(data, posted(sheet(data, choices(data))))
    assert kept(said | {"name": data["name"]}) == data


def test_every_step_and_every_trigger_there_is_has_its_words() -> None:
    assert set(STEPS) == set(kinds())
    assert set(TRIGGERS) == set(sources())


CART = written(flow("cart").definition)  # type: ignore[union-attr]  # it is in the library


@settings(max_examples=50)
@given(st.lists(st.sampled_from(["up", "down", "remove", "add"]), max_size=8), st.data())
def test_whatever_is_pressed_no_step_leads_to_one_that_is_gone(verbs: list[str], data: st.DataObject) -> None:
    draft = CART
    for verb in verbs:
        what = data.draw(st.sampled_from(sorted(STEPS))) if verb == "add" else str(data.draw(st.integers(-1, 9)))
        draft = definition(draft, posted(sheet(draft, choices(draft))) | {"do": f"{verb}:{what}"})
        ids = [each["id"] for each in draft["steps"]]
        assert len(ids) == len(set(ids))
        ways = [each.get(name, END) for each in draft["steps"] for name in ("then", "else", "next")]
        ways += [way["to"] for each in draft["steps"] for way in each.get("ways", ())]
        assert {each for each in ways if each} <= {*ids, END}


def test_what_is_wrong_is_said_beside_its_field() -> None:
    shown = sheet(CART, choices(CART), error="No time.", where="steps[0].mail")
    assert [slot.name for slot in slots(shown) if slot.error] == ["steps[0].mail"]
    assert shown.error == ""


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def cart(db: None, now: datetime) -> Journey:
    """The cart flow as a shop copied it."""
    del db
    found = flow("cart")
    assert found is not None
    return copying.copy(found, language="en", now=now)


def test_the_owner_shapes_a_journey_and_nothing_goes_out_by_it(owner: Client, cart: Journey) -> None:
    data = dict(cart.draft)
    typed = posted(sheet(data, choices(data))) | {"do": "add", "kind": "wait", "name.de": "Körbe", "name.en": "Carts"}
    shown = owner.post(f"/journeys/{cart.pk}/edit", typed).content.decode()
    assert "This is missing" in shown or "wait1" in shown  # a wait that says no time is not kept
    typed = posted(sheet(data, choices(data))) | {"do": "save", "name.de": "Körbe", "name.en": "Carts"}
    owner.post(f"/journeys/{cart.pk}/edit", typed)
    cart.refresh_from_db()
    assert (cart.draft["name"], cart.state, cart.live) == ({"de": "Körbe", "en": "Carts"}, "off", None)


def test_a_journey_is_published_and_switched_on_by_who_may(
    owner: Client, as_role: Callable[[str], Client], cart: Journey
) -> None:
    assert as_role("analyst").post(f"/journeys/{cart.pk}/publish").status_code == 403
    owner.post(f"/journeys/{cart.pk}/publish")
    owner.post(f"/journeys/{cart.pk}/switch", {"state": "on"})
    cart.refresh_from_db()
    assert (cart.state, cart.live is not None) == ("on", True)
    shown = owner.get(f"/journeys/{cart.pk}/").content.decode()
    assert "Let nobody new in" in shown
    owner.post(f"/journeys/{cart.pk}/switch", {"state": "nonsense"})
    owner.post(f"/journeys/{cart.pk}/switch", {"state": "off"})
    cart.refresh_from_db()
    assert cart.state == "off"


def test_annas_position_is_seen_explained_and_mended(owner: Client, cart: Journey, now: datetime) -> None:
    owner.post(f"/journeys/{cart.pk}/publish")
    cart.refresh_from_db()
    anna = Customer.objects.create(
        origin="email:0:anna", name="Anna", email="anna@example.com", known_since=now, changed_at=now
    )
    assert cart.live is not None
    steps = [each.id for each in read(cart.live.definition).steps]
    times = {"due_at": now, "entered_at": now, "stepped_at": now}
    made = Enrolment.objects.create(
        journey=cart, version=cart.live, customer=anna, step=steps[0], draw=1, key="cart:1", **times
    )
    assert "Anna" in owner.get(f"/journeys/{cart.pk}/people/?step={steps[0]}").content.decode()
    assert owner.get(f"/journeys/{cart.pk}/people/?search=anna@example.com").status_code == 302
    assert "Entered on" in owner.get(f"/journeys/{cart.pk}/people/{anna.pk}/").content.decode()
    owner.post(f"/journeys/enrolments/{made.pk}/repair", {"do": "end"})
    made.refresh_from_db()
    assert made.state == "left"


def test_people_on_an_earlier_version_are_moved_after_a_look(owner: Client, cart: Journey, now: datetime) -> None:
    owner.post(f"/journeys/{cart.pk}/publish")
    cart.refresh_from_db()
    old = cart.live
    assert old is not None
    ben = Customer.objects.create(origin="email:0:ben", name="Ben", known_since=now, changed_at=now)
    times = {"due_at": now, "entered_at": now, "stepped_at": now}
    step = read(old.definition).steps[0].id
    made = Enrolment.objects.create(journey=cart, version=old, customer=ben, step=step, draw=1, key="cart:1", **times)
    draft = dict(cart.draft) | {"exit": ["ordered"]}
    editing.save_draft(cart, draft, now=now, by=None)
    owner.post(f"/journeys/{cart.pk}/publish")
    shown = owner.get(f"/journeys/{cart.pk}/versions/{old.pk}/move").content.decode()
    assert "Nothing has happened yet" in shown
    made.refresh_from_db()
    assert made.version == old
    owner.post(f"/journeys/{cart.pk}/versions/{old.pk}/move", {})
    made.refresh_from_db()
    assert made.version != old


def test_a_journey_leaves_and_comes_as_a_file(owner: Client, cart: Journey) -> None:
    text = owner.get(f"/journeys/{cart.pk}/file.yaml").content
    from django.core.files.uploadedfile import SimpleUploadedFile  # only here

    owner.post("/journeys/import", {"file": SimpleUploadedFile("cart.yaml", text)})
    assert Journey.objects.count() == 2
    owner.post("/journeys/import", {"file": SimpleUploadedFile("x.yaml", b"\xff\xfe")})
    owner.post("/journeys/import", {})
    assert Journey.objects.count() == 2


def test_the_list_is_empty_with_a_way_on_and_a_new_journey_can_be_begun(owner: Client) -> None:
    assert "No journey yet" in owner.get("/journeys/").content.decode()
    answer = owner.post("/journeys/new", {"name": "After delivery"})
    assert owner.get(answer["Location"]).status_code == 200
    assert "After delivery" in owner.get("/journeys/").content.decode()
    assert Template.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_draft_is_tried_on_the_past_from_its_page(owner: Client, cart: Journey) -> None:
    owner.post(f"/journeys/{cart.pk}/simulate", {"begin": "2026-02-01", "end": "2026-02-02"})
    asked = Simulation.objects.get()
    from django.utils import timezone  # jobs are due by the clock of the page

    run_due(now=timezone.now())
    asked.refresh_from_db()
    assert [job.error for job in Job.objects.exclude(error="")] == []
    assert asked.error == ""
    assert asked.found["flows"][0]["sent"] == 0
    shown = owner.get(f"/journeys/{cart.pk}/simulate").content.decode()
    assert "would have entered" in shown
    assert (
        "It would end before it begins"
        in owner.post(f"/journeys/{cart.pk}/simulate", {"begin": "2026-02-03", "end": "2026-02-02"}).content.decode()
    )
