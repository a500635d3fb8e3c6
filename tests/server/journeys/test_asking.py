"""Where somebody stands, how many stand where, why they got it or not; and what staff mend by hand."""

from datetime import timedelta
from typing import Any

import pytest

from server.conftest import NOW
from server.journeys.conftest import Shop
from stammkunde.server.accounts.models import Entry
from stammkunde.server.journeys.actions import repairing
from stammkunde.server.journeys.actions.editing import JourneyError
from stammkunde.server.journeys.actions.moving import Moving, move, preview_move
from stammkunde.server.journeys.models import Enrolment, Journey, JourneyVersion
from stammkunde.server.journeys.queries.counts import counts, summaries
from stammkunde.server.journeys.queries.people import where
from stammkunde.server.journeys.queries.why import why
from stammkunde.server.mail.models import Send, Template

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FLOW: dict[str, Any] = {
    "key": "flow",
    "trigger": {"on": "order"},
    "per": "order",
    "exit": ["returned"],
    "audience": {"all": [{"fact": "orders", "op": ">=", "value": 2}, {"fact": "country", "op": "is", "value": "DE"}]},
    "steps": [
        {"id": "m", "do": "send", "mail": "hello"},
        {"id": "w", "do": "wait", "for": "9d"},
        {"id": "n", "do": "send", "mail": "again"},
    ],
}


@pytest.fixture
def flow(shop: Shop) -> Journey:
    """Anna waits, Ben has left since he sent his order back, Deniz did not fit."""
    journey = shop.journey(FLOW)
    for name, orders in (("Anna", 9), ("Ben", 7), ("Deniz", 1)):
        shop.person(name, orders=orders)
        person = shop.people[name]
        person.known.country = "DE"
        person.known.save()
    shop.order("Anna", NOW)
    back = shop.order("Ben", NOW)
    shop.order("Deniz", NOW)
    shop.tick(after=HOUR)
    shop.refund(back, NOW + 2 * HOUR)
    shop.tick(after=2 * HOUR)
    return journey


def codes(shop: Shop, name: str, journey: Journey) -> list[str]:
    return [each.code for each in why(shop.person(name), journey, now=shop.now)]


def test_everybody_is_counted_where_they_stand_and_how_they_left(flow: Journey) -> None:
    found = counts(flow)
    assert (found.entered, found.active, found.done, found.left) == (2, 1, 0, {"returned": 1})
    assert (found.steps["w"].waiting, found.steps["w"].left) == (1, {"returned": 1})
    assert (found.steps["m"].taken, found.steps["m"].sends) == ({"planned": 2}, {"waiting": 2})
    assert summaries() == {flow.pk: {"active": 1, "left": 1}}
    assert counts(flow, flow.live) == found


def test_where_anna_stands_is_told_with_every_step_she_took(shop: Shop, flow: Journey) -> None:
    (found,) = where(shop.person("Anna"))
    assert (found.enrolment.step, found.enrolment.due_at) == ("w", NOW + 9 * DAY)
    assert [(each.step, each.outcome) for each in found.traces] == [("m", "planned")]
    assert [each.message.step for each in found.sends] == ["m"]


def test_why_somebody_got_it_and_why_somebody_else_left(shop: Shop, flow: Journey) -> None:
    Send.objects.filter(customer=shop.person("Anna")).update(
        state="sent", settled_at=NOW, bases=[{"block": "", "purpose": "offer", "basis": "consent"}]
    )
    Send.objects.filter(customer=shop.person("Ben")).update(state="suppressed", reason="no_consent", settled_at=NOW)
    anna, ben = (why(shop.person(name), flow, now=shop.now) for name in ("Anna", "Ben"))
    assert [each.code for each in anna] == ["entered", "mail_sent", "on_the_way"]
    assert "They agreed" in anna[1].text
    assert [each.code for each in ben] == ["entered", "mail_suppressed", "left"]
    assert "not agreed" in ben[1].text
    assert "came back or was cancelled" in ben[2].text


def test_why_somebody_never_entered_names_the_condition_that_did_not_hold(shop: Shop, flow: Journey) -> None:
    (found,) = why(shop.person("Deniz"), flow, now=shop.now)
    assert found.code == "audience"
    assert "2" in found.text
    assert "DE" not in found.text


