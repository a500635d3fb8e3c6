"""Texts are tested on orders that come late: mails that wait are given to texts by what is known, and no winner is
claimed that is none."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import translation

from server.campaigns.conftest import leave
from server.conftest import NOW
from stammkunde.server.campaigns.actions.assigning import assign
from stammkunde.server.campaigns.models import Batch, Campaign
from stammkunde.server.campaigns.queries import looking, results
from stammkunde.server.campaigns.queries.evidence import comparisons, evidence, known
from stammkunde.server.campaigns.words import sentence
from stammkunde.server.consent.actions import recording
from stammkunde.server.consent.actions.recording import Proof
from stammkunde.server.mail.models import Send, Signal
from stammkunde.server.segments.models import CustomerFacts
from stammkunde.server.shop.models import Customer, Order

pytestmark = pytest.mark.django_db

Newsletter = Callable[..., Campaign]
HOUR = timedelta(hours=1)
TWO = (("all", {"de": "A"}), ("all", {"de": "B"}))


@pytest.fixture
def crowd(db: None) -> list[Customer]:
    """Four hundred customers with an address."""
    del db
    made = Customer.objects.bulk_create(
        Customer(origin=f"n:{n}", name=f"n{n}", email=f"n{n}@example.com", known_since=NOW, changed_at=NOW)
        for n in range(400)
    )
    CustomerFacts.objects.bulk_create(
        CustomerFacts(customer=each, known_on=1, order_days=3, first_on=1) for each in made
    )
    return made


def sent_to(key: str) -> list[Send]:
    return list(Send.objects.filter(message__variant=key, state="sent").select_related("customer").order_by("pk"))


def test_a_test_goes_out_over_hours_since_all_at_once_teaches_nothing(
    crowd: list[Customer], newsletter: Newsletter, begin: Newsletter
) -> None:
    begin(newsletter(*TWO, spread_hours=10))
    due = [each - NOW for each in Send.objects.values_list("due_at", flat=True)]
    assert timedelta(hours=9) < max(due) <= timedelta(hours=10)


def test_the_text_that_is_ordered_from_gets_more_and_more(
    crowd: list[Customer], newsletter: Newsletter, begin: Newsletter, orders: Callable[..., Order]
) -> None:
    campaign = begin(newsletter(*TWO, spread_hours=10))
    first = assign(campaign, now=NOW)
    assert first[0].shares["a"] == pytest.approx(0.5, abs=0.05)
    Send.objects.filter(due_at__lt=NOW + 5 * HOUR).update(state="sent", settled_at=NOW)
    for each in sent_to("b")[:25]:
        orders(each.customer, NOW + 2 * HOUR)
    campaign.refresh_from_db()
    second = assign(campaign, now=NOW + 30 * HOUR)[0]
    assert second.shares["b"] > 0.95
    assert second.known["b"]["answers"] == 25
    waiting = Send.objects.filter(state="waiting")
    assert waiting.filter(message__variant="b").count() >= 0.95 * waiting.count() > 100


def test_an_hour_is_given_out_once(crowd: list[Customer], newsletter: Newsletter, begin: Newsletter) -> None:
    campaign = begin(newsletter(*TWO))
    assert len(assign(campaign, now=NOW)) == 1
    assert assign(campaign, now=NOW) == []  # what another worker held in its hands
    campaign.refresh_from_db()
    assert assign(campaign, now=NOW + timedelta(minutes=30)) == []
    assert len(assign(campaign, now=NOW + timedelta(minutes=56))) == 1
    assert Batch.objects.count() == 2


def test_what_has_left_keeps_its_text(crowd: list[Customer], newsletter: Newsletter, begin: Newsletter) -> None:
    campaign = begin(newsletter(*TWO))
    Send.objects.filter(due_at__lt=NOW + HOUR).update(state="claimed")
    before = dict(Send.objects.filter(state="claimed").values_list("pk", "message"))
    assert assign(campaign, now=NOW) == []
    assert dict(Send.objects.filter(state="claimed").values_list("pk", "message")) == before


def test_tenures_are_tested_apart(people: dict[str, Customer], newsletter: Newsletter) -> None:
    keys = [(each.tenure, [v.key for v in each.variants]) for each in comparisons(
        list(newsletter(("new", {}), ("new", {"de": "N"}), ("all", {}), ("all", {"de": "X"})).variants.all())
    )]  # fmt: skip
    assert keys == [("new", ["a", "b"]), ("long_standing", ["c", "d"])]
    assert comparisons(list(newsletter(("new", {}), ("all", {})).variants.all())) == []


def test_only_orders_in_the_window_after_the_mail_count_and_once_for_each_customer(
    people: dict[str, Customer], newsletter: Newsletter, begin: Newsletter, orders: Callable[..., Order]
) -> None:
    campaign = begin(newsletter(*TWO, window_hours=24))
    leave(campaign, at=NOW)
    anna, ben, deniz = people["Anna"], people["Ben"], people["Deniz"]
    orders(anna, NOW + HOUR)
    orders(anna, NOW + 2 * HOUR, total=1000, refunded=400)
    orders(ben, NOW - HOUR)  # before
    orders(ben, NOW + 25 * HOUR)  # too late
    orders(deniz, NOW + HOUR, test=True)
    orders(deniz, NOW + 3 * HOUR, cancelled_at=NOW + 4 * HOUR)
    whole = results.total(results.results(campaign, now=NOW + 48 * HOUR))
    assert (whole.buyers, whole.orders, whole.revenue) == (1, 2, 3100)
    test = comparisons(list(campaign.variants.all()))[0]
    found = evidence(campaign, test, known(campaign, now=NOW).delay, now=NOW + 48 * HOUR)
    assert sum(each.answers for each in found) == 1
    assert sum(each.ripe for each in found) == pytest.approx(4, abs=0.1)


def test_everybody_who_was_given_a_text_counts_though_some_ends_are_unknown(
    people: dict[str, Customer], newsletter: Newsletter, begin: Newsletter
) -> None:
    campaign = begin(newsletter())
    leave(campaign, "Anna", "Ben", at=NOW)
    Send.objects.filter(customer=people["Ben"]).update(state="unknown")
    Send.objects.filter(customer=people["Clara"]).update(state="suppressed", reason="no_consent", settled_at=NOW)
    whole = results.total(results.results(campaign, now=NOW + HOUR))
    assert (whole.sent, whole.suppressed, whole.waiting, whole.planned) == (2, 1, 1, 4)
    assert results.reasons(campaign) == [("no_consent", 1)]


def test_clicks_of_machines_are_nobodys(people: dict[str, Customer], newsletter: Newsletter, begin: Newsletter) -> None:
    campaign = begin(newsletter(goal="clicks"))
    leave(campaign, at=NOW)
    anna, ben = (Send.objects.get(customer=people[name]) for name in ("Anna", "Ben"))
    for number, (send, machine) in enumerate([(anna, False), (anna, False), (ben, True)]):
        Signal.objects.create(send=send, kind="clicked", at=NOW, key=f"k{number}", source="own", machine=machine)
    assert results.total(results.results(campaign, now=NOW + HOUR)).clicks == 1


def test_who_says_no_within_a_week_is_counted_beside(
    people: dict[str, Customer], newsletter: Newsletter, begin: Newsletter
) -> None:
    campaign = begin(newsletter())
    leave(campaign, at=NOW)
    recording.object_to(people["Anna"], topic="all", proof=Proof("one-click"), now=NOW + HOUR)
    recording.object_to(people["Ben"], topic="all", proof=Proof("one-click"), now=NOW + timedelta(days=8))
    assert results.total(results.results(campaign, now=NOW + timedelta(days=9))).left == 1


def test_a_handful_of_mails_is_too_few_to_say_anything(
    people: dict[str, Customer], newsletter: Newsletter, begin: Newsletter, orders: Callable[..., Order]
) -> None:
    campaign = begin(newsletter(*TWO))
    leave(campaign, at=NOW)
    orders(people["Anna"], NOW + HOUR)
    said = looking.judged(campaign, now=NOW + 80 * HOUR)[0]
    with translation.override("en"):
        assert sentence(said) == "Not enough mails yet to say anything of the texts."
    assert all(row.low is None for row in looking.rows(campaign, now=NOW))


def test_the_verdict_names_probability_and_interval(
    crowd: list[Customer], newsletter: Newsletter, begin: Newsletter, orders: Callable[..., Order]
) -> None:
    campaign = begin(newsletter(*TWO))
    leave(campaign, at=NOW)
    for each in sent_to("a")[:9]:
        orders(each.customer, NOW + HOUR)
    for each in sent_to("b")[:5]:
        orders(each.customer, NOW + HOUR)
    with translation.override("en"):
        told = sentence(looking.judged(campaign, now=NOW + 80 * HOUR)[0])
    assert told.startswith("A is better than B with probability 0.8")
    assert "between −" in told
    assert "asking goes on" in told


def test_a_prior_and_a_delay_come_from_the_shops_own_earlier_newsletters(
    crowd: list[Customer], newsletter: Newsletter, begin: Newsletter, orders: Callable[..., Order]
) -> None:
    assert not known(newsletter(), now=NOW).prior.own
    for number in range(3):
        campaign = begin(newsletter(name=f"Past {number}"))
        leave(campaign, at=NOW)
        Campaign.objects.filter(pk=campaign.pk).update(state="done", ended_at=NOW)
    for each in crowd[:20]:
        orders(each, NOW + 6 * HOUR)
    base = known(newsletter(name="Next"), now=NOW + timedelta(days=30))
    assert base.prior.own
    assert base.prior.rate == pytest.approx(0.05, abs=0.005)
    assert base.delay.hours == pytest.approx(6, abs=0.5)
