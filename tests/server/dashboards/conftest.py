"""A small shop after a night: customers with orders, a finished run, a prediction each."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest

from stammkunde.server.clv.models import Prediction, Run
from stammkunde.server.segments.models import CustomerFacts
from stammkunde.server.shop.models import Customer, Order, Source

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
UNTIL = date(2026, 3, 1)
EPOCH = date(1970, 1, 1)
NUMBERS = count(1)
QUANTILES = {"0.1": 1_000, "0.25": 2_000, "0.5": 5_000, "0.75": 10_000, "0.9": 20_000, "0.99": 90_000}
Make = Callable[..., Any]


@pytest.fixture
def run(db: None) -> Run:
    """A finished run of a shop of ten customers who will bring 1,000 euros."""
    del db
    return Run.objects.create(
        state=Run.State.DONE, started_at=NOW, finished_at=NOW, until=UNTIL, first_day=date(2024, 1, 1), horizon="12m",
        horizon_end=date(2027, 3, 1), discount=0.1, currency="EUR", basis="contribution", customers=10, repeaters=4,
        orders=20, historic=500_000, predicted=100_000, predicted_low=80_000, predicted_high=130_000, active=7.5,
        estimated_share=0.34, distribution={"quantiles": QUANTILES},
        completeness={"quiet": 0, "without_customer": 5, "states": {"goods_estimated": [5, 10, 5]}},
    )  # fmt: skip


@pytest.fixture
def buyer(run: Run, source: Source) -> Make:
    """Somebody who ordered so many days before the end of the run: `buyer("Anna", 200, 160, worth=30_000)`."""

    def made(name: str, *ago: int, worth: int = 3_000, state: str = "", **fields: Any) -> Customer:
        email = fields.pop("email", f"{name.lower()}@example.com")
        one = Customer.objects.create(
            origin=f"shop:{next(NUMBERS)}", name=name, email=email, known_since=NOW, changed_at=NOW, **fields
        )
        days = sorted(UNTIL - timedelta(days=each) for each in ago)
        for day in days:
            at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
            Order.objects.create(
                source=source, external_id=str(next(NUMBERS)), customer=one, day=day, currency="EUR", gross=1_000,
                total=1_000, placed_at=at,
            )  # fmt: skip
        if days:
            Prediction.objects.create(
                customer=one, run=run, first_day=days[0], last_day=days[-1], orders=len(days), historic=worth // 3,
                p_alive=0.8, expected_orders=1.5, expected_order_value=1_000, predicted=worth - worth // 3,
                low=0, high=worth, clv=worth,
            )  # fmt: skip
        if state:
            known(one, state, days)
        return one

    return made


def known(one: Customer, state: str, days: list[date], **facts: Any) -> None:
    """What the segments room has found out of somebody."""
    numbers = [(day - EPOCH).days for day in days]
    CustomerFacts.objects.create(
        customer=one, known_on=0, has_email=bool(one.email), state=state, orders=len(days), order_days=len(days),
        first_on=numbers[0] if days else None, last_on=numbers[-1] if days else None,
        **{"state_since": (UNTIL - EPOCH).days - 3, **facts},
    )  # fmt: skip
