"""CDNOW as the models see it, made without an engine: these tests are about models."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from stammkunde.facts import History
from stammkunde.facts.customer_days import merge_days

CALIBRATION_END = date(1997, 9, 30)


def customer_days(orders: pa.Table) -> pa.Table:
    """The customer days of a table with customer_id, date and amount, as `stammkunde.facts.days` returns them."""
    rows = pa.table(
        {
            "customer_id": orders["customer_id"],
            "day": orders["date"],
            "revenue": orders["amount"],
            "refund": np.zeros(orders.num_rows, dtype=bool),
        }
    )
    return merge_days(rows.sort_by([("customer_id", "ascending"), ("day", "ascending")]))


@pytest.fixture(scope="session")
def sample_days(cdnow_sample: pa.Table) -> pa.Table:
    """Customer days of the 1/10 sample, to 1998-06-30."""
    return customer_days(cdnow_sample)


@pytest.fixture(scope="session")
def master_days(cdnow: pa.Table) -> pa.Table:
    """Customer days of the master set, to 1998-06-30."""
    return customer_days(cdnow)


@pytest.fixture(scope="session")
def sample(sample_days: pa.Table) -> History:
    """The 1/10 sample at the end of its calibration half, 1997-09-30, in weeks: 2,357 people."""
    return History.from_days(sample_days, until=CALIBRATION_END)


@pytest.fixture(scope="session")
def master(master_days: pa.Table) -> History:
    """The master set at the end of its calibration half: 23,570 people."""
    return History.from_days(master_days, until=CALIBRATION_END)