def test_why_not_tells_apart_what_never_happened_came_too_early_or_would_end_it(shop: Shop, flow: Journey) -> None:
    assert codes(shop, "Clara", flow) == ["never_happened"]
    shop.order("Clara", NOW - 40 * DAY)
    assert codes(shop, "Clara", flow) == ["before_live", "audience", "audience"]
    shop.order("Clara", NOW - 20 * DAY)
    assert codes(shop, "Clara", flow) == ["too_old", "audience", "audience"]
    back = shop.order("Clara", NOW)
    shop.refund(back, NOW + HOUR)
    assert codes(shop, "Clara", flow) == ["audience", "audience", "ended_before"]
    Journey.objects.update(state="off")
    flow.refresh_from_db()
    assert codes(shop, "Clara", flow)[0] == "not_on"


def test_somebody_is_put_on_a_step_by_hand_and_goes_on_from_there(shop: Shop, flow: Journey) -> None:
    found = Enrolment.objects.get(customer=shop.person("Anna"))
    repairing.put(found, "n", now=shop.now, by=None)
    shop.tick(after=HOUR)
    found.refresh_from_db()
    assert found.state == "done"
    assert [each.outcome for each in found.traces.order_by("pk")] == ["planned", "put on n", "planned"]
    assert Entry.objects.get().verb == "put"
    with pytest.raises(JourneyError):
        repairing.put(found, "nowhere", now=shop.now, by=None)


def test_who_is_ended_by_hand_gets_nothing_that_still_waits(shop: Shop, flow: Journey) -> None:
    found = Enrolment.objects.get(customer=shop.person("Anna"))
    repairing.end(found, now=shop.now, by=None)
    assert Send.objects.get(run=found.pk).reason == "left"
    assert [each.code for each in why(shop.person("Anna"), flow, now=shop.now)][-1] == "left"
    with pytest.raises(JourneyError):
        repairing.end(found, now=shop.now, by=None)


def test_who_is_stuck_is_tried_again(shop: Shop, flow: Journey) -> None:
    Template.objects.update(retired_at=NOW)
    shop.tick(to=NOW + 10 * DAY)
    assert counts(flow).steps["n"].stuck == {"mail retired": 1}
    Template.objects.update(retired_at=None)
    assert repairing.retry(flow, now=shop.now, by=None) == 1
    shop.tick(after=HOUR)
    assert counts(flow).done == 1


def version(journey: Journey, *steps: dict[str, Any]) -> JourneyVersion:
    definition = {"format": 1, "name": {"en": "A"}, **FLOW, "steps": list(steps)}
    return JourneyVersion.objects.create(
        journey=journey, number=2, definition=definition, messages={}, digest="", created_at=NOW
    )


def test_people_move_to_a_new_version_as_was_looked_at_before(shop: Shop, flow: Journey) -> None:
    shop.order("Anna", shop.now)
    shop.tick(after=HOUR)
    old, new = flow.live, version(flow, {"id": "w", "do": "wait", "for": "2d"}, {"id": "x", "do": "wait", "for": "1d"})
    assert old is not None
    assert preview_move(old, new, {}) == [Moving("w", "w", 2, stays=True)]
    dues = sorted(Enrolment.objects.filter(state="active").values_list("due_at", flat=True))
    assert move(old, new, {}, now=shop.now, by=None) == 2
    assert sorted(Enrolment.objects.filter(version=new).values_list("due_at", flat=True)) == dues  # they wait on
    assert Entry.objects.get().change["people"] == 2
    assert Enrolment.objects.get(customer=shop.person("Ben")).version == old  # who has left stays where they were


def test_nobody_moves_to_a_step_that_is_not_there(shop: Shop, flow: Journey) -> None:
    old, new = flow.live, version(flow, {"id": "x", "do": "wait", "for": "2d"})
    assert old is not None
    with pytest.raises(JourneyError, match="w"):
        move(old, new, {}, now=shop.now, by=None)
    with pytest.raises(JourneyError, match="nowhere"):
        preview_move(old, new, {"w": "nowhere"})
    with pytest.raises(JourneyError, match="two versions"):
        move(old, old, {}, now=shop.now, by=None)
    assert move(old, new, {"w": "x"}, now=shop.now, by=None) == 1
    assert Enrolment.objects.get(version=new).due_at == shop.now
    shop.tick()
    assert Enrolment.objects.get(version=new).due_at == shop.now + 2 * DAY
