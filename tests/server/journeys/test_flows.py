"""The flows of the library: what is in their files, what the law asks of them, how their mails read."""

import re

import pytest

from stammkunde.server.consent.packs import PACKS
from stammkunde.server.consent.purposes import TRANSACTIONAL, Purpose
from stammkunde.server.journeys.definitions.files import read_file, written_file
from stammkunde.server.journeys.definitions.reading import read, written
from stammkunde.server.journeys.definitions.values import DefinitionError
from stammkunde.server.journeys.library import showing
from stammkunde.server.journeys.library.reading import Flow, read_flow
from stammkunde.server.journeys.queries.library import FOLDER, flow, flows
from stammkunde.server.journeys.steps.send import Send
from stammkunde.server.journeys.words import times
from stammkunde.server.mail.rendering import documents, samples
from stammkunde.server.mail.rendering.blocks import Button, Coupon, Paper, Products, Survey
from stammkunde.server.mail.rendering.documents import Document
from stammkunde.server.mail.rendering.rendering import draft
from stammkunde.server.mail.rendering.voices import VOICES

ALL = pytest.mark.parametrize("found", flows(), ids=lambda each: each.key)
MAILS = [(each, key, document) for each in flows() for key, document in each.documents.items()]
MAIL = pytest.mark.parametrize(("found", "key", "document"), MAILS, ids=[key for _flow, key, _document in MAILS])
#: Words that stand in no German sentence of ours: where one does, a text was left in English.
ENGLISH = re.compile(r"\b(the|and|your|you|with|from|order|please|we|our|is|are|not|have|has)\b", re.IGNORECASE)
#: Forms of address that belong to the other German voice.
FAMILIAR = re.compile(r"\b(du|dich|dir|dein|deine|deinem|deinen|deiner|deines)\b", re.IGNORECASE)
FORMAL = re.compile(r"(?<![.?:„] )(?<!^)\b(Sie|Ihnen|Ihr|Ihre|Ihrem|Ihren|Ihrer|Ihres)\b", re.MULTILINE)


def body(document: Document, voice: str) -> str:
    """Subject, preheader and text of a mail without its footer, which is the same in all."""
    shown = showing.example(document, voice)
    return "\n".join((shown.subject, shown.preheader, shown.text.split("\n-- \n")[0]))


def test_there_is_a_flow_for_every_step_of_a_customers_life() -> None:
    wanted = {
        *("opt-in", "welcome", "order-confirmation", "shipping", "refund", "withdrawal-receipt", "onboarding"),
        *("onboarding-business", "follow-up", "feedback", "review", "cart", "browse", "back-in-stock", "second-order"),
        *("replenishment", "win-back-defecting", "win-back-inactive", "vip", "anniversary", "birthday", "digest"),
        "sunset",
    }
    assert {each.key for each in flows()} == wanted
    assert {each.name.removesuffix(".yaml") for each in FOLDER.iterdir()} == wanted


@ALL
def test_a_flow_read_and_written_again_is_the_same_flow(found: Flow) -> None:
    assert read(written(found.definition)) == found.definition
    again = read_file(written_file(found.file))
    assert again.definition == found.definition
    assert {key: documents.read(each, key=key) for key, each in again.mails.items()} == found.documents


@ALL
def test_every_mail_of_a_flow_is_sent_by_a_step_of_it(found: Flow) -> None:
    assert set(found.definition.mails) == set(found.documents)
    assert set(times(found.definition)) == {step.id for step in found.definition.steps}


@ALL
def test_a_flow_has_its_name_what_it_does_and_what_to_look_at_in_both_languages(found: Flow) -> None:
    for texts in (found.definition.name, found.definition.about, *found.look, *(each.name for each in found.pools)):
        assert {"en", "de"} <= set(texts)
        assert not ENGLISH.search(re.sub(r"“.*?”|„.*?“|\(.*?\)", "", texts["de"]).replace("Product Viewed", ""))
        assert "!" not in texts["de"] + texts["en"]
    assert found.look


