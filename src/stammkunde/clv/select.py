"""`auto`: which model, and what else the shop's own past teaches, by backtests inside the history and nothing else.

1. The model of order timing with the smallest mean log error of order counts over the origins. The one of regular
   customers is tried only where customers are regular, and taken only if it did best at every origin.
2. The season, if the history has two full years and the deviance at the origins falls by a standard error.
3. The level: by how much the shop as a whole ordered more than forecast, if that is beyond doubt, shrunk.
4. A learned correction, cross-fitted over five groups of customers, if it lowers the deviance by a standard error.
5. The recent pace, if errors of count and value fall and the order of customers does not suffer.
6. How sharp the point forecast is, by errors of count and value at the right total.

The reasons and figures are in docs/decisions/auto.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from scipy import special

from stammkunde.clv.backtest import Backtest, Fold, trial
from stammkunde.clv.gamma_gamma import GammaGamma
from stammkunde.clv.mbg_cnbd_k import MbgCnbdK
from stammkunde.clv.metrics import gini
from stammkunde.clv.naive import NAIVE_RULES
from stammkunde.clv.season import YEARS, Season, full_years
from stammkunde.clv.tuning import PACE, SHARE, Correction, Tuning, blend, features, focus, living_pace
from stammkunde.progress import Progress, silent

Array = NDArray[np.float64]

CANDIDATES = ("bg-nbd", "mbg-nbd", "pareto-nbd", "mbg-cnbd-k")
REGULAR = 1.5  # regularity from which the model of regular customers is tried; 1 is random
ENOUGH = 100  # customers with three repeat orders who show it, at every origin
TAU = 0.07  # spread of log levels between a shop's past and its future
THETAS = (0.0, 0.05, 0.1, 0.15, 0.2)
GUARD = 0.003  # normalised Gini that the recent pace may cost
GROUPS = 5


@dataclass(frozen=True)
class Choice:
    """What was chosen, the trials that chose it, and why, in words."""

    model: str
    tuning: Tuning
    backtest: Backtest
    reason: str
    level_error: float
    beats_naive: bool


@dataclass
class _Look:
    """One origin as the choice sees it."""

    fold: Fold
    base: Array
    usual_value: Array
    value_of_order: Array
    corrected: Array | None = None
    pace: Array | None = None

    def mean(self, tuning: Tuning) -> Array:
        found = self.base
        if tuning.correction is not None and self.corrected is not None:
            found = blend(found, self.corrected, SHARE)
        if tuning.pace and self.pace is not None:
            found = blend(found, self.pace, PACE)
        return found

    def forecasts(self, tuning: Tuning, total: float | None, money: float | None) -> tuple[Array, Array]:
        mean = self.mean(tuning)
        total = tuning.level * self.base.sum() if total is None else total
        money = tuning.level * float(self.base @ self.usual_value) if money is None else money
        return focus(mean, tuning.theta, total=total), focus(mean * self.value_of_order, tuning.theta, total=money)

    def errors(self, tuning: Tuning) -> Array:
        """Log errors of count and value at the right totals, and the Gini of value."""
        orders, value = self.forecasts(tuning, self.fold.orders.sum(), self.fold.value.sum())
        off = np.abs(orders - self.fold.orders).mean(), np.abs(value - self.fold.value).mean()
        return np.array([np.log(off[0]), np.log(off[1]), gini(value, self.fold.value)])


def choose(found: Sequence[Fold], *, candidates: Sequence[str] = CANDIDATES, progress: Progress = silent) -> Choice:
    """Choose by the origins `found`, latest first; at least two."""
    trials, expected = [], {}
    candidates = [name for name in candidates if name != MbgCnbdK.name or _regular(found)]
    names = [*candidates, *NAIVE_RULES]
    for i, fold in enumerate(found):
        for j, name in enumerate(names):
            progress(f"Testing {name} at {fold.history.until}", (i * len(names) + j) / (len(found) * len(names)))
            expected[name, i] = fold.expected(name)
            forecast = expected[name, i] * fold.order_value(name)
            trials.append(trial(name, fold, expected[name, i], forecast))
    model = best({n: [np.abs(expected[n, i] - f.orders).mean() for i, f in enumerate(found)] for n in candidates})
    progress("Learning from the tests", None)
    season, base = _season(found, [expected[model, i] for i in range(len(found))], model)
    looks = [_look(fold, model, forecast) for fold, forecast in zip(found, base, strict=True)]
    tuning = replace(_tuned(looks, model), season=season)
    trials += [trial("auto", look.fold, *look.forecasts(tuning, None, None)) for look in looks]
    backtest = Backtest(tuple(trials))
    won = _beats_naive(looks, tuning, {n: [expected[n, i] for i in range(len(found))] for n in NAIVE_RULES})
    reason = _reason(model, tuning, found, won)
    return Choice(model, tuning, backtest, reason, _level_error(looks, tuning), won)


def _regular(found: Sequence[Fold]) -> bool:
    """Whether customers are regular enough, and enough of them known at every origin, to try the model of it."""
    if min(np.count_nonzero(fold.history.x >= 3) for fold in found) < ENOUGH:
        return False
    return found[0].days.regularity(found[0].history.until)[0] >= REGULAR


def best(mae: dict[str, list[float]]) -> str:
    """The smallest geometric mean of errors over the origins; for the model of regular customers, at each of them."""
    log_mae = {name: np.log(errors) for name, errors in mae.items()}
    regular = log_mae.pop(MbgCnbdK.name, None) if len(mae) > 1 else None
    if regular is not None and np.all(regular < np.min(list(log_mae.values()), axis=0)):
        return MbgCnbdK.name
    return min(log_mae, key=lambda name: float(log_mae[name].mean()))


def order_value(x: Array, value: Array, mean_of_all: Array, repeat: GammaGamma, everything: GammaGamma) -> Array:
    """Geometric mean of what repeat orders alone and all orders say of a customer's next order."""
    return np.sqrt(repeat.expected_value(x, value) * everything.expected_value(x + 1.0, mean_of_all))


