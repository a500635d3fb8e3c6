"""From a mail to what one person gets: filled in, escaped, with what there is no basis for left out."""

from contextlib import suppress
from html.parser import HTMLParser
from threading import Thread
from time import monotonic
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.mail import mails
from stammkunde.server.mail.rendering import liquid
from stammkunde.server.mail.rendering.documents import DocumentError, read
from stammkunde.server.mail.rendering.liquid import FillingError, Tokens
from stammkunde.server.mail.rendering.rendering import Renderer, draft, one_line
from stammkunde.server.mail.rendering.voices import VOICES


def text(said: str, **more: Any) -> dict[str, Any]:
    both = {"en": said, "de": said}
    about = {"key": "note", "name": both, "purpose": "newsletter", "subject": {"en": "Tea", "de": "Tee"}}
    return {**about, "blocks": [{"kind": "text", "text": both}], **more}


def about(**changed: Any) -> dict[str, Any]:
    context = mails.known("en", {"blocks": []})
    return {**context, "customer": {**context["customer"], **changed}}


VOID = {"meta", "br", "img", "link"}


class Tags(HTMLParser):
    """Whether tags are closed in the order in which they were opened."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.wrong.append(tag)


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("name", ["ORDER", "CART", "NEWSLETTER"])
def test_no_liquid_is_left_and_every_tag_is_closed(name: str, voice: str) -> None:
    document = mails.mail(getattr(mails, name))
    made = draft(read(document), voice).render(mails.known(voice, document))
    tags = Tags(made.html)
    assert (tags.wrong, tags.open) == ([], [])
    for each in (made.subject, made.preheader, made.html, made.text):
        assert "{{" not in each
        assert "{%" not in each
        assert "LqT" not in each
    assert f'lang="{voice[:2]}"' in made.html


@pytest.mark.parametrize("voice", VOICES)
def test_html_stays_whole_whichever_blocks_are_left_out(voice: str) -> None:
    document = mails.mail(mails.NEWSLETTER)
    for block in document["blocks"]:
        block["purpose"] = "newsletter"
    renderer, context = draft(read(document), voice), mails.known(voice, document)
    for number in range(len(document["blocks"])):
        made = renderer.render(context, {f"b{number}", "b2"})
        assert (Tags(made.html).wrong, Tags(made.html).open) == ([], [])


def test_a_block_without_a_basis_leaves_no_word_in_either_part() -> None:
    document = mails.mail(mails.ORDER)
    renderer, context = draft(read(document), "en"), mails.known("en", document)
    full, clean = renderer.render(context), renderer.render(context, set())
    for part in (full.html, full.text):
        assert "Goes well with it" in part
    for part in (clean.html, clean.text):
        assert "Goes well with it" not in part
        assert "1042" in part
    assert clean.blocks == ("b0", "b1", "b2", "b3", "b6")


def test_where_there_is_no_coupon_its_block_is_gone() -> None:
    document = mails.mail(mails.NEWSLETTER)
    renderer, context = draft(read(document), "de-sie"), mails.known("de-sie", document)
    made = renderer.render({**context, "coupon": None})
    assert "Treue" not in made.html + made.text


def test_a_first_order_is_greeted_otherwise_than_a_later_one() -> None:
    first = {"kind": "text", "text": {"en": "Welcome", "de": "Hallo"}, "when": "first_order"}
    later = {"kind": "text", "text": {"en": "Good to see you again", "de": "Hallo"}, "when": "repeat_order"}
    renderer = draft(read(text("x", blocks=[first, later])), "en")
    assert renderer.render(about(orders=1)).blocks == ("b0", "b2")
    assert renderer.render(about(orders=4)).blocks == ("b1", "b2")


def test_a_mail_of_which_nothing_is_left_is_not_sent() -> None:
    document = mails.mail(mails.CART)
    document["blocks"] = [document["blocks"][0], document["blocks"][2]]
    with pytest.raises(FillingError, match="Nothing is left"):
        draft(read(document), "en").render({**about(), "cart": None})


def test_a_variable_without_a_value_is_named() -> None:
    renderer = draft(read(text("{{ order.number }}")), "en")
    with pytest.raises(FillingError, match="order"):
        renderer.render({**about(), "order": None})


@given(st.text(max_size=60))
@settings(max_examples=60)
def test_a_customers_name_is_text_whatever_it_holds(name: str) -> None:
    renderer = PLAIN
    made = renderer.render(about(name=name))
    tags = Tags(made.html)
    assert (tags.wrong, tags.open) == ([], [])
    assert made.html.count("<") == renderer.render(about(name="Anna")).html.count("<")
    assert not any(sign in made.subject for sign in "\r\n\0\u2028")


PLAIN = draft(read(text("Hello {{ customer.name }}", subject={"en": "Hi {{ customer.name }}", "de": "x"})), "en")

TEXTS = st.text(alphabet=st.sampled_from("ab<>&\"'*[]() \n-{}%$LqT0TqL"), min_size=1, max_size=50)


@given(TEXTS)
@settings(max_examples=150, deadline=None)
def test_whatever_a_shop_writes_the_mail_stays_whole_or_is_refused(said: str) -> None:
    with suppress(DocumentError):
        made = draft(read(text(said + "x")), "en").render(about())
        assert (Tags(made.html).wrong, Tags(made.html).open) == ([], [])


@given(st.text(max_size=80))
def test_liquid_comes_back_as_it_was_put_away(said: str) -> None:
    tokens = Tokens()
    assert tokens.back(tokens.hide(said)).replace("\u2060", "") == said.replace("\u2060", "")


FLOODS = [
    "{% for a in (1..100000) %}{% for b in (1..100000) %}x{% endfor %}{% endfor %}",
    "{% for a in (1..900) %}{{ shop.legal }}{{ shop.legal }}{% endfor %}" * 200,
    "{% assign a = 'xxxxxxxxxxxxxxxx' %}" + "{% assign a = a | append: a %}" * 60,
    "{% for a in (1..900) %}{% endfor %}" * 2000,
    "{{ 9 | plus: 9999999999999999999 }}" * 10,
    "{% if a %}" * 50 + "{% endif %}" * 50,
]


@pytest.mark.parametrize("said", FLOODS)
def test_a_text_that_would_run_for_ever_ends_soon(said: str) -> None:
    began = monotonic()
    with suppress(FillingError):
        assert len(liquid.fill(liquid.parse(said, html=True), about())) <= liquid.OUTPUT
    assert monotonic() - began < 5


FORBIDDEN = [
    "{% include 'x' %}", "{% render 'x' %}", "{% capture a %}{% endcapture %}", "{% increment a %}",
    "{% tablerow a in b %}{% endtablerow %}", "{% liquid\nassign a = 1 %}", "{% extends 'x' %}",
]  # fmt: skip


@pytest.mark.parametrize("said", FORBIDDEN)
def test_tags_that_are_not_needed_are_not_there(said: str) -> None:
    with pytest.raises(FillingError):
        liquid.parse(said, html=True)


@pytest.mark.parametrize("said", ["safe", "times: 9", "replace: 'a', 'b'", "split: ''", "date: '%Y'", "base64_encode"])
def test_filters_that_are_not_needed_are_not_there(said: str) -> None:
    with pytest.raises(FillingError):
        liquid.fill(liquid.parse("{{ customer.name | " + said + " }}", html=True), about())


@pytest.mark.parametrize("said", ["__class__", "keys", "__init__.__globals__", "items"])
def test_nothing_of_python_is_reached(said: str) -> None:
    with pytest.raises(FillingError):
        liquid.fill(liquid.parse("{{ customer." + said + " }}", html=True), about())


def test_many_threads_share_a_renderer() -> None:
    wrong: list[int] = []

    def render(renderer: Renderer, number: int) -> None:
        for _ in range(20):
            if f"Hello N{number}N" not in renderer.render(about(name=f"N{number}N")).text:
                wrong.append(number)

    threads = [Thread(target=render, args=(PLAIN, number)) for number in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not wrong


@given(st.text())
def test_a_subject_is_one_line(said: str) -> None:
    line = one_line(said)
    assert len(line.splitlines()) <= 1
    assert len(line) <= 250
    assert line == line.strip()


TRICKY = [
    "{{ customer.name }}{{ customer.orders }}{{ customer.country }}{{ order.lines.size }}{{ order.lines.first.title }}",
    "{% if customer.name %}{% endif %}|{% if order %} {% endif %}|{% if customer.none %}a{% else %}b{% endif %}",
    "{% for line in order.lines %}{% if forloop.first %}<{% endif %}{{ line.title }}{{ forloop.index }}{% endfor %}",
    "{% for line in order.lines %}{% if forloop.index == 2 %}{% break %}{% endif %}{{ line.title }}{% endfor %}",
    "{% for a in cart.none %}x{% else %}nothing{% endfor %}{% assign a = customer.name %}{{ a }}{{ a.size }}",
    "{% if customer.name == 'x' %}1{% elsif customer.orders > 2 %}{{ customer.orders }}{% else %}3{% endif %}",
    "{% unless order %}none{% endunless %}{% case customer.country %}{% when 'DE' %}{{ customer.email }}{% endcase %}",
    "{{ order.nothing }}", "{% if customer.name.x %}y{% endif %}", "{{ customer.name.x }}", "{{ order }}", "", " ",
]  # fmt: skip


def filled(said: str, *, html: bool) -> str:
    try:
        return liquid.fill(liquid.parse(said, html=html), about(name="<b>&Anna", none=None))
    except FillingError as error:
        return f"refused: {error.what}"


@pytest.mark.parametrize("html", [True, False])
@pytest.mark.parametrize("said", TRICKY)
def test_the_quick_way_says_what_the_engine_says(said: str, monkeypatch: pytest.MonkeyPatch, *, html: bool) -> None:
    quick = filled(said, html=html)
    monkeypatch.setattr(liquid._Sandbox, "quick", False)
    assert filled(said, html=html) == quick


@pytest.mark.parametrize("name", ["ORDER", "CART", "NEWSLETTER"])
def test_whole_mails_read_the_same_either_way(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document = mails.mail(getattr(mails, name))
    context = mails.known("de-du", document, image="p")
    quick = draft(read(document), "de-du").render(context)
    monkeypatch.setattr(liquid._Sandbox, "quick", False)
    assert draft(read(document), "de-du").render(context) == quick
