"""Segments to begin with are called as in the reader's language, unless somebody has called them otherwise."""

import pytest
from django.test import Client
from django.utils import translation

from server.conftest import NOW
from stammkunde.server.segments.actions import audiences
from stammkunde.server.segments.models import Segment
from stammkunde.server.segments.queries.naming import purpose, title, titles
from stammkunde.server.shop.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def regulars() -> Segment:
    audiences.starters(now=NOW, by=None)
    return Segment.objects.get(starter="regulars")


def test_whoever_reads_german_sees_german_names_of_what_was_begun_in_english(regulars: Segment) -> None:
    with translation.override("de"):
        assert (title(regulars), titles()[regulars.pk]) == ("Stammkunden", "Stammkunden")
        assert purpose(regulars).startswith("Drei Bestellungen")
    assert title(regulars) == "Regulars"


def test_a_name_that_was_given_stays_in_every_language(regulars: Segment) -> None:
    regulars.name = "Our friends"
    with translation.override("de"):
        assert title(regulars) == "Our friends"


def test_pages_call_them_so(regulars: Segment, owner: Client, people: dict[str, Customer]) -> None:
    for address in ("/segments/", f"/segments/{regulars.pk}/", f"/segments/{regulars.pk}/edit/", "/customers/"):
        page = owner.get(address, headers={"accept-language": "de"}).content.decode()
        assert "Stammkunden" in page
        assert "Regulars" not in page
