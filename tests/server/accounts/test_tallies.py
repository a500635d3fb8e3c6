"""Attempts are counted in the database: one count for all processes."""

from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.db import connection
from django.test import Client

from stammkunde.server.accounts.models import Tally
from stammkunde.server.accounts.tallies import Tallies

pytestmark = pytest.mark.django_db


@pytest.fixture
def counts(settings: Any) -> BaseCache:
    """The cache, as settings name it."""
    settings.CACHES = {"default": {"BACKEND": "stammkunde.server.accounts.tallies.Tallies"}}
    return caches["default"]


def test_a_value_is_kept_for_its_time_and_added_once(counts: BaseCache) -> None:
    assert counts.get("tries", []) == []
    counts.set("tries", [1.5, 0.5], 60)
    assert counts.get("tries") == [1.5, 0.5]
    assert counts.add("tries", [], 60) is False
    assert counts.add("code", "y", 60) is True
    assert counts.touch("code", -1) is True
    assert counts.get("code") is None
    assert counts.add("code", "y", 60) is True  # the one that has run out does not stand in the way
    assert counts.delete("code") is True
    assert counts.delete("code") is False


def test_what_has_run_out_goes_at_the_next_write(counts: BaseCache) -> None:
    counts.set("old", 1, -1)
    counts.set("kept", 2, None)
    assert list(Tally.objects.values_list("value", flat=True)) == [2]
    counts.clear()
    assert Tally.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_several_who_add_at_once_one_succeeds() -> None:
    start, won = Barrier(4), []

    def add() -> None:
        start.wait()
        won.append(Tallies("", {}).add("lock", "y", 10))
        connection.close()

    several = [Thread(target=add) for _ in range(4)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    assert sorted(won) == [False, False, False, True]


def test_guesses_are_counted_there(counts: BaseCache) -> None:
    for _ in range(5):
        Client().post("/account/login/", {"login": "anna@example.com", "password": "wrong"})
    assert (
        "Too many"
        in Client().post("/account/login/", {"login": "anna@example.com", "password": "wrong"}).content.decode()
    )
    assert Tally.objects.count() >= 2
