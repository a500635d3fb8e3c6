"""What a shop's own past teaches about a model's forecasts: a level, a learned correction, a sharper point forecast.

Models of order timing see a customer as (x, t_x, T) and know no calendar. Backtests inside the shop's own history show
what that leaves out: the whole shop may order more in some months than in others (`season`), or more or less than
forecast (`level`), some pasts are better or worse than the model thinks (`correction`, a Poisson regression with the
model's forecast as offset), and the customer's recent pace may carry (`pace`). All of it is shrunk, and each part joins
only where it was shown to help.

`focus` serves the point forecast. Most customers buy nothing in a horizon, so the forecast with the smallest absolute
error is not the mean of each customer but a sharper one; it keeps the total and the order of customers, and moves
expectation from those who probably will not buy to those who will. Means, intervals and CLV are left unfocused.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stammkunde.clv.naive import began_after, recent_pace
from stammkunde.clv.nbd import Nbd
from stammkunde.clv.order_days import OrderDays
from stammkunde.clv.season import Season
from stammkunde.clv.transactions import TransactionModel
from stammkunde.facts import History

Array = NDArray[np.float64]

WINDOWS = (0.08, 0.2, 0.4)  # of the period
SHARE = 0.5  # of the corrected forecast in the blend with the model's own
PACE = 0.25  # of the recent pace in the blend, where it helps
LINGER = 0.25  # power of P(alive) that the recent pace is weighed with
FAINT = 0.02  # what focus leaves of a forecast below its threshold
CLIP = 4.0  # standard deviations


@dataclass(frozen=True)
class Correction:
    """A Poisson regression on standardised features of the history: log factor = (1, z) · coefficients."""

    centre: Array
    spread: Array
    coefficients: Array

    def factor(self, features: Array) -> Array:
        """Multiplier of the model's forecast, shape (customers,)."""
        z = np.clip((features - self.centre) / self.spread, -CLIP, CLIP)
        return np.asarray(np.exp(self.coefficients[0] + z @ self.coefficients[1:]))

    @classmethod
    def fit(cls, features: Array, orders: Array, offset: Array, weight: Array, *, ridge: float = 300.0) -> "Correction":
        """Penalised maximum likelihood by Newton steps; the ridge leaves the intercept alone."""
        centre = np.average(features, axis=0, weights=weight)
        spread = np.sqrt(np.average((features - centre) ** 2, axis=0, weights=weight)) + 1e-9
        z = np.column_stack([np.ones(len(orders)), (features - centre) / spread])
        penalty = np.concatenate([[1e-6], np.full(features.shape[1], ridge)])
        b = np.zeros(z.shape[1])
        for _ in range(50):
            mean = offset * np.exp(np.clip(z @ b, -30.0, 30.0))
            slope = z.T @ (weight * (orders - mean)) - penalty * b
            step = np.linalg.solve((z * (weight * mean)[:, None]).T @ z + np.diag(penalty), slope)
            step *= min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
            b = b + step
            if np.abs(step).max() < 1e-8:
                break
        return cls(centre, spread, b)


@dataclass(frozen=True)
class Tuning:
    """What the backtests taught; the default changes nothing."""

    level: float = 1.0
    theta: float = 0.0
    correction: Correction | None = None
    pace: bool = False
    season: Season | None = None

    def mean(self, forecast: Array, model: TransactionModel, history: History, days: OrderDays, t: float) -> Array:
        """Expected orders of every customer: the model's `forecast` within t units, with what was learnt."""
        parts = [forecast]
        if self.correction is not None:
            corrected = forecast * self.correction.factor(features(model, history, days, t))
            parts = [blend(forecast, corrected, SHARE)]
        if self.pace:
            own = living_pace(model, history, days, t * history.days_per_unit)
            parts = [blend(parts[0], own, PACE)]
        return parts[0] * (self.level * float(forecast.sum()) / max(float(parts[0].sum()), 1e-300))

    def to_dict(self) -> dict[str, Any]:
        saved: dict[str, Any] = {"level": self.level, "theta": self.theta, "pace": self.pace}
        if self.season is not None:
            saved["season"] = {"index": list(self.season.index), "usual": self.season.usual}
        if self.correction is not None:
            c = self.correction
            saved["correction"] = [c.centre.tolist(), c.spread.tolist(), c.coefficients.tolist()]
        return saved

    @classmethod
    def from_dict(cls, saved: dict[str, Any]) -> "Tuning":
        given = dict(saved)
        found, season = given.pop("correction", None), given.pop("season", None)
        return cls(
            **given,
            correction=None if found is None else Correction(*(np.asarray(part) for part in found)),
            season=None if season is None else Season(tuple(season["index"]), season["usual"]),
        )


def living_pace(model: TransactionModel, history: History, days: OrderDays, horizon_days: float) -> Array:
    """The recent pace of those who may still be customers: a pace revives nobody who has left."""
    alive = model.p_alive(history.x, history.t_x, history.T)
    return recent_pace(history, days, horizon_days) * alive**LINGER


def blend(first: Array, second: Array, share: float) -> Array:
    """Both on the first one's total, `share` of the second."""
    total = float(first.sum())
    return (1.0 - share) * first + share * second * (total / max(float(second.sum()), 1e-300))


def focus(mean: Array, theta: float, *, total: float | None = None) -> Array:
    """The point forecast: `theta` times the shop's mean taken off everyone, the total kept. Shape (customers,)."""
    kept = np.maximum(mean - theta * mean.mean(), FAINT * mean)
    return np.asarray(kept * ((mean.sum() if total is None else total) / max(float(kept.sum()), 1e-300)))


def features(model: TransactionModel, history: History, days: OrderDays, t: float) -> Array:
    """What the correction looks at, without units or money: shape (customers, 9)."""
    x, t_x, T = history.x, history.t_x, history.T
    pool = Nbd.fit_history(history)
    steady = np.maximum(pool.expected_if_alive(x, T, np.full_like(T, t)), 1e-9)
    week = 7.0 / history.days_per_unit
    columns = [
        (x == 0).astype(np.float64),
        np.log1p(x),
        np.log(np.maximum(model.p_alive(x, t_x, T), 1e-3)),
        np.log(steady / steady.mean()),
        np.log((T + week) / (T.mean() + week)),
        np.log((T - t_x + week / 2) / (T + week / 2)),
    ]
    period = (history.until - days.first).days
    for share in WINDOWS:
        back = max(7, int(share * period))
        since = history.until - timedelta(days=back)
        recent = days.window(history, since, history.until)[0] - began_after(history, since)
        usual = pool.expected_if_alive(x, T, np.minimum(back / history.days_per_unit, T))
        columns.append(np.log((np.maximum(recent, 0.0) + 1.0) / (usual + 1.0)))
    return np.column_stack(columns)
