"""The results of commands as JSON: names that stay, and null for what is not known. docs/reference/cli.md has them."""

import json
import math
from datetime import date
from typing import Any

from stammkunde.cli.backtest import Tried, rows
from stammkunde.cli.score import Scored
from stammkunde.clv import Backtest
from stammkunde.clv.report.trial import level_of, timing
from stammkunde.facts import Orders


def scored(result: Scored) -> str:
    """What `clv score --json` prints."""
    asked, sums, model = result.question, result.sums, result.model
    low, high = result.interval or (None, None)
    name = timing(model)
    return _text(
        {
            "customers": result.customers,
            "orders": round(sums["orders"]),
            **_orders(result.orders),
            "horizon": {"asked": result.ahead.text, "days": result.ahead.days, "to": result.end},
            "discount": asked.discount,
            "model": {
                "name": name,
                "asked": asked.model,
                "unit": asked.unit,
                "parameters": model.parameters,
                "log_likelihood": model.log_likelihood,
                "reason": model.choice.reason if model.choice is not None else None,
            },
            "backtest": _backtest(result.found, level_of(model), chosen="auto" if model.choice is not None else name),
            "totals": {
                "historic": sums["historic_value"],
                "predicted": sums["predicted_value"],
                "predicted_low": low,
                "predicted_high": high,
                "expected_orders": sums["expected_orders"],
                "active": sums["p_alive"],
                "clv": sums["clv"],
            },
            "warnings": result.warnings,
        }
    )


def tried(result: Tried) -> str:
    """What `clv backtest --json` prints."""
    choice = result.choice
    return _text(
        {
            "customers": result.customers,
            **_orders(result.orders),
            "horizon": {"asked": result.ahead.text, "days": result.ahead.days},
            "choice": choice.model if choice is not None else None,
            "beats_naive": choice.beats_naive if choice is not None else None,
            "reason": result.reason,
            "backtest": _backtest(result.found, result.level, chosen="auto" if choice is not None else None),
            "trials": result.trials.to_pylist(),
            "warnings": result.orders.warnings,
        }
    )


def _orders(orders: Orders) -> dict[str, Any]:
    totals = dict(orders.totals)
    reasons = totals.pop("by_reason")
    return {
        "rejected": orders.rejected,
        "rejected_by_reason": {reason: {"rows": rows, "amount": amount} for reason, (rows, amount) in reasons.items()},
        "rows": totals,
        "period": {"from": orders.period[0], "to": orders.until, "last_order": orders.period[1]},
        "currency": orders.currency,
        "basis": orders.basis,
        "estimated_share": orders.estimated_share,
        "mapping": orders.mapping.columns,
    }


def _backtest(found: Backtest | None, level: float, *, chosen: str | None) -> list[dict[str, Any]]:
    if found is None:
        return []
    return [
        {
            "model": (name := row.pop("model")),
            "naive": name in found.naive,
            "chosen": name == chosen,
            "origins": row.pop("origins"),
            "metrics": row,
        }
        for row in rows(found, level)
    ]


def _text(result: dict[str, Any]) -> str:
    return json.dumps(_plain(result), indent=2, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    """Days as text, and null for what is no number."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
