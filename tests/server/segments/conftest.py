"""Anna, Ben, Clara and Deniz as the computation knows them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from server.conftest import NOW
from stammkunde.server.segments.actions.standing import count
from stammkunde.server.segments.models import CustomerFacts
from stammkunde.server.shop.models import Customer

TODAY = (NOW.date() - date(1970, 1, 1)).days


@pytest.fixture
def person(db: None) -> Callable[..., Customer]:
    """Somebody of whom this is known: `person("Anna", state="active", orders=12)`."""
    del db

    def made(name: str, **known: Any) -> Customer:
        customer = Customer.objects.create(origin=f"shop:{name}", name=name, known_since=NOW, changed_at=NOW)
        CustomerFacts.objects.create(customer=customer, known_on=TODAY - 400, **known)
        count()
        return customer

    return made


@pytest.fixture
def people(person: Callable[..., Customer]) -> dict[str, Customer]:
    """Anna is active and worth most, Ben slipping, Clara has no value yet, Deniz ordered once."""
    return {
        "Anna": person(
            "Anna", state="active", orders=12, clv=90_000, value_percent=0, r=5, f=5, m=5, last_on=TODAY - 9
        ),
        "Ben": person("Ben", state="slipping", orders=7, clv=40_000, value_percent=25, r=2, f=4, m=4),
        "Clara": person("Clara", state="lead"),
        "Deniz": person("Deniz", state="one_time", orders=1, clv=5_000, value_percent=50, r=3, f=1, m=1),
    }