@ALL
def test_advertising_ends_when_something_else_has_happened_and_nothing_that_belongs_to_a_contract_waits_for_morning(
    found: Flow,
) -> None:
    definition = found.definition
    if found.advertises:
        assert definition.words() or definition.exits
    if definition.goal == "ordered" and found.advertises:
        assert "ordered" in definition.words()
    sends = [each for each in definition.steps if isinstance(each, Send)]
    for step in sends:
        if found.documents[step.mail].purpose in {Purpose.ORDER, Purpose.SHIPPING, Purpose.WITHDRAWAL}:
            assert not step.quiet


@ALL
def test_pools_that_mails_and_steps_draw_from_are_proposed_with_the_flow(found: Flow) -> None:
    asked = {each.pool for document in found.documents.values() for each in document.blocks if isinstance(each, Coupon)}
    asked |= {pool for each in found.definition.steps if (pool := getattr(each, "pool", ""))}
    assert asked == {each.key for each in found.pools}


# --- what the law asks ------------------------------------------------------------------------------------------------


@MAIL
def test_a_mail_is_allowed_to_somebody_by_the_law_of_every_pack(found: Flow, key: str, document: Document) -> None:
    for pack in PACKS.values():
        assert all(pack.rows[purpose].bases for purpose in document.purposes().values())
    assert document.purpose in Purpose.values


@MAIL
def test_what_goes_out_on_a_contract_alone_advertises_in_blocks_of_their_own_at_most(
    found: Flow, key: str, document: Document
) -> None:
    if document.purpose not in TRANSACTIONAL:
        return
    for each in document.blocks:
        assert each.purpose or not isinstance(each, Coupon | Products | Survey)


def test_the_mail_that_asks_to_confirm_advertises_nothing_and_is_sent_twice_at_most() -> None:
    found = flow("opt-in")
    assert found is not None
    for document in found.documents.values():
        assert {each.kind for each in document.blocks} == {"heading", "text", "button", "footer"}
        assert document.purposes() == {"": Purpose.OPT_IN}
        links = [each.link.of(voice) for each in document.blocks if isinstance(each, Button) for voice in VOICES]
        assert set(links) == {"{{ links.confirm }}"}
    assert len(found.definition.mails) == 2
    assert found.definition.words() == ("confirmed", "withdrawn")


def test_carts_and_what_was_looked_at_ask_for_a_consent_and_surveys_for_one_of_their_own() -> None:
    wanted = {"cart": {"cart"}, "browse": {"browse"}, "feedback": {"survey"}, "review": {"review"}}
    for key, purposes in wanted.items():
        found = flow(key)
        assert found is not None
        assert set(map(str, found.purposes)) == purposes
    follow_up = flow("follow-up")
    assert follow_up is not None
    survey = [each for each in follow_up.documents["follow-up"].blocks if isinstance(each, Survey)]
    assert [each.purpose for each in survey] == [Purpose.SURVEY]  # left out where nobody agreed to surveys


def test_the_order_confirmation_is_clean_without_a_basis_for_the_offer() -> None:
    found = flow("order-confirmation")
    assert found is not None
    for voice in VOICES:
        context = samples.sample(voice) | {"products": {}}
        context["customer"] = context["customer"] | {"orders": 1}
        made = draft(showing.filled(found.documents["order-confirmation"]), voice)
        assert context["coupon"]["code"] in made.render(context).text
        clean = made.render(context, blocks=()).text
        assert context["coupon"]["code"] not in clean
        assert context["order"]["number"] in clean
        assert "--------" not in clean.split("\n-- \n")[0]


def test_an_incentive_stands_in_the_last_mail_of_a_cart_alone_and_none_with_a_review_or_a_thank_you() -> None:
    def codes(key: str) -> list[str]:
        found = flow(key)
        assert found is not None
        return [
            mail for mail, each in found.documents.items() if any(isinstance(block, Coupon) for block in each.blocks)
        ]

    assert codes("cart") == ["cart-3"]
    for key in ("review", "feedback", "vip", "anniversary"):
        assert codes(key) == []


