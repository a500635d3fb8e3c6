"""Mails as they are written: what is wrong is told with its place, what is right survives being written again."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from stammkunde.server.mail.rendering.blocks import Footer
from stammkunde.server.mail.rendering.documents import DocumentError, digest, read, unfilled, written
from stammkunde.server.mail.rendering.voices import voice_of

MAIL = """
key: second-order
name: {en: Second order, de: Zweite Bestellung}
purpose: offer
subject:
  en: "{{ customer.first_name | default: 'Hello' }}, a gift"
  de-du: "Für dich, {{ customer.first_name }}"
  de-sie: Für Sie
preheader: {en: A code inside, de: Ein Code liegt bei}
blocks:
  - {kind: heading, text: {en: Welcome back, de: Willkommen zurück}}
  - kind: text
    text: {en: "**Hi** {% if customer.first_name %}{{ customer.name }}{% endif %}, [shop]({{ shop.url }})", de: Hallo}
  - {kind: image, src: "https://shop.example/a.jpg", alt: {en: Tea, de: Tee}, link: "https://shop.example"}
  - {kind: button, label: {en: Look, de: Ansehen}, link: "{{ order.url }}", when: order}
  - {kind: order}
  - {kind: cart}
  - {kind: products, pick: again, most: 3, purpose: offer}
  - {kind: coupon, pool: second-order, text: {en: "Your {{ coupon.worth }}", de: "Ihre {{ coupon.worth }}"}}
  - kind: document
    title: {en: Brewing, de: Zubereitung}
    link: {en: "https://shop.example/en.pdf", de: "https://shop.example/de.pdf"}
  - {kind: claim, text: {en: Organic, de: Bio}, proof: {en: DE-ÖKO-006, de: DE-ÖKO-006}}
  - {kind: survey, question: {en: "Good?", de: "Gut?"}, scale: stars, link: "https://shop.example/s"}
  - kind: posts
    items: [{src: "https://shop.example/p.jpg", alt: {en: A pot, de: Eine Kanne}, credit: {en: Clara, de: Clara}}]
  - {kind: divider}
