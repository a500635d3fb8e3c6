"""The pages of segments: where customers stand, how they moved, who they are."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from stammkunde.server.segments.models import Recompute, Standing, StateMove
from stammkunde.server.segments.queries import days
from stammkunde.server.shop.models import Customer

pytestmark = pytest.mark.django_db
People = dict[str, Customer]
Make = Callable[..., Customer]


def moved(customer: Customer, before: str, after: str, *, ago: int) -> None:
    at = timezone.now() - timedelta(days=ago)
    StateMove.objects.create(customer=customer, before=before, after=after, at=at, day=days.number(at))


def test_before_the_first_orders_the_page_teaches_and_offers_the_next_step(owner: Client) -> None:
    html = owner.get("/segments/").content.decode()
    assert "It needs one thing" in html
    assert f'href="{reverse("import-new")}"' in html


def test_before_the_first_computation_nothing_is_said_of_states(owner: Client, people: People) -> None:
    Standing.objects.all().delete()
    html = owner.get("/segments/").content.decode()
    assert "Where customers stand" not in html


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_page_says_who_is_late_and_draws_moves_with_a_table(owner: Client, people: People, language: str) -> None:
    Recompute.objects.create(full=True, began_at=timezone.now(), ended_at=timezone.now(), day=1)
    moved(people["Ben"], "active", "slipping", ago=3)
    moved(people["Anna"], "due", "active", ago=27)
    moved(people["Deniz"], "new", "one_time", ago=29)
    html = owner.get("/segments/", headers={"accept-language": language}).content.decode()
    assert ("One customer is late" if language == "en" else "Ein Kunde ist nach dem eigenen Rhythmus") in html
    assert ("2 changes of state; 1 of them" if language == "en" else "2 Wechsel; 1 davon") in html
    assert html.count('class="flow worse"') == 2  # for wide screens and for narrow ones
    assert "style=" not in html


def test_tiers_and_the_grid_lead_to_the_customers_in_them(owner: Client, people: People) -> None:
    html = owner.get("/segments/").content.decode()
    for address, name in (("tier=top", "Anna"), ("tier=middle", "Ben"), ("tier=low", "Deniz"), ("r=2&amp;f=4", "Ben")):
        assert f'href="/segments/people/?{address}"' in html
        found = owner.get(f"/segments/people/?{address.replace('amp;', '')}").content.decode()
        assert [each for each in people if f">{each}</a>" in found] == [name]


def test_customers_come_page_by_page_the_most_valuable_first_and_those_without_value_last(
    owner: Client, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stammkunde.server.segments.queries.people.page.__kwdefaults__", {"after": "", "most": 1})
    address, seen = "/segments/people/", []
    while address:
        html = owner.get(address).content.decode()
        seen += [name for name in people if f">{name}</a>" in html]
        _before, next_page, rest = html.partition('rel="next" href="')
        address = f"/segments/people/{rest.partition(chr(34))[0]}".replace("&amp;", "&") if next_page else ""
    assert seen == ["Anna", "Ben", "Deniz", "Clara"]


@pytest.mark.parametrize(
    "asked", ["state=nothing", "r=9", "customer_type=x", "customer_type=99999999999999999999", "after=x.y", "tier=best"]
)
def test_an_address_that_makes_no_sense_shows_all(owner: Client, people: People, asked: str) -> None:
    html = owner.get(f"/segments/people/?{asked}").content.decode()
    assert "All customers" in html
    assert "4 customers." in html


def test_a_name_with_markup_in_it_is_only_a_name(owner: Client, person: Make) -> None:
    person("<b onclick=x>Anna</b>", state="active", orders=1)
    assert "<b onclick" not in owner.get("/segments/people/?state=active").content.decode()
