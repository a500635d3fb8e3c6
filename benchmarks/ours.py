"""Stammkunde at work: what it forecasts for a shop when it may choose, and when a model is named."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from naive import Forecast
from shops import Array, Shop
from stammkunde.clv import fit
from stammkunde.clv.family import TRANSACTION_MODELS
from stammkunde.clv.metrics import ks_distance, randomised_pit
from stammkunde.errors import StammkundeError
from stammkunde.facts import History, read_orders, summarize

COLUMNS = {"customer": "customer", "date": "day", "amount": "amount"}
SEED = 1


@dataclass(frozen=True)
class Doubt:
    """Interval of each customer's spend, (n,) each, and distance of the randomised PIT from uniform."""

    low: Array
    high: Array
    pit_count: float
    pit_spend: float
    reason: str  # why auto chose what it chose


def history(shop: Shop) -> History:
    """The calibration, read from a file as a user would."""
    return summarize(read_orders(shop.file(), **COLUMNS), until=shop.split)


def forecasts(shop: Shop) -> dict[str, Forecast | str]:
    """Expected orders and spend by "auto" and by each named model; for a failed one, how it failed."""
    known, found = history(shop), {}
    for name in ("auto", *TRANSACTION_MODELS):
        try:
            model = fit(known, model=name, horizon=f"{shop.horizon}d")
        except StammkundeError as error:
            found[name] = type(error).__name__
            continue
        table = model.predict(known, f"{shop.horizon}d", intervals=False)
        table = _aligned(shop, table)
        found[name] = tuple(table[column].to_numpy() for column in ("expected_orders", "predicted_value"))
    return found


def doubt(shop: Shop, level: float) -> Doubt:
    """How sure "auto" was, for every customer."""
    known, horizon = history(shop), f"{shop.horizon}d"
    model = fit(known, horizon=horizon)
    table = _aligned(shop, model.predict(known, horizon, level=level))
    low, high = (table[column].to_numpy() for column in ("predicted_low", "predicted_high"))
    count, spent = (column[_place(shop, known.table)] for column in shop.truth)
    outlook, rng = model.predictive(known, horizon), np.random.default_rng(SEED)
    nothing, spends = outlook.order_cdf(np.zeros_like(count)), spent > 0
    upto = np.where(spends, 1.0 - outlook.survival(np.where(spends, spent, 1.0)), nothing)
    pits = (outlook.order_cdf(count - 1), outlook.order_cdf(count)), (np.where(spends, upto, 0.0), upto)
    distances = (ks_distance(randomised_pit(*bounds, rng)) for bounds in pits)
    return Doubt(low, high, *distances, model.choice.reason if model.choice else "; ".join(model.warnings))


def _place(shop: Shop, table: pa.Table) -> Array:
    """For each row of the table, the number of its customer in the shop's summary."""
    place = np.searchsorted(shop.summary.customer, table["customer_id"].to_numpy())
    assert np.array_equal(shop.summary.customer[place], table["customer_id"].to_numpy())
    return place


def _aligned(shop: Shop, table: pa.Table) -> pa.Table:
    """The table in the order of the shop's summary; every customer of it is there."""
    assert table.num_rows == len(shop.summary.customer)
    return table.take(pa.array(np.argsort(_place(shop, table))))
