"""Flows of the library on the engine: who gets what when, and what ends it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy

from server.conftest import NOW
from server.journeys.conftest import Shop
from stammkunde.server.consent.actions import answering, recording, suppressing
from stammkunde.server.consent.actions.recording import Proof
from stammkunde.server.consent.gate import Asked
from stammkunde.server.consent.models import Suppression
from stammkunde.server.consent.queries.gate import gate
from stammkunde.server.consent.words import REASONS
from stammkunde.server.journeys.definitions.reading import written
from stammkunde.server.journeys.queries.library import flow
from stammkunde.server.mail.models import Send
from stammkunde.server.mail.rendering import facts, saying
from stammkunde.server.mail.sending import bases
from stammkunde.server.segments.queries import days
from stammkunde.server.shop.models import Event, Imprint

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
APRIL = datetime(2026, 4, 1, 6, 0, tzinfo=UTC)
Where, Sent = Callable[[], dict[str, str]], Callable[[], list[tuple[str, str]]]


def of(key: str) -> dict[str, Any]:
    """A flow as data."""
    found = flow(key)
    assert found is not None
    return written(found.definition)


def silent(shop: Shop, name: str) -> None:
    """Somebody of whom nothing was heard for a year."""
    long_ago = days.number(NOW - 365 * DAY)
    shop.person(name, known_on=long_ago, last_on=long_ago, last_event_on=long_ago, orders=1)


def pass_days(shop: Shop, number: int) -> None:
    for _ in range(number):
        shop.tick(after=DAY)


def test_who_stays_silent_is_asked_twice_and_stopped_and_who_chooses_is_left_in_peace(
    shop: Shop, where: Where, sent: Sent
) -> None:
    shop.journey(of("sunset"))
    for name in ("Ben", "Anna"):
        silent(shop, name)
    shop.tick(to=APRIL)
    assert where() == {"Ben": "wait-14", "Anna": "wait-14"}
    proof = Proof("preferences")
    answering.choose(
        shop.person("Anna"), wanted=["newsletter"], rhythm="all", paused_until=None, topics=[], proof=proof,
        now=shop.now + HOUR,
    )  # fmt: skip
    pass_days(shop, 30)
    assert where() == {"Ben": "done", "Anna": "left chosen"}
    assert [step for name, step in sent() if name == "Ben"] == ["ask", "remind"]
    stopped = Suppression.objects.get()
    assert (stopped.reason, stopped.scope, stopped.ended_at) == ("silent", "all", None)
    reason = gate([Asked(shop.person("Ben").pk, "newsletter")], now=shop.now)[0].reason
    assert reason == "suppressed_silent"
    assert REASONS[reason] != gettext_lazy(reason)


def test_who_was_stopped_for_silence_comes_back_by_a_word_of_theirs_and_one_who_complained_does_not(
    shop: Shop,
) -> None:
    ben, clara = shop.person("Ben"), shop.person("Clara")
    assert suppressing.stop([ben.email, clara.email, "", ben.email], now=NOW) == 2
    assert suppressing.stop([ben.email], now=NOW + DAY) == 0
    suppressing.suppress(clara.email, scope="all", reason="complained", now=NOW)
    for who in (ben, clara):
        made, _new = recording.request_opt_in(address=who.email, customer=who, proof=Proof("form"), now=NOW + DAY)
        recording.confirm(made, proof=Proof("link"), now=NOW + DAY)
    allowed = gate([Asked(who.pk, "newsletter") for who in (ben, clara)], now=NOW + 2 * DAY)
    assert [each.allowed for each in allowed] == [True, False]


def test_deniz_leaves_the_welcome_with_the_first_order(shop: Shop, where: Where, sent: Sent) -> None:
    shop.journey(of("welcome"))
    deniz = shop.person("Deniz")
    made, _new = recording.request_opt_in(address=deniz.email, customer=deniz, proof=Proof("form"), now=NOW)
    recording.confirm(made, proof=Proof("link"), now=NOW + HOUR)
    shop.tick(after=2 * HOUR)
    pass_days(shop, 3)
    assert sent() == [("Deniz", "hello"), ("Deniz", "story")]
    shop.order("Deniz", shop.now)
    pass_days(shop, 9)
    assert where() == {"Deniz": "left goal"}
    assert len(sent()) == 2


def test_the_cart_of_the_library_sends_three_mails_and_none_after_the_order(
    shop: Shop, where: Where, sent: Sent
) -> None:
    shop.journey(of("cart"))
    for name in ("Anna", "Ben"):
        shop.cart(name, NOW)
    for _ in range(30):
        shop.tick(after=HOUR)
    shop.order("Ben", shop.now)
    pass_days(shop, 4)
    assert where() == {"Anna": "done", "Ben": "left goal"}
    steps = [step for name, step in sent() if name == "Anna"]
    assert steps == ["remind", "help", "last"]
    assert [step for name, step in sent() if name == "Ben"] == ["remind", "help"]


def back(shop: Shop, name: str, **properties: str) -> Event:
    made = shop.event(name, "Back In Stock", shop.now)
    Event.objects.filter(pk=made.pk).update(properties=properties)
    return made


def test_only_who_asked_for_it_is_told_that_an_article_is_back(shop: Shop, sent: Sent) -> None:
    shop.marketing = False
    shop.journey(of("back-in-stock"))
    recording.ask(shop.person("Anna"), request="variant:12", proof=Proof("shop"), now=NOW - DAY)
    recording.ask(shop.person("Ben"), request="variant:9", proof=Proof("shop"), now=NOW - DAY)
    for name in ("Anna", "Ben", "Clara"):
        back(shop, name, request="variant:12", title="Sencha")
    shop.tick(after=HOUR)
    sends = list(Send.objects.order_by("pk").select_related("customer"))
    assert {each.refs["request"] for each in sends} == {"variant:12"}
    asked = [Asked(each.customer_id or 0, "requested", frozenset(), bases.answers(each)) for each in sends]
    allowed = {str(each.customer): found.allowed for each, found in zip(sends, gate(asked, now=shop.now), strict=True)}
    assert allowed == {"Anna": True, "Ben": False, "Clara": False}


def test_an_event_leads_to_the_shop_alone_and_a_withdrawal_says_when_and_what(shop: Shop) -> None:
    Imprint.objects.create(name="Teehaus", url="https://tee.example")
    event = Event(
        name="Back In Stock", at=NOW, properties={"title": "Sencha www.evil.example", "url": "https://evil.example/"}
    )
    told = saying.event(event, facts.Shop.now(), "en")
    assert (told["title"], told["url"]) == ("Sencha", "https://tee.example")
    event.properties = {"url": "https://tee.example/sencha"}
    assert saying.event(event, facts.Shop.now(), "en")["url"] == "https://tee.example/sencha"
    said = Event(name="Order Withdrawn", at=NOW, properties={"text": "I withdraw\nfrom  1042."})
    assert saying.withdrawal(said, "de-sie") == {
        "received_at": "2. März 2026, 10:00 Uhr",
        "text": "I withdraw from 1042.",
    }
    assert saying.withdrawal(Event(name="Order Withdrawn", at=NOW, properties={}), "en")["text"] is None
