"""The peers at work, in their own environment: lifetimes and PyMC-Marketing (maximum a posteriori).

    peers.py forecast SUMMARY.npz FORECAST.npz     expected orders and spend of every model of both
    peers.py speed lifetimes|pymc ORDERS.parquet SCORES.parquet

SUMMARY holds x, t_x, T (weeks), value (mean of repeat orders) and t (weeks ahead). FORECAST holds `<model>|count` and
`<model>|spend`, or `<model>|failed`, one text, for a model that did not converge.
"""

import inspect
import logging
import sys
import warnings
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import lifetimes
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from lifetimes.utils import summary_data_from_transaction_data

from phases import Stopwatch

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)

WEEKS_A_MONTH_RATE = 0.01  # both discount by the month
TIMING = {"BG/NBD": "BetaGeo", "MBG/NBD": "ModifiedBetaGeo", "Pareto/NBD": "ParetoNBD"}
LIFETIMES = {"BG/NBD": "BetaGeoFitter", "MBG/NBD": "ModifiedBetaGeoFitter", "Pareto/NBD": "ParetoNBDFitter"}
Summary = pd.DataFrame


# --- lifetimes --------------------------------------------------------------------------------------------------


def lifetimes_timing(model: str, s: Summary) -> Any:
    np.random.seed(1)  # noqa: NPY002  its Pareto/NBD starts at random places
    return getattr(lifetimes, LIFETIMES[model])().fit(s["frequency"], s["recency"], s["T"])


def lifetimes_spend(s: Summary) -> Any:
    again = _repeaters(s)
    return lifetimes.GammaGammaFitter().fit(again["frequency"], again["monetary_value"])


def lifetimes_forecast(model: str, s: Summary, t: float) -> tuple[Any, Any]:
    timing, spend = lifetimes_timing(model, s), lifetimes_spend(s)
    count = timing.conditional_expected_number_of_purchases_up_to_time(t, s["frequency"], s["recency"], s["T"])
    value = spend.conditional_expected_average_profit(s["frequency"], s["monetary_value"])
    return np.asarray(count), np.asarray(count) * np.asarray(value)


def lifetimes_run(orders: Path, scores: Path) -> Stopwatch:
    watch = Stopwatch()
    with watch.phase("read"):
        table = _orders(orders)
    with watch.phase("summary"):
        s = summary_data_from_transaction_data(
            table, "customer_id", "date", "amount", observation_period_end=table["date"].max(), freq_multiplier=7
        )
    with watch.phase("fit"):
        timing, spend = lifetimes_timing("BG/NBD", s), lifetimes_spend(s)
    with watch.phase("value"):
        columns = (s["frequency"], s["recency"], s["T"], s["monetary_value"])
        s["clv"] = spend.customer_lifetime_value(timing, *columns, 12, WEEKS_A_MONTH_RATE, freq="W")
    with watch.phase("write"):
        s.to_parquet(scores)
    watch.facts = _found(s, {**timing.params_, **spend.params_})
    return watch


# --- PyMC-Marketing ---------------------------------------------------------------------------------------------


def pymc_fitted(model: str, s: Summary) -> Any:
    from pymc_marketing import clv

    kind = getattr(clv, f"{model}Model")
    if "data" in inspect.signature(kind.__init__).parameters:  # before 1.0
        built = kind(data=s)
        built.fit(**{"method" if "method" in inspect.signature(built.fit).parameters else "fit_method": "map"})
        return built
    built = kind()
    built.fit(data=s, method="map")
    return built


def pymc_forecast(model: str, s: Summary, t: float) -> tuple[Any, Any]:
    timing, spend = pymc_fitted(TIMING[model], s), pymc_fitted("GammaGamma", _repeaters(s))
    count = np.asarray(timing.expected_purchases(data=s, future_t=t)).ravel()
    return count, count * np.asarray(spend.expected_customer_spend(data=s)).ravel()


def pymc_run(orders: Path, scores: Path) -> Stopwatch:
    from pymc_marketing import clv

    watch = Stopwatch()
    with watch.phase("read"):
        table = _orders(orders)
    with watch.phase("summary"):
        s = clv.utils.rfm_summary(table, "customer_id", "date", "amount", time_unit="D", time_scaler=7)
    with watch.phase("fit"):
        timing, spend = pymc_fitted("BetaGeo", s), pymc_fitted("GammaGamma", _repeaters(s))
    with watch.phase("value"):
        value = spend.expected_customer_lifetime_value(
            transaction_model=timing, data=s, future_t=12, discount_rate=WEEKS_A_MONTH_RATE, time_unit="W"
        )
        s["clv"] = np.asarray(value).ravel()
    with watch.phase("write"):
        s.to_parquet(scores)
    watch.facts = _found(s, {**_point(timing), **_point(spend)})
    return watch


def _point(model: Any) -> dict[str, float]:
    posterior = model.fit_result
    names = [name for name in posterior.data_vars if name in {"r", "alpha", "a", "b", "p", "q", "v"}]
    return {name: float(posterior[name].mean()) for name in names}


# --- both -------------------------------------------------------------------------------------------------------


def _orders(path: Path) -> pd.DataFrame:
    return pq.read_table(path).to_pandas(date_as_object=False)


def _repeaters(s: Summary) -> Summary:
    return s[(s["frequency"] > 0) & (s["monetary_value"] > 0)]


def _found(s: Summary, parameters: Mapping[str, float]) -> dict[str, Any]:
    return {
        "parameters": {name: float(value) for name, value in parameters.items()},
        "customers": len(s),
        "orders": float((s["frequency"] + 1).sum()),
        "clv": float(s["clv"].sum()),
    }


def forecast(given: Path, out: Path) -> None:
    """Every model of every peer that is installed."""
    summary = dict(np.load(given))
    names = {"x": "frequency", "t_x": "recency", "T": "T", "value": "monetary_value"}
    s = pd.DataFrame({new: summary[old] for old, new in names.items()})
    s.insert(0, "customer_id", np.arange(len(s)))
    peers: dict[str, Callable[[str, Summary, float], tuple[Any, Any]]] = {"lifetimes": lifetimes_forecast}
    if find_spec("pymc_marketing"):
        peers["pymc MAP"] = pymc_forecast
    answers = {}
    for peer, predict in peers.items():
        for model in TIMING:
            name = f"{peer} {model}"
            try:
                answers[f"{name}|count"], answers[f"{name}|spend"] = predict(model, s, float(summary["t"]))
            except Exception as error:  # noqa: BLE001  whatever a peer raises is its result here
                answers[f"{name}|failed"] = np.array(type(error).__name__)
    np.savez(out, **answers)


def main() -> None:
    if sys.argv[1] == "forecast":
        forecast(*map(Path, sys.argv[2:]))
    else:
        peer = {"lifetimes": lifetimes_run, "pymc": pymc_run}[sys.argv[2]]
        if peer is pymc_run:
            import pymc_marketing.clv  # noqa: F401  so that its import is not measured
        peer(*map(Path, sys.argv[3:])).report()


if __name__ == "__main__":
    main()