def _season(found: Sequence[Fold], base: list[Array], model: str) -> tuple[Season | None, list[Array]]:
    """The season as the latest origin knew it, and the forecasts `base` with it; None where it does not pay.

    Two origins at least have to know a full year, for a season cannot be tested on the year it was learnt from.
    """
    if not _two_years(found):
        return None, base
    learnt = [Season.learn(fold.days, fold.history, fold.fit(model)) for fold in found]
    if learnt[0] is None or sum(season is not None for season in learnt) < 2:
        return None, base
    seasonal = [
        plain if season is None else fold.expected(model, season.stretch(fold.history.until, fold.horizon_days))
        for fold, season, plain in zip(found, learnt, base, strict=True)
    ]
    customer = np.concatenate([fold.days.rows_of(fold.history) for fold in found])
    gain = [
        _deviance(fold.orders, plain) - _deviance(fold.orders, new)
        for fold, plain, new in zip(found, base, seasonal, strict=True)
    ]
    return (learnt[0], seasonal) if _pays(customer, np.concatenate(gain)) else (None, base)


def _two_years(found: Sequence[Fold]) -> bool:
    last = found[0].history.until + timedelta(days=found[0].horizon_days)
    return full_years(found[0].days.first, last) >= YEARS


def _pays(customer: NDArray[np.intp], gain: Array) -> bool:
    """Whether a gain, summed by customer over the origins, is above zero by a standard error."""
    each = np.bincount(customer, gain)[np.unique(customer)]
    return bool(each.mean() > each.std() / np.sqrt(len(each)))


def _look(fold: Fold, model: str, base: Array) -> _Look:
    h, mean = fold.history, fold.own_mean
    usual = fold.spend.expected_value(h.x, h.value)
    pace = living_pace(fold.fit(model), h, fold.days, fold.horizon_days)
    return _Look(fold, base, usual, order_value(h.x, h.value, mean, fold.spend, fold.spend_of_all), pace=pace)


def _tuned(looks: list[_Look], model: str) -> Tuning:
    tuning = Tuning(level=_level(looks))
    correction = _correct(looks, model)
    if correction is not None:
        tuning = replace(tuning, correction=correction)
    plain, paced = (_sharpest(looks, replace(tuning, pace=pace)) for pace in (False, True))
    lost = _errors(looks, replace(plain, theta=0.0))[2] - _errors(looks, replace(paced, theta=0.0))[2]
    better = _errors(looks, paced)[:2].sum() < _errors(looks, plain)[:2].sum()
    return paced if better and lost < GUARD else plain


