"""Tables are brought up to date by one process at a time."""

import threading
import time

import pytest
from django.db import connection

from stammkunde.server.lib import migrating


@pytest.mark.django_db(transaction=True)
def test_who_comes_second_waits_for_the_first() -> None:
    order: list[str] = []

    def second() -> None:
        try:
            with migrating.alone():
                order.append("second")
        finally:
            connection.close()

    with migrating.alone():
        thread = threading.Thread(target=second)
        thread.start()
        time.sleep(0.5)
        order.append("first")
    thread.join(30)
    assert order == ["first", "second"]


@pytest.mark.django_db(transaction=True)
def test_a_lock_does_not_outlive_who_held_it() -> None:
    with pytest.raises(ZeroDivisionError), migrating.alone():
        raise ZeroDivisionError
    with migrating.alone():
        assert migrating.missing() == 0


@pytest.mark.django_db(transaction=True)
def test_where_nothing_is_missing_nothing_is_done() -> None:
    assert migrating.migrate() == 0
