"""The form of a mail: what is typed comes out as it went in, and what is pressed is done."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stammkunde.server.mail.forms.editing import KINDS, NAMES, Slot, document, sheet
from stammkunde.server.mail.rendering.documents import DocumentError, read, written

MAIL: dict[str, Any] = {
    "key": "second-order",
    "name": {"en": "Second order", "de": "Zweite Bestellung"},
    "purpose": "offer",
    "subject": {"en": "For you", "de-du": "Für dich", "de-sie": "Für Sie"},
    "blocks": [
        {"kind": "heading", "text": {"en": "Hello", "de": "Guten Tag"}},
        {"kind": "text", "text": {"en": "One.\n\nTwo.", "de": "Eins.\n\nZwei."}, "when": "order"},
        {"kind": "products", "pick": "related", "most": 3},
        {"kind": "button", "label": {"en": "Look", "de": "Ansehen"}, "link": "https://shop.example/"},
        {
            "kind": "posts",
            "items": [{"src": "https://shop.example/a.jpg", "alt": {"en": "A cup", "de": "Eine Tasse"}}],
        },
        {"kind": "coupon", "pool": "second-order", "purpose": "offer"},
        {"kind": "footer"},
    ],
    "attributes": {"accent": "#00bb55"},
}


def posted(shown: Any) -> dict[str, str]:
    slots: list[Slot] = [*shown.lines, *(slot for card in shown.cards for slot in card.slots)]
    typed = {slot.name: slot.value for slot in slots} | {f"blocks[{c.place}].kind": c.kind for c in shown.cards}
    return typed | {"purpose": shown.purpose, "accent": shown.accent}


def test_a_form_that_nobody_touched_gives_the_same_mail() -> None:
    assert document(MAIL, posted(sheet(MAIL))) == written(read(MAIL))


@given(st.lists(st.sampled_from(["up", "down", "remove", "add"]), max_size=12), st.data())
def test_whatever_is_pressed_the_footer_comes_last_and_once(verbs: list[str], data: st.DataObject) -> None:
    draft: dict[str, Any] = MAIL
    for verb in verbs:
        what = data.draw(st.sampled_from(sorted(KINDS))) if verb == "add" else str(data.draw(st.integers(-1, 20)))
        draft = document(draft, posted(sheet(draft)) | {"do": f"{verb}:{what}"})
        kinds = [block["kind"] for block in draft["blocks"]]
        assert kinds[-1] == "footer"
        assert kinds.count("footer") == 1


def test_a_block_moves_one_place() -> None:
    moved = document(MAIL, posted(sheet(MAIL)) | {"do": "down:0"})
    assert [block["kind"] for block in moved["blocks"]][:2] == ["text", "heading"]
    assert document(MAIL, posted(sheet(MAIL)) | {"do": "up:0"}) == written(read(MAIL))


def test_what_is_wrong_is_said_beside_its_field_and_nowhere_else() -> None:
    wrong = document(MAIL, posted(sheet(MAIL)) | {"blocks[1].text.en": "{{ customer.secret }}"})
    try:
        read(wrong)
    except DocumentError as error:
        shown = sheet(wrong, error=str(error), where=error.path)
    told = [slot.name for card in shown.cards for slot in card.slots if slot.error]
    assert told == ["blocks[1].text.en"]
    assert shown.error == ""


def test_every_kind_of_block_has_a_name_and_words_for_its_fields() -> None:
    assert set(NAMES) == set(KINDS)
    for kind in KINDS:
        assert all(str(slot.label) for slot in sheet({"blocks": [{"kind": kind}]}).cards[0].slots)
