"""A fitted model as text: parameters with standard errors, the likelihood, what they mean in words, its warnings."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from stammkunde.clv.covariates import Effect
from stammkunde.clv.gamma_gamma import GammaGamma
from stammkunde.clv.transactions import TransactionModel

if TYPE_CHECKING:
    from stammkunde.clv.value import ValueModel

UNITS: Mapping[float, str] = {7.0: "week", 1.0: "day", 1 / 24: "hour"}
CLEAR = 2.0  # standard errors from which an effect is told in words


def of_value(model: "ValueModel") -> str:
    """The whole of a model of value."""
    lines = [f"{model.name} for {model.customers:,} customers, values are {model.basis}"]
    for voice in model.voices:
        share = f"{voice.weight:.0%} " if len(model.voices) > 1 else ""
        lines += ["", f"When orders come: {share}{of_timing(voice.model)}"]
        lines += [f"  Its pace was taken x {voice.rate:.3f}."] if voice.rate != 1.0 else []
    lines += ["", f"What an order is worth: {of_spend(model.spend, model.currency)}"]
    if learnt := list(_learnt(model)):
        lines += ["", "What the shop's own past taught", *_indented(learnt)]
    if model.warnings:
        lines += ["", "Warnings", *_indented(model.warnings)]
    return "\n".join(lines)


def of_timing(model: TransactionModel) -> str:
    """A model of order timing."""
    lines = [f"{model.name} ({model.source}){_fit(model.estimate)}"]
    lines += _parameters(model.parameters, model.standard_errors)
    lines += _indented(_timing_in_words(model))
    return "\n".join(lines + _effects(model.effects) + _indented(_timing_effects(model)))


def of_spend(spend: GammaGamma, currency: str | None = None) -> str:
    """A model of spend."""
    money = f" {currency}" if currency else ""
    lines = [f"{spend.name}, mean order {spend.mean:,.2f}{money}{_fit(spend.estimate)}"]
    lines += _parameters(spend.parameters, spend.standard_errors)
    own = f"The orders of one customer vary by {1 / np.sqrt(spend.p):.0%} around the own mean"
    between = (
        f", and customers' means by {1 / np.sqrt(spend.q - 2):.0%}" if spend.q > 2 else ", customers' means widely"
    )
    said = [f"{e.covariate}: an order is worth {_change(e.shift)}." for e in _clear(spend.effects)]
    return "\n".join([*lines, f"  {own}{between}.", *_effects(spend.effects), *_indented(said)])


def _timing_in_words(model: TransactionModel) -> Iterator[str]:
    p, unit = model.parameters, UNITS.get(model.days_per_unit, f"{model.days_per_unit:g} days")
    yearly, differ = _pace(model) * 365.25 / model.days_per_unit, 1 / np.sqrt(p["r"])
    yield f"While still one, a customer orders {yearly:.1f} times a year on average; paces differ by {differ:.0%}."
    if (k := getattr(model, "k", 1)) > 1:
        yield f"Orders come at regular intervals: in {k} steps, where 1 is at random."
    if {"a", "b"} <= set(p):
        yield f"After an order {p['a'] / (p['a'] + p['b']):.0%} of customers are lost on average."
    if {"s", "beta"} <= set(p):
        half = p["beta"] * np.expm1(np.log(2.0) / p["s"])
        yield f"Half of all new customers are lost within {half:,.0f} {unit}{'s' * (round(half) != 1)}."


def _timing_effects(model: TransactionModel) -> Iterator[str]:
    """For each covariate with a clear effect, pace and loss against the base."""
    clear = {effect.covariate for effect in _clear(model.effects)}
    for row, name in zip(np.eye(len(model.covariates)), model.covariates, strict=True):
        if name not in clear:
            continue
        mine = model.at(row)
        said = f"{name}: orders come {_change(np.log(_pace(mine) / _pace(model)))} often"
        loss, usual = _loss(mine), _loss(model)
        yield said + (f", {loss[0]} {loss[1]} instead of {usual[1]}." if loss and usual else ".")


def _pace(model: TransactionModel) -> float:
    """Orders a unit of time."""
    p = model.parameters
    return p["r"] / p["alpha"] / float(getattr(model, "k", 1))


def _loss(model: TransactionModel) -> tuple[str, str] | None:
    p = model.parameters
    if {"a", "b"} <= set(p):
        return "lost after an order", f"{p['a'] / (p['a'] + p['b']):.0%}"
    if {"s", "beta"} <= set(p):
        half = p["beta"] * np.expm1(np.log(2.0) / p["s"]) * model.days_per_unit
        return "half are lost within", f"{half:,.0f} days"
    return None


def _learnt(model: "ValueModel") -> Iterator[str]:
    if model.choice is not None:
        yield model.choice.reason
    elif model.tuning is not None:
        if model.tuning.season is not None:
            index = model.tuning.season.index
            yield f"The season of the whole shop: from x {min(index):.2f} to x {max(index):.2f} by month."
        if model.tuning.level != 1.0:
            yield f"The level of the whole shop: x {model.tuning.level:.3f}."
        if model.tuning.correction is not None:
            yield "A correction of each customer by recency and recent orders."
        if model.tuning.pace:
            yield "The recent pace of each customer."
    if model.boosted is not None:
        trees = model.boosted
        yield (
            f"Boosted trees: on customers held out the error of orders was x {trees.orders_error:.3f}, that of value "
            f"x {trees.value_error:.3f} of the timing model's."
        )
    if model.level_error:
        yield f"Totals were off by {model.level_error:.0%} in backtests; the interval of the total allows for it."


def _fit(estimate: object) -> str:
    found = getattr(estimate, "log_likelihood", None)
    return "" if found is None else f", log-likelihood {found:,.2f}"


def _parameters(parameters: Mapping[str, float], errors: Mapping[str, float]) -> list[str]:
    return [f"    {k:<6} {v:>12.5g}" + (f"  ± {errors[k]:.3g}" if k in errors else "") for k, v in parameters.items()]


def _effects(effects: list[Effect]) -> list[str]:
    """Logarithms by which covariates move parameters."""
    if not effects:
        return []
    width = max(len(effect.covariate) for effect in effects)
    rows = (
        f"    {e.parameter:<6} {e.covariate:<{width}} {e.shift:>+9.3f}" + (f"  ± {e.error:.3f}" if e.error >= 0 else "")
        for e in effects
    )
    return [
        "  Covariates add to the logarithm of a parameter, a level against the base, a number a standard deviation:",
        *rows,
    ]


def _clear(effects: list[Effect]) -> list[Effect]:
    return [effect for effect in effects if abs(effect.shift) > CLEAR * effect.error]


def _change(shift: float) -> str:
    return f"{abs(np.expm1(shift)):.0%} {'more' if shift > 0 else 'less'}"


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"  {line}" for line in lines]
