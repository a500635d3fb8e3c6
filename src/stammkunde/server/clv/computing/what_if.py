"""What one point more of repeat buyers is worth, by the fitted model itself.

A new customer's chance to order again within a span is what the model says of somebody who has just ordered first. The
pace of ordering of all customers is raised by the one factor that lifts this chance by a point; how long customers stay
and what an order is worth remain as they are. The difference of a new customer's value before and after is the answer.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import optimize, stats

from stammkunde.clv import ValueModel
from stammkunde.clv.predictive import Voice
from stammkunde.server.clv.computing.scoring import Scored

POINT = 0.01
YEAR = 365.25
QUARTER = 90.0
DRAWS = 16  # balanced, see `Estimate.shifts`
LEVEL = 0.80
FASTEST = 1.25  # beyond, a point is more than a little change


def what_if(found: Scored) -> dict[str, Any]:
    """Value of a new customer within the horizon, as is and with a point more of repeat buyers; amounts in minor units.

    The span is a year, or a quarter where nearly all who come back at all do so within the year. Empty where no model
    was fitted, or no pace up to a quarter faster reaches a point more.
    """
    model = found.model
    if model is None:
        return {}
    seen = (found.history.until - found.history.start).days
    spans = (YEAR, QUARTER) if seen >= YEAR else (QUARTER,)
    span, gain = next(((s, g) for s in spans if (g := _gain(model, s, found)) is not None), (QUARTER, None))
    if gain is None:
        return {}
    factor, before, after = gain
    drawn = [g[2] - g[1] for each in _draws(model) if (g := _gain(each, span, found)) is not None]
    reach = float(stats.norm.ppf((1 + LEVEL) / 2)) * float(np.std(drawn)) if len(drawn) > 1 else 0.0
    unit = found.unit
    return {
        "span_days": round(span),
        "horizon_days": round(found.ahead.days),
        "repeat_share": _share(model.voices, span / model.days_per_unit, 1.0),
        "factor": factor,
        "new_customer": round(before * unit),
        "new_customer_after": round(after * unit),
        "gain": round((after - before) * unit),
        "gain_low": round(max(after - before - reach, 0.0) * unit),
        "gain_high": round((after - before + reach) * unit),
        "new_a_year": int((found.history.T * found.history.days_per_unit < min(YEAR, seen + 1)).sum()),
        "days_seen": seen,
    }


def _gain(model: ValueModel, span: float, found: Scored) -> tuple[float, float, float] | None:
    """The factor on the pace, and a new customer's discounted value before and after."""
    t, now = span / model.days_per_unit, _share(model.voices, span / model.days_per_unit, 1.0)
    if not _share(model.voices, t, FASTEST) > now + POINT:
        return None
    factor = float(optimize.brentq(lambda c: _share(model.voices, t, c) - now - POINT, 1.0, FASTEST, xtol=1e-9))
    faster = replace(model, voices=tuple(replace(voice, rate=voice.rate * factor) for voice in model.voices))
    before, after = (m.new_customer(found.ahead.days, discount=found.discount) for m in (model, faster))
    return factor, before.discounted_value, after.discounted_value


def _share(voices: Sequence[Voice], t: float, factor: float) -> float:
    """P(a new customer orders again within t), the pace of all multiplied by `factor`."""
    nobody, share = np.zeros(1), 0.0
    for voice in (part for each in voices for part in each.phases()):
        alive = float(voice.model.p_alive(nobody, nobody, nobody)[0])
        none = float(voice.model.pmf_if_alive(nobody, nobody, t, 0, voice.rate * factor)[0, 0])
        share += voice.weight * alive * (1.0 - none)
    return share


def _draws(model: ValueModel) -> list[ValueModel]:
    """The model with parameters drawn from their sampling distribution."""
    rng = np.random.default_rng(1)
    voices = zip(*(voice.draws(DRAWS, rng) for voice in model.voices), strict=True)
    spends = model.spend.draws(DRAWS, rng)
    return [replace(model, voices=tuple(some), spend=spend) for some, spend in zip(voices, spends, strict=True)]