def _errors(looks: list[_Look], tuning: Tuning) -> Array:
    return np.asarray(np.mean([look.errors(tuning) for look in looks], axis=0))


def _sharpest(looks: list[_Look], tuning: Tuning) -> Tuning:
    return min((replace(tuning, theta=theta) for theta in THETAS), key=lambda t: float(_errors(looks, t)[:2].sum()))


def _level(looks: list[_Look]) -> float:
    logs = np.array([np.log(look.fold.orders.sum() / look.base.sum()) for look in looks])
    latest = looks[0]
    noise = float(np.square(latest.fold.orders - latest.base).sum()) / float(latest.fold.orders.sum()) ** 2
    variance = float(logs.var(ddof=1)) + noise
    if abs(logs[0]) <= 2.0 * np.sqrt(variance):
        return 1.0
    return float(np.exp(TAU**2 / (TAU**2 + variance) * logs[0]))


def _correct(looks: list[_Look], model: str) -> Correction | None:
    """Cross-fit the correction, leave each origin its out-of-group forecast, and keep it only if it is worth it."""
    seen = [features(look.fold.fit(model), look.fold.history, look.fold.days, look.fold.t) for look in looks]
    x, y = np.vstack(seen), np.concatenate([look.fold.orders for look in looks])
    offset = np.concatenate([look.base * (look.fold.orders.sum() / look.base.sum()) for look in looks])
    weight = np.full(len(y), 1.0 / len(looks))
    rows = [look.fold.days.rows_of(look.fold.history) for look in looks]
    customer = np.concatenate(rows)
    group = np.random.default_rng(1).integers(0, GROUPS, int(customer.max()) + 1)[customer]
    held = np.zeros(len(y))
    for g in range(GROUPS):
        train, test = group != g, group == g
        part = Correction.fit(x[train], y[train], offset[train], weight[train])
        held[test] = offset[test] * part.factor(x[test])
    if not _pays(customer, _deviance(y, offset) - _deviance(y, (1 - SHARE) * offset + SHARE * held)):
        return None
    ends = np.cumsum([len(r) for r in rows])[:-1]
    for look, corrected in zip(looks, np.split(held, ends), strict=True):
        look.corrected = corrected
    return Correction.fit(x, y, offset, weight)


def _deviance(y: Array, mean: Array) -> Array:
    return np.asarray(2.0 * (special.xlogy(y, y / mean) - (y - mean)))


def _level_error(looks: list[_Look], tuning: Tuning) -> float:
    """Typical relative error of the total value, over the origins."""
    logs = [np.log(look.forecasts(tuning, None, None)[1].sum() / look.fold.value.sum()) for look in looks]
    return float(np.sqrt(np.mean(np.square(logs))))


def _beats_naive(looks: list[_Look], tuning: Tuning, naive: dict[str, list[Array]]) -> bool:
    """Whether the error of counts lies below that of every rule of thumb by a standard error, customers paired."""
    ours = [np.abs(look.forecasts(tuning, None, None)[0] - look.fold.orders) for look in looks]
    for forecasts in naive.values():
        theirs = [np.abs(f - look.fold.orders) for f, look in zip(forecasts, looks, strict=True)]
        gain = np.concatenate([t - o for t, o in zip(theirs, ours, strict=True)])
        if gain.mean() <= gain.std() / np.sqrt(len(looks[0].base)):
            return False
    return True


def _reason(model: str, tuning: Tuning, found: Sequence[Fold], won: bool) -> str:
    learnt = []
    if tuning.season is not None:
        learnt.append("the season of the whole shop")
    if tuning.level != 1.0:
        learnt.append(f"the level of the whole shop (x {tuning.level:.3f})")
    if tuning.correction is not None:
        learnt.append("a correction by recency and recent orders")
    if tuning.pace:
        learnt.append("the recent pace of each customer")
    words = f"{model} had the smallest error of order counts at {len(found)} days in the shop's own past"
    words += f"; joined by {' and '.join(learnt)}" if learnt else ""
    words += "" if _two_years(found) else ". A season was not looked for: that takes two full years"
    return words + ("." if won else ". No model beat the naive rules clearly: trust the ranking less than usual.")
