"""KNOW: orders, from whatever people have, to one truthful row a customer; and what can be said without a model.

    from stammkunde.facts import read_orders, summarize
    history = summarize(read_orders("orders.csv"))

Only Arrow tables and numpy arrays leave this room. It writes nothing but what it is asked to write, and refuses to know
any model, screen or web server.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stammkunde.facts.cohorts import by_cohort
    from stammkunde.facts.columns import Mapping
    from stammkunde.facts.concentration import value_concentration
    from stammkunde.facts.engines import Engine, engine
    from stammkunde.facts.history import Histogram, History, Spending
    from stammkunde.facts.orders import Orders, read_orders
    from stammkunde.facts.rates import Rates
    from stammkunde.facts.rfm import rfm_scores
    from stammkunde.facts.samples import online_retail_path
    from stammkunde.facts.second_order import one_time_buyers, second_order_curve
    from stammkunde.facts.sources import headers
    from stammkunde.facts.summary import days, histogram, holdout, summarize, write_scores

__all__ = [
    "read_orders",
    "Orders",
    "Mapping",
    "headers",
    "Rates",
    "summarize",
    "History",
    "Histogram",
    "Spending",
    "days",
    "holdout",
    "histogram",
    "write_scores",
    "by_cohort",
    "rfm_scores",
    "second_order_curve",
    "one_time_buyers",
    "value_concentration",
    "engine",
    "Engine",
    "online_retail_path",
]

_HOME = {
    "read_orders": "orders",
    "Orders": "orders",
    "Mapping": "columns",
    "headers": "sources",
    "Rates": "rates",
    "summarize": "summary",
    "History": "history",
    "Histogram": "history",
    "Spending": "history",
    "days": "summary",
    "holdout": "summary",
    "histogram": "summary",
    "write_scores": "summary",
    "by_cohort": "cohorts",
    "rfm_scores": "rfm",
    "second_order_curve": "second_order",
    "one_time_buyers": "second_order",
    "value_concentration": "concentration",
    "engine": "engines",
    "Engine": "engines",
    "online_retail_path": "samples",
}


def __getattr__(name: str) -> Any:
    """Import on first use: whoever has ready summaries does not wait for the engines."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
