"""From order timing and spend to what a customer will be worth: one fitted model, its answers, its saved form."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from html import escape
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import stats

from stammkunde.clv import summary
from stammkunde.clv.backtest import mean_of_all
from stammkunde.clv.boost import Boosted
from stammkunde.clv.covariates import Covariates
from stammkunde.clv.family import transaction_model
from stammkunde.clv.gamma_gamma import GammaGamma
from stammkunde.clv.horizon import Horizon
from stammkunde.clv.order_days import order_days
from stammkunde.clv.predictive import Past, Predictive, Voice, if_alive
from stammkunde.clv.sample import blocks, in_blocks
from stammkunde.clv.select import Choice, order_value
from stammkunde.clv.tuning import Tuning, focus
from stammkunde.facts import History
from stammkunde.notices import Notice

Array = NDArray[np.float64]
YEAR = 365.25
DISCOUNT = 0.10
LEVEL = 0.80
DRAWS = 16  # of parameters, balanced: see Predictive
ROUGH = 0.25  # standard deviations of a number to which intervals look: one past serves many customers


@dataclass(frozen=True)
class Interval:
    """A mean with the bounds that hold it with probability `level`."""

    mean: float
    low: float
    high: float
    level: float = LEVEL


@dataclass(frozen=True)
class NewCustomer:
    """What the next new customer is worth: orders and value within a horizon, first order included."""

    orders: float
    value: float
    discounted_value: float


@dataclass(frozen=True)
class ValueModel:
    """A blend of models of order timing (usually one) with a model of spend per order, fitted to one shop.

    `level_error` is the standard deviation of the relative error of totals seen in backtests (0: none were made); it
    widens the interval of totals, for a shop's next year differs from its last for all customers at once.
    """

    name: str
    voices: tuple[Voice, ...]
    spend: GammaGamma
    days_per_unit: float
    customers: int
    currency: str | None = None
    basis: str = "revenue"
    level_error: float = 0.0
    warnings: tuple[Notice, ...] = ()
    tuning: Tuning | None = None
    spend_of_all: GammaGamma | None = None
    covariates: Covariates | None = None
    boosted: Boosted | None = None
    choice: Choice | None = field(default=None, repr=False, compare=False)

    # --- answers about customers -----------------------------------------------------------------------------

    def p_alive(self, history: History) -> Array:
        """P(still a customer) by the blend, shape (customers,)."""
        x, t_x, T = history.x, history.t_x, history.T
        return np.asarray(sum(v.weight * v.model.p_alive(x, t_x, T) for v in self.of(history).voices))

    def expected_orders(self, history: History, horizon: Horizon | str | float) -> Array:
        """Mean of order days in the horizon after the history's last day, shape (customers,)."""
        return self.of(history)._forecast(history, self._units(history, horizon)).orders

    def predict(
        self,
        history: History,
        horizon: Horizon | str | float = "12m",
        *,
        discount: float = DISCOUNT,
        level: float = LEVEL,
        intervals: bool = True,
    ) -> pa.Table:
        """Score every customer.

        Returns one row a customer, money in units of the history's currency and on its basis:
        customer_id, first_order, last_order, orders (order days so far), historic_value (contribution so far),
        p_alive, expected_orders and expected_order_value and their product predicted_value (not discounted) within
        the horizon, predicted_low and predicted_high (the central `level` interval of what this one customer will
        bring, widened to the mean where that lies outside: it does where most likely nothing comes),
        discounted_value (predicted_value, each order discounted continuously to the history's last day at `discount` a
        year), clv = historic_value + discounted_value, and next_order, the day by which the next order
        is as likely to have come as not (null where it is likelier never to come).

        Raises
        ------
        InputError : the horizon or another argument cannot be read, or the history lacks a covariate.
        """
        asked = Horizon.of(horizon, until=history.until, days_per_unit=self.days_per_unit)
        return self.of(history)._scores(history, asked, discount, level, intervals)

    def _scores(self, history: History, asked: Horizon, discount: float, level: float, intervals: bool) -> pa.Table:
        t = self._units(history, asked)
        f = self._forecast(history, t)
        daily = np.log1p(discount) / YEAR * asked.days / (t * self.days_per_unit)  # on the clock of the season
        mean = f.orders * f.order_value
        later = self._discounted(f.plain, f.shares, t, daily)
        in_blocks(lambda later, mean, base: later * mean / np.maximum(base, 1e-300), later, mean, f.base, out=later)
        theta = self.tuning.theta if self.tuning is not None else 0.0
        value = focus(mean, theta) if theta else mean
        low, high = self._bounds(f, value, t, level) if intervals else (pa.nulls(len(history), pa.float64()),) * 2
        historic = history.table["historic_value"].to_numpy()
        alive = _sum(share for _, share in f.shares)
        kept = ("customer_id", "first_order", "last_order", "orders", "historic_value")
        columns: dict[str, Any] = {name: history.table[name] for name in kept}
        columns |= {
            "p_alive": alive,
            "expected_orders": focus(f.orders, theta) if theta else f.orders,
            "expected_order_value": f.order_value,
            "predicted_value": value,
            "predicted_low": low,
            "predicted_high": high,
            "discounted_value": later,
            "clv": historic + later,
            "next_order": self._next_order(history, alive),
        }
        return pa.table(columns)

    def total(self, history: History, horizon: Horizon | str | float = "12m", *, level: float = LEVEL) -> Interval:
        """Predicted value of all customers together: individual, parameter and level uncertainty in its interval."""
        t, model = self._units(history, horizon), self.of(history)
        f = model._forecast(history, t)
        outlook = Predictive(model.voices, model.spend, f.past, t, draws=DRAWS)
        mean = float(f.orders @ f.order_value)
        spread = np.sqrt(outlook.variance().sum() + outlook.totals().var() + (self.level_error * mean) ** 2)
        reach = float(stats.norm.ppf((1 + level) / 2) * spread)
        return Interval(mean, max(mean - reach, 0.0), mean + reach, level)

    def predictive(self, history: History, horizon: Horizon | str | float, *, draws: int | None = None) -> Predictive:
        """The whole distribution of future orders and value, for quantiles, probabilities and calibration checks."""
        t, model = self._units(history, horizon), self.of(history)
        past = model._forecast(history, t).past
        return Predictive(model.voices, model.spend, past, t, draws=_draws(len(past.x)) if draws is None else draws)

    def new_customer(
        self, horizon_days: float = 365.0, *, discount: float = DISCOUNT, known: Mapping[str, Any] | None = None
    ) -> NewCustomer:
        """Expected orders and value of the next new customer from the first order on, that one included.

        `known` are covariates of this customer, such as {"first_channel": "shop"}; one that is not known is taken at
        the mean of the customers.

        Raises
        ------
        InputError : the model has no such covariate.
        """
        level = self.tuning.level if self.tuning is not None else 1.0
        zero, t, daily = np.zeros(1), horizon_days / self.days_per_unit, np.log1p(discount) / YEAR
        nobody, model = Past.of(zero, zero, zero, zero), self._at((self.covariates or Covariates(())).one(known or {}))
        shares = model._shares(nobody)
        more = level * float(model._expected(nobody, shares, t)[0])
        later = level * float(model._discounted(nobody, shares, t, daily)[0])
        return NewCustomer(1 + more, (1 + more) * model.spend.mean, (1 + later) * model.spend.mean)

    def simulate(self, history: History, horizon: Horizon | str | float, *, draws: int = 1, seed: int = 1) -> Array:
        """Simulated future value of every customer, shape (draws, customers)."""
        rng = np.random.default_rng(seed)
        outlook = self.predictive(history, horizon)
        levels = rng.random((draws, len(history)))
        return np.stack([outlook.at(row) for row in levels])

    # --- the model itself -------------------------------------------------------------------------------------

    @property
    def parameters(self) -> dict[str, float]:
        """Parameters by name; with several voices in the blend each name is led by its model's.

        What a covariate does to the logarithm of a parameter stands under both their names: `alpha:first_channel=web`.
        """
        found: dict[str, float] = {}
        for voice in self.voices:
            lead = f"{voice.model.name}." if len(self.voices) > 1 else ""
            found |= {f"{lead}{name}": value for name, value in voice.model.parameters.items()}
            found |= {f"{lead}{e.parameter}:{e.covariate}": e.shift for e in voice.model.effects}
        return found | self.spend.parameters | {f"v:{e.covariate}": e.shift for e in self.spend.effects}

    @property
    def log_likelihood(self) -> float | None:
        """Log-likelihood of order timing under the leading voice; None where it was not fitted."""
        lead = max(self.voices, key=lambda v: v.weight).model
        return lead.estimate.log_likelihood if lead.estimate is not None else None

    def summary(self) -> str:
        """The model as text: parameters with standard errors, what they mean, what was learnt, warnings."""
        return summary.of_value(self)

    def __str__(self) -> str:
        return self.summary()

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.summary())}</pre>"

    def to_json(self) -> str:
        """The model as JSON text; `from_json` gives it back unchanged."""
        voices = [{"weight": v.weight, "rate": v.rate, **v.model.to_dict()} for v in self.voices]
        saved: dict[str, Any] = {"format": 1, **{name: getattr(self, name) for name in _PLAIN}}
        saved["warnings"] = [warning.to_dict() for warning in self.warnings]
        saved |= {"voices": voices, "spend": self.spend.to_dict()}
        if self.tuning is not None and self.spend_of_all is not None:
            saved |= {"tuning": self.tuning.to_dict(), "spend_of_all": self.spend_of_all.to_dict()}
        if self.covariates is not None:
            saved["covariates"] = self.covariates.to_list()
        if self.boosted is not None:
            saved["boosted"] = self.boosted.to_dict()
        return json.dumps(saved, indent=2)

    @classmethod
    def from_json(cls, text: str) -> "ValueModel":
        saved = json.loads(text)
        voices = tuple(
            Voice(transaction_model(each["model"]).from_dict(each), each["weight"], each["rate"])
            for each in saved["voices"]
        )
        plain = {name: saved[name] for name in _PLAIN} | {"warnings": tuple(map(Notice.from_dict, saved["warnings"]))}
        if "tuning" in saved:
            plain |= {"tuning": Tuning.from_dict(saved["tuning"])}
            plain |= {"spend_of_all": GammaGamma.from_dict(saved["spend_of_all"])}
        if "covariates" in saved:
            plain["covariates"] = Covariates.from_list(saved["covariates"])
        if "boosted" in saved:
            plain["boosted"] = Boosted.from_dict(saved["boosted"])
        return cls(voices=voices, spend=GammaGamma.from_dict(saved["spend"]), **plain)

    def save(self, path: str | Path) -> None:
        Path(path).write_text(self.to_json(), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> "ValueModel":
        return cls.from_json(Path(path).read_text(encoding="utf-8"))

    def unsharpened(self) -> "ValueModel":
        """The same model with means for point forecasts, which add up over any group; `auto` sharpens its own."""
        return self if self.tuning is None else replace(self, tuning=replace(self.tuning, theta=0.0))

    def with_level_error(self, level_error: float) -> "ValueModel":
        return replace(self, level_error=level_error)

    # --- how ----------------------------------------------------------------------------------------------------

    def of(self, history: History) -> Self:
        """This model about these customers, with the parameters that their covariates give to each."""
        return self if self.covariates is None else self._at(self.covariates.encode(history.table))

    def _at(self, z: Array) -> Self:
        if not z.shape[-1]:
            return self
        voices = tuple(replace(voice, model=voice.model.at(z)) for voice in self.voices)
        everything = None if self.spend_of_all is None else self.spend_of_all.at(z)
        return replace(self, voices=voices, spend=self.spend.at(z), spend_of_all=everything, covariates=None)

    def _units(self, history: History, horizon: Horizon | str | float) -> float:
        asked = Horizon.of(horizon, until=history.until, days_per_unit=self.days_per_unit)
        season = None if self.tuning is None else self.tuning.season
        pace = 1.0 if season is None else season.stretch(history.until, asked.days)
        return asked.days / self.days_per_unit * pace

    def _forecast(self, history: History, t: float) -> "_Forecast":
        """Means of every customer within t units, with what the tuning knows of each beyond the model."""
        z = self.voices[0].model.z
        rough = None if z is None else np.round(z / ROUGH) * ROUGH
        plain = Past.of(history.x, history.t_x, history.T, history.value, z=z)
        shares = self._shares(plain)
        base, usual = self._expected(plain, shares, t), plain.order_value(self.spend)
        if self.boosted is not None:
            timing, spend = self.voices[0].model, self.spend
            mean, value = self.boosted.forecast(timing, spend, history, order_days(history), t, z)
            value = value / mean
        elif self.tuning is not None and self.spend_of_all is not None:
            mean = self.tuning.mean(base, self.voices[0].model, history, order_days(history), t)
            value = order_value(plain.x, plain.value, mean_of_all(history), self.spend, self.spend_of_all)
            value *= self.tuning.level * float(base @ usual) / max(float(mean @ value), 1e-300)
        else:
            past = plain if z is None else Past.of(plain.x, plain.t_x, plain.T, plain.value, z=rough)
            return _Forecast(plain, past, shares, base, base, usual)
        tuned = Past.of(
            *(plain.x, plain.t_x, plain.T, plain.value),
            factor=mean / np.maximum(base, 1e-300),
            alive=_sum(share for _, share in shares),
            worth=value / usual,
            z=rough,
        )
        return _Forecast(plain, tuned, shares, base, mean, value)

    def _shares(self, past: Past) -> "Shares":
        """How much each voice, in each of its phases, has to say of each customer: its weight by P(alive)."""
        parts = (part for voice in self.voices for part in voice.phases())
        return [(part, part.weight * past.alive(part.model)) for part in parts]

    def _expected(self, past: Past, shares: "Shares", t: float) -> Array:
        return _joined(past, ((share, if_alive(part, past, t)) for part, share in shares))

    def _discounted(self, past: Past, shares: "Shares", t: float, daily: float) -> Array:
        x, T, pace = past.levels
        later = (past.shared(part.model).discounted_if_alive(x, T, t, daily, part.rate * pace) for part, _ in shares)
        return _joined(past, zip((share for _, share in shares), later, strict=True))

    def _bounds(self, f: "_Forecast", value: Array, t: float, level: float) -> tuple[Array, Array]:
        """The interval, with the mean in it: most often nothing comes, but the mean is not nothing."""
        low, high = self._interval(f, t, level)
        return np.minimum(low, value), np.maximum(high, value)

    def _interval(self, f: "_Forecast", t: float, level: float) -> tuple[Array, Array]:
        past, tails = f.past, ((1 - level) / 2, (1 + level) / 2)
        if self.boosted is not None:
            forecast = f.orders * f.order_value
            return self.boosted.errors.quantile(forecast, tails[0]), self.boosted.errors.quantile(forecast, tails[1])
        outlook = Predictive(self.voices, self.spend, past, t, draws=_draws(len(past.x)))
        low, high = outlook.quantiles(tails)
        return low, high

    def _next_order(self, history: History, alive: Array) -> pa.Array:
        lead, size = max(self.voices, key=lambda v: v.weight), len(alive)
        day, never = np.zeros(size, dtype=np.int32), np.ones(size, dtype=bool)
        for block in blocks(size):
            rows = block.start + np.flatnonzero(alive[block] > 0.5)
            model = lead.model.take(rows)
            wait = model.waiting_time(history.x[rows], history.t_x[rows], history.T[rows], 0.5 / alive[rows])
            wait *= self.days_per_unit / lead.rate
            soon = wait < 20 * YEAR
            never[rows] = ~soon
            day[rows] = np.ceil(np.where(soon, wait, 0.0))
        day += np.datetime64(history.until, "D").astype(np.int32)
        return pa.array(day, mask=never).view(pa.date32())


#: Voices by phases, and for each the customers' chances to be alive in it, times its weight.
Shares = list[tuple[Voice, Array]]


def _sum(parts: Iterable[Array]) -> Array:
    return reduce(np.add, parts)


def _joined(past: Past, parts: Iterable[tuple[Array, Array]]) -> Array:
    """Sum of shares (customers,) by what is to come of each distinct past, given alive (levels,)."""
    shares, by_level = zip(*parts, strict=True)
    return in_blocks(
        lambda codes, *shares: _sum(share * ahead[codes] for share, ahead in zip(shares, by_level, strict=True)),
        past.codes,
        *shares,
    )


@dataclass(frozen=True)
class _Forecast:
    """Customers as the model sees them and with the tuning; the model's expected orders, and both kinds of means."""

    plain: Past
    past: Past
    shares: Shares
    base: Array
    orders: Array
    order_value: Array


_PLAIN = ("name", "days_per_unit", "customers", "currency", "basis", "level_error")


def _draws(customers: int) -> int:
    """Parameter draws for intervals of customers: few where a large shop has pinned the parameters down."""
    return DRAWS if customers < 50_000 else 4
