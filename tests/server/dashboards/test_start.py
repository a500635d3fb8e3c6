"""The Start page: what is good, what is bad, what to do; and where it comes from."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import translation
from tests.server.clv.shops import shop

from stammkunde.server.accounts.models import Entry
from stammkunde.server.clv.actions import spend
from stammkunde.server.clv.computing.run import compute
from stammkunde.server.clv.models import Run
from stammkunde.server.dashboards.actions.overview import renew
from stammkunde.server.dashboards.models import Overview, PutOff, Shelf, Shelved
from stammkunde.server.dashboards.queries import again, cards, customers
from stammkunde.server.dashboards.queries.shelves import Filter
from stammkunde.server.segments.models import CustomerFacts, State, StateMove
from stammkunde.server.shop.models import Customer, Source
from stammkunde.server.ui.templatetags.ui import day

from .conftest import EPOCH, NOW, UNTIL, Make


def figures(now=NOW) -> dict:  # type: ignore[no-untyped-def, type-arg]
    made = renew(now=now)
    assert made is not None
    return made.figures


def test_before_the_first_run_the_page_says_what_it_needs(owner: Client) -> None:
    assert "/imports/new" in owner.get("/").content.decode()
    assert renew(now=NOW) is None


def test_a_run_that_is_not_put_together_yet_is_said_so(owner: Client, buyer: Make) -> None:
    buyer("Anna", 100)
    assert "being put together" in owner.get("/").content.decode()


def test_only_who_has_had_ninety_days_counts_for_coming_back_within_them(run: Run, buyer: Make) -> None:
    buyer("Anna", 100, 60)  # came back after 40 days
    buyer("Ben", 130, 10)  # after 120 days: too late
    buyer("Clara", 89, 80)  # has not had ninety days yet
    buyer("Deniz", 100)
    found = again.repeat(again.read(run), run)
    assert (found["now"]["customers"], found["now"]["back"]) == (3, 1)
    assert found["now"]["low"] < 1 / 3 < found["now"]["high"]


def test_days_to_the_second_order_are_those_of_customers_who_had_the_time(run: Run, buyer: Make) -> None:
    for k, gap in enumerate((10, 20, 30)):
        buyer(f"Anna {k}", 400, 400 - gap)
    buyer("Ben", 400)
    buyer("Deniz", 40, 39)
    found = again.second(again.read(run), run)
    assert (found["span"], found["median"]) == (365, 20)
    assert found["within"][365]["share"] == 0.75
    assert found["within"][30]["back"] == 3


def test_an_order_given_back_in_full_is_no_second_one(run: Run, buyer: Make) -> None:
    anna = buyer("Anna", 130, 120, 20)
    anna.orders.filter(day=UNTIL - timedelta(days=120)).update(refunded=1_000)
    assert again.repeat(again.read(run), run)["now"]["back"] == 0


def test_what_is_not_known_says_what_is_missing_and_where_to_give_it(owner: Client, buyer: Make) -> None:
    buyer("Anna", 100)
    renew(now=NOW)
    page = owner.get("/").content.decode()
    assert "/value/costs/#spend" in page
    assert "not computed yet" in page
    assert "nobody has come back" not in page


def test_each_number_has_its_definition_date_basis_and_completeness(owner: Client, buyer: Make) -> None:
    buyer("Anna", 100, 50, state=State.ACTIVE)
    renew(now=NOW)
    page = owner.get("/").content.decode()
    tiles = page.count('<div class="stat" id=')
    assert tiles >= 10
    assert page.count("<summary>What this means</summary>") >= tiles
    assert "34% of the costs are estimated from rates" in page
    assert "80% of the orders have a customer" in page
    assert f"As of {day(UNTIL)}" in page
    assert "between €80.00 and €130" in page


def test_states_are_counted_with_the_moves_of_the_week(owner: Client, buyer: Make) -> None:
    anna = buyer("Anna", 100, 50, state=State.SLIPPING)
    buyer("Ben", 10, 5, state=State.ACTIVE)
    today = (NOW.date() - EPOCH).days
    for ago in (1, 30):
        StateMove.objects.create(customer=anna, before="active", after="slipping", day=today - ago, at=NOW)
    assert figures()["states"] == {
        "customers": {"slipping": 1, "active": 1}, "into": {"slipping": 1}, "out": {"active": 1}
    }  # fmt: skip
    page = owner.get("/").content.decode()
    assert "this week 1 came and 0 left" in page
    assert "/customers/?state=slipping" in page


def test_a_card_and_the_list_it_leads_to_are_the_same_customers(owner: Client, buyer: Make) -> None:
    for k in range(3):
        buyer(f"Anna {k}", 100, 50, state=State.SLIPPING, worth=9_000)
    buyer("Ben", 10, 5, state=State.ACTIVE)
    made = renew(now=NOW)
    assert made is not None
    card = next(card for card in made.cards if card["key"] == "slipping")
    listed = customers.customers(who=Filter.read(card["filter"]))
    assert card["customers"] == len(listed.rows) == listed.count == 3
    assert card["amount"] == sum(row.prediction.predicted for row in listed.rows if row.prediction) == 18_000
    assert card["low"] < card["amount"] < card["high"]
    assert "3 customers are falling silent" in owner.get("/").content.decode()


def test_cards_are_ranked_by_money_and_only_those_the_data_support(run: Run, buyer: Make) -> None:
    buyer("Anna", 100, 50, state=State.SLIPPING, worth=3_000)
    buyer("Ben", 100, 50, state=State.DUE, worth=60_000)
    buyer("Deniz", 30, worth=-900)
    made = renew(now=NOW)
    assert made is not None
    assert [card["key"] for card in made.cards] == ["due", "slipping", "below", "costs"]
    run.completeness = {}
    assert cards.cards(run, {}) == [card for card in made.cards if card["key"] in {"due", "slipping"}]


def test_without_any_address_nobody_is_asked_for_one(buyer: Make) -> None:
    buyer("Anna", 100, worth=60_000, email="")
    assert not [card for card in renew(now=NOW).cards if card["key"] == "nameless"]  # type: ignore[union-attr]
    buyer("Ben", 100)
    Overview.objects.all().delete()
    assert [card["customers"] for card in renew(now=NOW).cards if card["key"] == "nameless"] == [1]  # type: ignore[union-attr]


def test_the_page_is_put_together_again_only_where_something_changed(owner: Client, buyer: Make, run: Run) -> None:
    buyer("Anna", 100)
    figures()
    assert renew(now=NOW + timedelta(minutes=1)) is None
    spend(channel="", month=UNTIL, amount=5_000, now=NOW, by=None)
    assert renew(now=NOW + timedelta(minutes=2)) is not None
    Run.objects.filter(pk=run.pk).update(finished_at=NOW + timedelta(minutes=3))
    assert renew(now=NOW + timedelta(minutes=4)) is not None
    assert Overview.objects.count() == 1
    assert renew(now=NOW + timedelta(days=1)) is not None
    assert Overview.objects.count() == 2


def test_customers_change_shelves_and_empty_shelves_go(buyer: Make) -> None:
    anna, ben = buyer("Anna", 100, state=State.DUE), buyer("Ben", 100, state=State.DUE, country="DE")
    figures()
    assert Shelf.objects.filter(state="due").count() == 2
    CustomerFacts.objects.filter(customer=anna).update(state=State.LOST)
    Customer.objects.filter(pk=ben.pk).update(merged_into=anna)
    Overview.objects.all().delete()
    figures()
    assert Shelved.objects.get().shelf.state == "lost"
    assert Shelf.objects.get().customers == 1


@pytest.mark.django_db(transaction=True)
def test_a_whole_shop_is_told_in_both_languages(owner: Client, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stammkunde.server.clv.computing.scoring.MODEL", "bg-nbd")
    shop(source, customers=200)
    run = compute(now=NOW)
    assert run is not None
    spend(channel="web", month=UNTIL - timedelta(days=300), amount=50_000, now=NOW, by=None)
    told = figures()
    assert 0 < told["repeat"]["now"]["share"] <= 1
    assert told["concentration"]["share"] > 0.1
    assert told["returns"]["share"] > 0
    assert told["winning"]["cac"] > 0
    for language, words in (("en", "ordered only once"), ("de", "erst einmal bestellt")):
        with translation.override(language):
            page = owner.get("/", headers={"accept-language": language}).content.decode()
        assert words in page
        assert "style=" not in page


def test_a_card_can_wait_a_week_and_be_shown_again(as_role: Callable[[str], Client], buyer: Make) -> None:
    buyer("Anna", 100, 50, state=State.SLIPPING)
    renew(now=NOW)
    owner, reader = as_role("owner"), as_role("reader")
    assert reader.post("/start/slipping/later").status_code == 403
    assert owner.post("/start/nonsense/later").status_code == 404
    assert owner.post("/start/slipping/later").status_code == 302
    assert 'id="do-slipping"' not in owner.get("/").content.decode()
    assert "1 put off" in reader.get("/").content.decode()
    PutOff.objects.update(until=date(2020, 1, 1))
    assert 'id="do-slipping"' in owner.get("/").content.decode()
    owner.post("/start/slipping/later")
    owner.post("/start/slipping/again")
    assert 'id="do-slipping"' in owner.get("/").content.decode()
    assert list(Entry.objects.order_by("pk").values_list("verb", flat=True)) == ["put off", "put off", "showed again"]
