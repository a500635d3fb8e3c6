"""CDNOW and a simulated shop as the models see them, made without an engine: these tests are about models."""

import pyarrow as pa
import pytest

from customers import CALIBRATION_END, customer_days, simulated_orders
from stammkunde.clv.fitting import fit
from stammkunde.clv.value import ValueModel
from stammkunde.facts import History


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


@pytest.fixture(scope="session")
def chosen(sample: History) -> ValueModel:
    """What `auto` makes of the sample for the 39 weeks that follow."""
    return fit(sample, horizon="39w")


@pytest.fixture(scope="session")
def shop_days() -> pa.Table:
    """Customer days of a simulated shop, 2023 and 2024: 1,200 people."""
    return customer_days(simulated_orders(1200))
