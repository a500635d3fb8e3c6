"""The editor of rules: what somebody types becomes the rule, and a rule what somebody would type."""

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from stammkunde.server.segments.forms import draft, typed
from stammkunde.server.segments.forms.slots import World
from stammkunde.server.segments.rules.catalogue import FACTS, Kind
from stammkunde.server.segments.rules.language import (
    Compare,
    FirstOrder,
    Group,
    Happened,
    InSegment,
    Node,
    Ordered,
    Orders,
    Where,
    Window,
    written,
)

ALL: tuple[Node, ...] = (
    Compare("orders", ">=", 2),
    Compare("revenue", "between", (10_050, 20_000)),
    Compare("p_alive", "<", 0.25),
    Compare("silence", ">", 1.5),
    Compare("last_day", "<=", "2026-01-31"),
    Compare("country", "is", "DE"),
    Compare("country", "in", ("AT", "DE")),
    Compare("postcode", "starts", "10"),
    Compare("state", "is", "slipping"),
    Compare("state", "not in", ("lost", "lead")),
    Compare("rfm", "in", (555, 554)),
    Compare("clv", "unknown"),
    Compare("has_email", "is", value=False),
    Orders("revenue", ">=", 10_000, Window(days=365), coupon="WELCOME"),
    Orders("count", "between", (1, 3), Window(start=date(2026, 1, 1)), channel="shop", country="AT"),
    Ordered("sku", "TEA-1", ">=", 2, Window(start=date(2026, 1, 1), end=date(2026, 3, 31))),
    FirstOrder("category", "Tea"),
    Happened("Product Viewed", ">=", 3, Window(days=30), (Where("price", ">", 20), Where("brand", "known"))),
    Happened("Quiz", where=(Where("n", "is", 20), Where("code", "is", "20"), Where("ok", "is not", value=True))),
    Happened("Quiz", "=", 0, where=(Where("word", "is", "tea, green"),)),
    InSegment(12),
    InSegment(12, inside=False),
)


def fields(group: draft.Group) -> dict[str, list[str]]:
    """What a browser would send of a page with this rule."""
    found: dict[str, list[str]] = {}
    group.show(World(segments=[("12", "Tea"), ("13", "Coffee")]))
    for part in draft.every(group):
        if isinstance(part, draft.Group):
            found[f"{part.path}-kind"] = [part.kind]
        else:
            found[f"{part.path}-about"] = [part.about]
            found |= {shown.id: list(shown.slot.values) for shown in part.slots}
    return found


@pytest.mark.parametrize("node", ALL, ids=lambda node: str(next(iter(written(node).values()))))
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_condition_is_shown_typed_and_read_again_as_it_was(node: Node, language: str) -> None:
    with translation.override(language):
        again = draft.typed(fields(draft.of(node)))
        assert again.data() == {"all": [written(node)]}
        assert not any(part.wrong for part in draft.every(again))


def test_groups_in_groups_keep_their_order_and_say_where_they_are() -> None:
    node = Group("any", (Group("none", (ALL[0], ALL[5])), Group("all", (Group("any", (ALL[1],)), ALL[2]))))
    again = draft.typed(fields(draft.of(node)))
    assert again.data() == written(node)
    places = {part.path: part.place for part in draft.every(again)}
    assert places["r-1-0-0"] == "any[1].all[0].any[0]"


@pytest.mark.parametrize(
    ("fact", "text", "german", "value"),
    [
        ("revenue", "1,234.50", "1.234,50", 123_450),
        ("revenue", "1234.5", "1234,5", 123_450),
        ("silence", "1.5", "1,5", 1.5),
        ("p_alive", "25 %", "25 %", 0.25),
        ("orders", "1,000", "1.000", 1000),
    ],
)
def test_numbers_are_typed_as_the_language_writes_them(fact: str, text: str, german: str, value: Any) -> None:
    kind = FACTS[fact].kind
    with translation.override("en"):
        assert typed.read(kind, text) == value
    with translation.override("de"):
        assert typed.read(kind, german) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Kind.NUMBER, "many"), (Kind.NUMBER, ""), (Kind.NUMBER, "NaN"), (Kind.NUMBER, "1e99"), (Kind.MONEY, "1.234"),
        (Kind.SHARE, "120"), (Kind.DAY, "31 March"), (Kind.CELL, "678"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_how_to_write_it(kind: Kind, text: str) -> None:
    with translation.override("de"), pytest.raises(typed.TypedError) as told:
        typed.read(kind, text if text != "1.234" else "1,234")
    assert str(told.value)


def test_what_is_wrong_is_told_at_its_place() -> None:
    rule = draft.typed({
        "r-kind": ["all"], "r-0-about": ["fact:orders"], "r-0-op": [">="], "r-0-value": ["two"],
        "r-1-about": ["orders"], "r-1-value": ["1"], "r-1-window": ["days"], "r-1-days": ["0"],
        "r-2-about": ["fact:state"],
    })  # fmt: skip
    rule.data()
    wrong = {part.path: set(part.wrong) for part in draft.every(rule)}
    assert wrong == {"r": set(), "r-0": {"value"}, "r-1": {"days"}, "r-2": {"value"}}


def test_parts_are_added_and_taken_away_where_the_button_is() -> None:
    rule = draft.begun()
    for asked in ("add r", "group r", "add r-2", "drop r-0"):
        rule = draft.change(rule, asked)
    assert rule.data().keys() == {"all"}
    assert [part.path for part in draft.every(rule)] == ["r", "r-0", "r-1", "r-1-0", "r-1-1"]
    assert rule.focus


@pytest.mark.parametrize("asked", ["", "drop r", "drop r-9", "add r-0", "group nowhere", "property r", "eat r-0"])
def test_a_button_that_makes_no_sense_changes_nothing(asked: str) -> None:
    before = draft.begun().data()
    assert draft.change(draft.begun(), asked).data() == before


def test_properties_of_an_event_come_and_go() -> None:
    rule = draft.typed({"r-0-about": ["event"], "r-0-value": ["Product Viewed"]})
    for asked in ("property r-0", "property r-0", "forget r-0 0"):
        rule = draft.change(rule, asked)
    rule.show(World())
    assert next(shown.id for shown in rule.parts[0].slots if "property_" in shown.id) == "r-0-property_1"  # type: ignore[union-attr]


def test_groups_lie_no_deeper_than_the_page_can_show_and_a_form_may_say_anything() -> None:
    rule = draft.begun()
    for depth in range(8):
        rule = draft.change(rule, f"group r{'-1' * depth}")
    assert max(part.path.count("-") for part in draft.every(rule)) <= draft.DEEPEST
    strange = draft.typed(
        {"r-0-0-0-about": ["fact:nothing"], "r-5-kind": ["some"], "x": ["1"], "r-0x": [""], "r-7-about": []}
    )
    assert [part.path for part in draft.every(strange)] == ["r", "r-0", "r-1"]
