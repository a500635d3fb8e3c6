"""What is wrong with a mail is said before it goes out."""

from typing import Any

import pytest

from server.mail import mails
from stammkunde.server.mail.rendering.compiling import compile_document
from stammkunde.server.mail.rendering.documents import read
from stammkunde.server.mail.rendering.lint import Finding, Level, lint
from stammkunde.server.mail.rendering.voices import VOICES

GOOD = {"en": "The first flush has arrived", "de": "Die erste Ernte ist eingetroffen"}
HEADING = {"kind": "heading", "text": GOOD}


def both(said: str) -> dict[str, str]:
    return {"en": said, "de": said}


def found(voice: str = "en", **changed: Any) -> list[Finding]:
    about = {
        "key": "spring",
        "name": GOOD,
        "purpose": "newsletter",
        "subject": GOOD,
        "preheader": both("Picked in March"),
    }
    document = read({**about, "blocks": [HEADING], **changed})
    return lint(document, compile_document(document, voice=voice), voice)


def worse(said: list[Finding]) -> list[tuple[str, str]]:
    """Where something is worse than a hint."""
    return [(str(each.level), each.where) for each in said if each.level != Level.HINT]


def text(said: str, **more: Any) -> dict[str, Any]:
    return {"blocks": [HEADING, {"kind": "text", "text": both(said), **more}]}


def kind(name: str, **more: Any) -> dict[str, Any]:
    fields: dict[str, dict[str, Any]] = {
        "products": {"pick": "again"},
        "coupon": {"pool": "spring"},
        "survey": {"question": both("Good?"), "scale": "csat", "link": "https://shop.example/s"},
        "posts": {"items": [{"src": "https://shop.example/a.png", "alt": both("A pot")}]},
        "cart": {},
    }
    return {"blocks": [HEADING, {"kind": name, **fields[name], **more}]}


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("name", ["ORDER", "CART", "NEWSLETTER"])
def test_good_mails_have_nothing_wrong(name: str, voice: str) -> None:
    document = read(mails.mail(getattr(mails, name)))
    assert worse(lint(document, compile_document(document, voice=voice), voice)) == []


WRONG = [
    ({"subject": both("Re: your order")}, ("error", "subject.en")),
    ({"subject": both("AW: Ihre Bestellung")}, ("error", "subject.en")),
    ({"subject": both("BUY OUR GREAT TEA NOW")}, ("warning", "subject.en")),
    ({"subject": both("Tea for everybody!!")}, ("warning", "subject.en")),
    ({"subject": both("Tea " * 20)}, ("warning", "subject.en")),
    ({"subject": both("{{ customer.first_name }}, the tea is here")}, ("warning", "subject")),
    (text("[here](https://shop.example/)"), ("warning", "blocks[1].text.en")),
    (text("Tea now 9,90 statt 12,90 €"), ("warning", "blocks[1].text.en")),
    (text("The same long sentence stands here in both of the languages."), ("warning", "blocks[1].text")),
    (text("{{ coupon.code }}"), ("warning", "blocks[1].text.en")),
    ({"attributes": {"accent": "#7f7f7f"}}, ("warning", "attributes.accent")),
    ({"purpose": "order", **text("A discount for you")}, ("warning", "blocks[1].text.en")),
    *(
        ({"purpose": "order", **kind(each)}, ("error", "blocks[1]"))
        for each in ("products", "coupon", "survey", "posts")
    ),
    *(
        ({"purpose": "opt_in", **kind(each, purpose="offer")}, ("error", "blocks[1]"))
        for each in ("products", "coupon")
    ),
    (kind("survey"), ("warning", "blocks[1]")),
    (kind("cart"), ("warning", "blocks[1]")),
]


@pytest.mark.parametrize(("changed", "told"), WRONG)
def test_what_is_wrong_is_found_where_it_is(changed: dict[str, Any], told: tuple[str, str]) -> None:
    assert told in worse(found(**changed))


RIGHT: list[dict[str, Any]] = [
    {"subject": both("{{ customer.first_name | default: 'Hello' }}, tea is here")},
    {"subject": both("{% if customer.first_name %}{{ customer.first_name }}, {% endif %}tea is here")},
    {"purpose": "order", **kind("products", purpose="offer")},
    {"purpose": "order", **text("A discount for you", purpose="offer")},
    kind("survey", purpose="survey"),
    kind("cart", purpose="cart"),
    text("{{ coupon.code }}", when="coupon"),
    text("[Spring tea](https://shop.example/)"),
]


@pytest.mark.parametrize("changed", RIGHT)
def test_what_is_right_is_left_alone(changed: dict[str, Any]) -> None:
    assert worse(found(**changed)) == []


@pytest.mark.parametrize(
    ("voice", "said", "wrong"),
    [
        ("de-sie", "Danke für deine Bestellung", True), ("de-du", "Wir danken Ihnen dafür", True),
        ("de-sie", "Danke für Ihre Bestellung", False), ("de-du", "Die Tasse ist da. Sie ist blau.", False),
    ],
)  # fmt: skip
def test_du_and_sie_do_not_meet(voice: str, said: str, *, wrong: bool) -> None:
    assert bool(worse(found(voice, **text(said)))) == wrong


def test_a_mail_that_gmail_would_cut_is_refused_and_every_mail_says_what_it_weighs() -> None:
    long = "Tee " * 4000
    blocks = [HEADING, *({"kind": "text", "text": {"en": long, "de": f"{long}."}} for _ in range(8))]
    assert ("error", "") in worse(found(blocks=blocks))
    assert any("kB" in each.text for each in found())


def test_the_worst_comes_first() -> None:
    levels = [each.level for each in found(purpose="order", subject=both("RE: TEA FOR ALL!!"), **kind("coupon"))]
    assert levels == sorted(levels, key=list(Level).index)
