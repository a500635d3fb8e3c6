"""A journey is read or refused with its place, and written again as it was."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instances import SOURCE
from stammkunde.server.journeys.definitions.files import dumped, read_file, written_file
from stammkunde.server.journeys.definitions.reading import read, written
from stammkunde.server.journeys.definitions.triggers import SETTINGS
from stammkunde.server.journeys.definitions.values import DefinitionError
from stammkunde.server.journeys.steps.base import kinds
from stammkunde.server.segments.rules.reading import FIGURES

CART: dict[str, Any] = {
    "format": 1,
    "key": "cart",
    "name": {"en": "Cart recovery", "de": "Warenkorb retten"},
    "about": {"en": "Three mails, stopped at once by an order."},
    "trigger": {"on": "cart_idle", "after": "2h"},
    "audience": {"all": [{"fact": "has_email", "op": "is", "value": True}]},
    "per": "cart",
    "goal": "ordered",
    "exit": ["cart_closed", "withdrawn", "event:Quote Asked", {"rule": {"fact": "orders", "op": ">=", "value": 9}}],
    "steps": [
        {"id": "m1", "do": "send", "mail": "cart-1", "past_due": "skip", "max_age": "24h", "quiet": True},
        {"id": "w1", "do": "wait", "for": "22h", "at": "09:00", "weekdays": ["mon", "sat"]},
        {
            "id": "u1",
            "do": "wait_until",
            "if": {"any": [{"happened": "clicked"}, {"not": {"happened": "replied"}}]},
            "within": "3d",
            "then": "s1",
            "else": "end",
        },
        {"id": "s1", "do": "split", "ways": [{"share": 50, "to": "c1"}, {"share": 50, "to": "b1"}]},
        {"id": "c1", "do": "coupon", "pool": "second-order"},
        {"id": "b1", "do": "branch", "if": {"rule": {"fact": "clv", "op": ">", "value": 5000}}, "then": "t1"},
        {"id": "h1", "do": "webhook", "event": "journey.cart.stalled", "next": "end"},
        {"id": "t1", "do": "tag", "tag": "liked-tea"},
    ],
}
FLAT = {"key": "a", "name": {"en": "A"}, "trigger": {"on": "order"}}


def steps(*found: dict[str, Any], **more: Any) -> dict[str, Any]:
    return FLAT | {"steps": list(found)} | more


def test_a_journey_is_written_as_it_was_read() -> None:
    assert written(read(CART)) == CART
    assert list(written(read(CART))) == list(CART)


def test_a_file_read_and_written_again_is_the_same_file() -> None:
    text = dumped(CART | {"mails": {"cart-1": {"purpose": "cart", "subject": {"en": "Still here"}}}})
    assert written_file(read_file(text)) == text


def test_on_is_a_word_in_a_file_and_norway_a_country() -> None:
    rule = "{all: [{fact: country, op: is, value: NO}]}"
    text = f"key: a\nname: {{en: A}}\ntrigger: {{on: order}}\naudience: {rule}\nsteps: [{{id: t, do: tag, tag: off}}]\n"
    found = read_file(text)
    assert found.definition.trigger.on == "order"
    assert "on: order" in written_file(found)
    assert read_file(written_file(found)) == found


def test_what_is_meant_anyway_is_not_written() -> None:
    wait = {"id": "w", "do": "wait", "for": "2d"}
    plain = steps(wait, format=1)
    said = steps(wait, trigger={"on": "order", "max_age": "2d"}, per="customer", again="never", exit=[])
    assert written(read(said)) == written(read(plain)) == plain


WAIT, SEND = {"id": "w", "do": "wait", "for": "1d"}, {"id": "m", "do": "send", "mail": "hello"}
WRONG = [
    ("steps[0].then", steps({"id": "b", "do": "branch", "if": {"happened": "paid"}})),
    ("steps[0]", steps({"id": "b", "do": "branch", "if": {"happened": "paid"}, "then": "x"}, WAIT)),
    ("steps[1]", steps(WAIT | {"next": "end"}, SEND)),
    ("steps[0]", steps(SEND, {"id": "n", "do": "tag", "tag": "again", "next": "m"})),
    ("steps[1].id", steps(WAIT, WAIT)),
    ("steps[0].mail", steps({"id": "m", "do": "send"})),
    ("steps[0].for", steps({"id": "w", "do": "wait", "for": "soon"})),
    ("steps[0].for", steps({"id": "w", "do": "wait", "for": "0d"})),
    ("steps[0].at", steps({"id": "w", "do": "wait", "for": "1d", "at": 540})),
    ("steps[0].at", steps({"id": "w", "do": "wait", "for": "1d", "weekdays": ["mon"]})),
    ("steps[0].do", steps({"id": "w", "do": "dance"})),
    ("steps[0].mial", steps(SEND | {"mial": "x"})),
    ("steps[0].ways", steps({"id": "s", "do": "split", "ways": [{"share": 99, "to": "end"}]})),
    ("steps[0].if.rule", steps({"id": "b", "do": "branch", "if": {"rule": {"fact": "hue"}}, "then": "end"})),
    ("steps[0].if.not.happened", steps({"id": "b", "do": "branch", "if": {"not": {"happened": "x"}}, "then": "end"})),
    ("steps", FLAT | {"steps": []}),
    ("audience.all[0]", steps(WAIT, audience={"all": [{"fact": "hue"}]})),
    ("trigger.on", steps(WAIT, trigger={"on": "full moon"})),
    ("trigger.after", steps(WAIT, trigger={"on": "cart_idle"})),
    ("trigger.idle", steps(WAIT, trigger={"on": "order", "idle": "2h"})),
    ("trigger", steps(WAIT, trigger={"on": "segment"})),
    ("per", steps(WAIT, trigger={"on": "birthday"}, per="order")),
    ("again", steps(WAIT, per="order", again="90d")),
    ("exit[0]", steps(WAIT, exit=["bored"])),
    ("goal", steps(WAIT, goal="event:")),
    ("format", steps(WAIT, format=2)),
    ("key", steps(WAIT, key="Über uns")),
    ("name.fr", steps(WAIT, name={"fr": "Panier"})),
]  # fmt: skip


@pytest.mark.parametrize(("path", "data"), WRONG, ids=[path for path, _ in WRONG])
def test_what_is_wrong_is_told_with_its_place_and_advice(path: str, data: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError) as caught:
        read(data)
    assert caught.value.path == path
    assert len(caught.value.message) > 10
    assert len(str(caught.value).splitlines()) == 2


def test_a_circle_with_a_wait_in_it_may_turn() -> None:
    found = read(steps(SEND, WAIT | {"next": "m"}))
    assert found.targets(found.steps[1]) == ("m",)


def test_a_file_that_brings_mails_brings_all_it_sends() -> None:
    with pytest.raises(DefinitionError) as caught:
        read_file(dumped(steps(SEND) | {"mails": {"other": {}}}))
    assert caught.value.path == "mails.hello"


NO_FILES = ["{a: 1, b: [", "- 1", "a: &x [1]\nb: *x", "key: \x01", "x: " + "[" * 1500, "9" * 2_000_000]


@pytest.mark.parametrize("text", NO_FILES, ids=["open", "list", "reference", "control", "deep", "large"])
def test_a_file_that_is_none_is_refused_with_words(text: str) -> None:
    with pytest.raises(DefinitionError):
        read_file(text)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(FIGURES),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
PLACES = st.sampled_from([*CART, *(f"steps.{n}.{name}" for n, each in enumerate(CART["steps"]) for name in each)])


@given(place=PLACES, value=JUNK)
def test_whatever_stands_at_a_place_it_is_read_and_written_or_refused_with_advice(place: str, value: Any) -> None:
    data = {name: [dict(each) for each in part] if name == "steps" else part for name, part in CART.items()}
    name, _, rest = place.partition(".")
    if rest:
        number, _, setting = rest.partition(".")
        data["steps"][int(number)][setting] = value
    else:
        data[name] = value
    found = None
    with suppress(DefinitionError):
        found = read(data)
    assert found is None or read(written(found)) == found


def test_the_example_of_the_reference_is_a_journey() -> None:
    page = (SOURCE.parent / "docs" / "reference" / "journeys.md").read_text(encoding="utf-8")
    found = read_file(page.split("```yaml\n")[1].split("```")[0])
    assert [each.id for each in found.definition.steps] == ["remind", "rest", "again"]
    told = {line.split("|")[1].strip(" `") for line in page.splitlines() if line.startswith("| `")}
    assert {*SETTINGS, *kinds()} <= {word.strip(" `") for each in told for word in each.split(",")}