def test_the_receipt_of_a_withdrawal_says_what_was_declared_when_and_about_which_order() -> None:
    found = flow("withdrawal-receipt")
    assert found is not None
    for voice in VOICES:
        told, context = body(found.documents["withdrawal-receipt"], voice), samples.sample(voice)
        for each in (*context["withdrawal"].values(), context["order"]["number"], context["order"]["placed_on"]):
            assert each in told


def test_win_back_gives_a_code_only_to_those_whose_value_carries_it() -> None:
    found = flow("win-back-defecting")
    assert found is not None
    when = times(found.definition)
    assert [step.id for step in found.definition.steps] == [
        *("worth", "code", "offer", "wait-3", "remind", "plain"),
    ]
    branch = found.definition.step("worth")
    assert branch is not None
    assert branch.ways == ("code", "plain")
    assert when["remind"].after.days == 3


# --- how mails read ---------------------------------------------------------------------------------------------------


@MAIL
@pytest.mark.parametrize("voice", VOICES)
def test_a_mail_is_finished_in_every_voice(found: Flow, key: str, document: Document, voice: str) -> None:
    told = body(document, voice)
    assert not re.search(r"\{\{|\{%|lorem|example\.invalid|!", told, re.IGNORECASE)
    assert not re.search(r"  +[^ ]|\n{3,}| ,| \.", told)
    shown = showing.example(document, voice)
    assert 15 <= len(shown.subject) <= 80
    assert 15 <= len(shown.preheader) <= 110


@MAIL
def test_german_is_german_and_addresses_people_in_one_form(found: Flow, key: str, document: Document) -> None:
    goods = [each["title"] for each in samples.products("de-du", 2)]
    for voice, other in (("de-du", FORMAL), ("de-sie", FAMILIAR)):
        told = body(document, voice)
        for title in (*goods, "https://shop.example"):
            told = told.replace(title, "")
        assert not ENGLISH.search(told), ENGLISH.search(told)
        assert not other.search(told), other.search(told)


@MAIL
def test_a_mail_asks_for_one_thing(found: Flow, key: str, document: Document) -> None:
    buttons = [each for each in document.blocks if isinstance(each, Button)]
    surveys = [each for each in document.blocks if isinstance(each, Survey)]
    assert len(buttons) <= 1
    assert len(surveys) <= 1
    assert not (buttons and surveys)


@MAIL
def test_the_only_gaps_are_links_the_shop_has_to_give(found: Flow, key: str, document: Document) -> None:
    open_links = [each for each in document.blocks if isinstance(each, Paper | Survey)]
    assert len(documents.unfilled(document)) == len(open_links)
    assert documents.unfilled(showing.filled(document)) == []


def deniz(voice: str) -> dict[str, object]:
    """Deniz, with one order, no name that is known, no cart, no code, and no articles picked."""
    context = samples.sample(voice)
    nobody = {"name": None, "first_name": None, "orders": 1, "since": None, "type": None}
    parcel = dict.fromkeys(context["parcel"])
    shop = context["shop"] | {"phone": None}
    less = {"customer": context["customer"] | nobody, "coupon": None, "products": {}, "shop": shop, "parcel": parcel}
    return context | less


@MAIL
@pytest.mark.parametrize("voice", VOICES)
def test_deniz_of_whom_little_is_known_gets_whole_sentences(
    found: Flow, key: str, document: Document, voice: str
) -> None:
    told = draft(showing.filled(document), voice).render(deniz(voice)).text.split("\n-- \n")[0]
    assert not re.search(r"  +[^ ]| ,| \.|\(\)|\*\*|: *\n*$", told), told


def test_a_flow_with_a_wrong_setting_is_refused_with_its_place() -> None:
    text = (FOLDER / "vip.yaml").read_text(encoding="utf-8")
    for change, path in (
        (("group: thanking", "group: thinking"), "settings.group"),
        (("place: ", "places: "), "settings.places"),
        (("purpose: vip", "purpose: vips"), "mails.vip-thanks.purpose"),
    ):
        with pytest.raises(DefinitionError) as told:
            read_flow(text.replace(*change))
        assert told.value.path == path
