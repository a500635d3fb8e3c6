"""Before a newsletter goes out: whom it would reach, who has no basis, who is left out."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from server.campaigns.conftest import TODAY
from server.conftest import NOW
from stammkunde.server.campaigns.models import Campaign
from stammkunde.server.campaigns.queries import reach as reaching
from stammkunde.server.campaigns.queries.reach import over_cap, reach
from stammkunde.server.campaigns.queries.tenure import check
from stammkunde.server.consent.actions import ruling
from stammkunde.server.mail.actions.planning import Planned, message_for, plan
from stammkunde.server.mail.models import Send, Template, Version
from stammkunde.server.shop.models import Customer, Order, OrderLine

pytestmark = pytest.mark.django_db

Newsletter = Callable[..., Campaign]


def test_clara_who_agreed_to_nothing_is_counted_with_her_reason(
    people: dict[str, Customer], newsletter: Newsletter
) -> None:
    found = reach(newsletter(), now=NOW)
    assert (found.audience, found.allowed, found.sampled) == (4, 3, False)
    assert found.reasons == {"no_consent": 1}
    assert found.bases == {"consent": 3}
    assert found.languages == {"de": 2, "en": 1}


def test_who_has_no_address_is_told_beside(
    people: dict[str, Customer], person: Callable[..., Customer], newsletter: Newsletter
) -> None:
    Customer.objects.filter(pk=person("Emil").pk).update(email="")
    found = reach(newsletter(), now=NOW)
    assert (found.audience, found.without_address) == (4, 1)


def test_who_bought_such_goods_at_a_checkout_that_told_may_get_it(
    people: dict[str, Customer], newsletter: Newsletter, orders: Callable[..., Order]
) -> None:
    words = ruling.word("marketing", "de", "Widerspruch ist jederzeit möglich.", now=NOW, by=None)
    since = NOW - timedelta(days=9)
    ruling.state_notice(since=since, wording=words, page="", now=since, by=None)
    bought = orders(people["Clara"], NOW - timedelta(days=2))
    OrderLine.objects.create(order=bought, external_id="1", category="Tea", quantity=1, price=1, total=1)
    assert reach(newsletter(categories=["Tea"]), now=NOW).bases == {"consent": 3, "existing": 1}
    assert reach(newsletter(categories=["Pots"], name="Pots"), now=NOW).reasons == {"not_similar": 1}


def test_who_had_enough_for_now_is_told(
    people: dict[str, Customer], newsletter: Newsletter, template: Template
) -> None:
    version = Version.objects.create(template=template, number=1, document=template.draft, digest="x", created_at=NOW)
    for number in range(4):
        message = message_for("system", number, step="", version=version, now=NOW)
        plan(message, [Planned(1, people["Anna"].pk, NOW)], now=NOW)
    Send.objects.update(state="sent", settled_at=NOW - timedelta(days=3))
    assert over_cap([each.pk for each in people.values()], now=NOW) == {people["Anna"].pk}
    found = reach(newsletter(), now=NOW)
    assert (found.allowed, found.capped, found.now) == (3, 1, 2)


def test_a_large_audience_is_asked_in_a_sample_and_scaled_up(
    people: dict[str, Customer], newsletter: Newsletter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "MOST", 2)
    monkeypatch.setattr(reaching, "SAMPLE", 2)
    found = reach(newsletter(), now=NOW)
    assert (found.audience, found.asked, found.sampled) == (4, 2, True)
    assert found.allowed + sum(found.reasons.values()) == 4


def test_new_and_long_standing_customers_are_looked_at_before_it_goes_out(
    people: dict[str, Customer], newsletter: Newsletter
) -> None:
    found = check(newsletter(("long_standing", {})), now=NOW)
    new, long = found.lines
    assert (new.customers, new.audience, new.keys, new.left_out) == (1, 1, (), 1)
    assert (long.customers, long.audience, long.keys, long.left_out) == (3, 3, ("a",), 0)
    assert found.left_out == 1


def test_who_ordered_first_within_ninety_days_is_new_however_often_they_ordered(
    person: Callable[..., Customer], newsletter: Newsletter
) -> None:
    person("Fay", order_days=5, first_on=TODAY - 90)
    person("Gil", order_days=5, first_on=TODAY - 91)
    person("Hal", order_days=0)
    new, long = check(newsletter(), now=NOW).lines
    assert (new.customers, long.customers) == (2, 1)


def test_a_newsletter_that_forgets_new_customers_is_told(
    person: Callable[..., Customer], newsletter: Newsletter
) -> None:
    for number in range(20):
        person(f"New{number}", order_days=1, first_on=TODAY - 5)
        person(f"Old{number}", order_days=9, first_on=TODAY - 500)
    rule = {"any": [{"fact": "order_days", "op": ">=", "value": 5}]}
    assert check(newsletter(rule=rule), now=NOW).behind == "new"
    assert check(newsletter(name="All"), now=NOW).behind is None