attributes: {accent: "#0b5"}
"""


def mail(**changed: Any) -> dict[str, Any]:
    return {**yaml.safe_load(MAIL), **changed}


def with_block(**block: Any) -> dict[str, Any]:
    return mail(blocks=[block])


def text(said: str) -> dict[str, Any]:
    return with_block(kind="text", text={"en": said, "de": "x"})


def test_every_kind_of_block_survives_being_written_and_read_again() -> None:
    found = read(mail())
    assert read(written(found)) == found
    assert digest(read(written(found))) == digest(found)
    assert found.accent == "#00bb55"


def test_a_link_that_the_shop_has_still_to_give_is_told_until_it_is_there() -> None:
    paper = {"kind": "document", "title": {"en": "Care", "de": "Pflege"}, "link": "", "fill": True}
    found = read(with_block(**paper))
    assert unfilled(found) == ["blocks[0].link"]
    assert read(written(found)) == found
    assert unfilled(read(with_block(**paper | {"link": "https://shop.example/care.pdf"}))) == []
    with pytest.raises(DocumentError, match="missing"):
        read(with_block(**paper | {"fill": False}))


def test_the_footer_is_added_where_it_is_missing_and_stays_last() -> None:
    assert isinstance(read(mail()).blocks[-1], Footer)
    with pytest.raises(DocumentError) as told:
        read(mail(blocks=[{"kind": "footer"}, {"kind": "divider"}]))
    assert told.value.path == "blocks[0]"


def test_a_footer_needs_no_basis_and_no_occasion_so_nothing_can_leave_it_out() -> None:
    with pytest.raises(DocumentError) as told:
        read(mail(blocks=[{"kind": "divider"}, {"kind": "footer", "purpose": "offer"}]))
    assert told.value.path == "blocks[1].purpose"


WRONG = [
    (mail(purpose="spam"), "purpose"),
    (mail(colour="red"), "colour"),
    (mail(key="Second order"), "key"),
    (mail(blocks=[]), "blocks"),
    (mail(attributes={"accent": "red"}), "attributes.accent"),
    (mail(subject={"en": "Hello"}), "subject"),
    (mail(subject={"en": "Hello", "de-du": "Hallo"}), "subject"),
    (mail(subject={"en": "a\nb", "de": "x"}), "subject.en"),
    (mail(subject={"en": "{{ custmer.name }}", "de": "x"}), "subject.en"),
    (with_block(kind="movie"), "blocks[0].kind"),
    (with_block(kind="heading"), "blocks[0].text"),
    (with_block(kind="heading", text={"en": "x", "de": " "}), "blocks[0].text.de"),
    (with_block(kind="heading", text={"en": "x", "de": "x"}, size=3), "blocks[0].size"),
    (with_block(kind="divider", purpose="spam"), "blocks[0].purpose"),
    (with_block(kind="divider", when="tuesday"), "blocks[0].when"),
    (with_block(kind="products", pick="dear"), "blocks[0].pick"),
    (with_block(kind="products", pick="again", most=100), "blocks[0].most"),
    (with_block(kind="image", src="http://shop.example/a.jpg", alt={"en": "x", "de": "x"}), "blocks[0].src"),
    (with_block(kind="image", src="data:image/png;base64,AA==", alt={"en": "x", "de": "x"}), "blocks[0].src"),
    (with_block(kind="image", src="https://shop.example/a.jpg"), "blocks[0].alt"),
    (with_block(kind="posts", items=[{"src": "https://shop.example/a.jpg"}]), "blocks[0].items[0].alt"),
    (text("<b>x</b>"), "blocks[0].text.en"),
    (text("{% if customer.name %}x"), "blocks[0].text.en"),
    (text("{{ customer.name | reverse }}"), "blocks[0].text.en"),
    (text("{% include 'x' %}"), "blocks[0].text.en"),
    (text("{% for line in order.lines %}{{ line.titel }}{% endfor %}"), "blocks[0].text.en"),
    (text("[x](javascript:alert(1))"), "blocks[0].text.en"),
    (text("[x]({{ customer.name }})"), "blocks[0].text.en"),
    (text("[x](https://{{ customer.name }}/)"), "blocks[0].text.en"),
]


@pytest.mark.parametrize(("document", "path"), WRONG)
def test_what_is_wrong_is_told_with_its_place_and_advice(document: dict[str, Any], path: str) -> None:
    with pytest.raises(DocumentError) as told:
        read(document)
    assert told.value.path == path
    assert told.value.what
    assert told.value.advice


DECEIVING = [
    "[www.bank.de](https://evil.example/)",
    "[https://bank.de/login](https://bank.de.evil.example/)",
    "[pay](https://pаypal.com/)",  # a Cyrillic а among Latin letters
    "[apple](https://xn--80ak6aa92e.com/)",  # аррӏе, all Cyrillic
    "[x](https://shop.example@evil.example/)",
    "[x](https://shop.example:8443/)",
    "[x](http://shop.example/)",
    "[x](data:text/html,x)",
    "[x](//evil.example/)",
    "[x](vbscript:x)",
]


@pytest.mark.parametrize("said", DECEIVING)
def test_links_that_deceive_are_refused(said: str) -> None:
    with pytest.raises(DocumentError) as told:
        read(text(said))
    assert told.value.path == "blocks[0].text.en"


HONEST = [
    "[shop.example](https://www.shop.example/tea)",
    "[Tee bei www.shop.example](https://shop.example/)",
    "[Käse](https://käse.de/)",
    "[наш магазин](https://почта.рф/)",
    "[write](mailto:hallo@shop.example)",
    "[call](tel:+49-30-1)",
    "[x](https://shop.example/?email={{ customer.email | url_encode }})",
    "[x]({{ links.preferences }})",
]


@pytest.mark.parametrize("said", HONEST)
def test_honest_links_stay(said: str) -> None:
    assert read(text(said)).blocks


NAMES = st.sampled_from(["kind", "text", "en", "de", "items", "src"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=9)
NONSENSE = st.recursive(
    LEAVES, lambda each: st.lists(each, max_size=3) | st.dictionaries(NAMES, each, max_size=3), max_leaves=8
)


@given(NONSENSE, st.sampled_from(["blocks", "name", "attributes", "purpose"]))
def test_nonsense_is_refused_with_words(nonsense: Any, where: str) -> None:
    if (where == "attributes" and nonsense == {}) or (where == "name" and isinstance(nonsense, dict)):
        return
    with pytest.raises(DocumentError) as told:
        read(mail(**{where: nonsense}))
    assert told.value.path.startswith(where)


@pytest.mark.parametrize(
    ("locale", "country", "voice"),
    [("de", "FR", "de-sie"), ("de-AT", "", "de-sie"), ("fr", "DE", "en"), ("", "CH", "de-sie"), ("", "FR", "en")],
)
def test_who_is_written_to_in_which_voice(locale: str, country: str, voice: str) -> None:
    assert voice_of(locale=locale, country=country, form="sie") == voice
