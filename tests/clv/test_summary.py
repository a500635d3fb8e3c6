"""What a fitted model says of itself, as text."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from stammkunde.clv.bg_bb import BgBb
from stammkunde.clv.bg_nbd import BgNbd
from stammkunde.clv.boost import Boosted, Errors
from stammkunde.clv.family import TRANSACTION_MODELS
from stammkunde.clv.fitting import fit
from stammkunde.clv.gamma_gamma import GammaGamma
from stammkunde.clv.pareto_nbd import ParetoNbd
from stammkunde.clv.value import ValueModel
from stammkunde.facts import History


@pytest.fixture(scope="module")
def plain(sample: History) -> ValueModel:
    return fit(sample, "bg-nbd")


@pytest.fixture(scope="module")
def telling(sample: History) -> ValueModel:
    """A shop where the customers of the fair order more, and come half as often."""
    rng = np.random.default_rng(1)
    fair = rng.random(1500) < 0.5
    truth = BgNbd([0.6, 8.0, 0.8, 2.5], covariates=["fair"], coefficients=[[-0.7], [0.0], [0.0]])
    paths = truth.at(fair[:, None].astype(float)).draw(np.full(1500, 80.0), 0.0, rng)
    value = np.where(paths.x > 0, 40.0 * np.exp(0.5 * fair) * rng.gamma(9.0, 1 / 9.0, 1500), 0.0)
    history = History.from_arrays(paths.x, paths.t_x, np.full(1500, 80.0), value)
    channel = pa.array(np.where(fair, "fair", "web"))
    return fit(
        replace(history, table=history.table.append_column("channel", channel)), "bg-nbd", covariates=["channel"]
    )


def test_a_summary_tells_parameters_with_errors_and_the_likelihood(plain: ValueModel) -> None:
    text = plain.summary()
    for part in (
        "bg-nbd (Fader, Hardie, Lee (2005)), log-likelihood -9,58",
        "± 0.378",
        "gamma-gamma, mean order 35.17",
    ):
        assert part in text
    assert plain.warnings[0] in text
    assert str(plain) == text


def test_a_summary_says_what_parameters_mean() -> None:
    pareto, spend = str(ParetoNbd([0.5, 10.0, 1.0, 26.0])), str(GammaGamma(4.0, 6.0, 40.0))
    assert "orders 2.6 times a year on average; paces differ by 141%." in pareto
    assert "Half of all new customers are lost within 26 weeks." in pareto
    assert "±" not in pareto
    assert "log-likelihood" not in pareto
    assert "vary by 50% around the own mean, and customers' means by 50%" in spend
    assert "mean order 32.00" in spend


@pytest.mark.parametrize("model", TRANSACTION_MODELS.values(), ids=list(TRANSACTION_MODELS))
def test_the_same_shop_says_the_same_in_days_and_in_weeks(model: type, sample: History) -> None:
    some = sample.select(np.arange(0, len(sample), 9))
    weeks, days = (model.fit(some.x, some.t_x * u, some.T * u, days_per_unit=7 / u) for u in (1.0, 7.0))
    told = [next(line for line in str(found).splitlines() if "times a year" in line) for found in (weeks, days)]
    assert told[0] == told[1]


def test_a_covariate_with_a_clear_effect_is_told_in_words(telling: ValueModel) -> None:
    text = telling.summary()
    assert "base: channel" not in text
    words = [line for line in text.splitlines() if line.startswith("  channel=")]
    assert len(words) == 2
    assert "less often" in words[0] or "more often" in words[0]
    assert "an order is worth" in words[1]
    rows = [line for line in text.splitlines() if line.startswith("    alpha  channel=")]
    assert len(rows) == 1
    assert "±" in rows[0]


def test_a_summary_tells_what_backtests_taught(chosen: ValueModel) -> None:
    text = chosen.summary()
    assert chosen.choice is not None
    assert chosen.choice.reason in text
    again = ValueModel.from_json(chosen.to_json()).summary()
    assert "What the shop's own past taught" in again
    assert "Totals were off by" in again


def test_trees_tell_what_they_were_worth(plain: ValueModel) -> None:
    trees = Boosted("", "", Errors(np.zeros(1), np.ones((1, 201))), orders_error=1.004, value_error=0.97)
    text = replace(plain, boosted=trees).summary()
    assert "Boosted trees: on customers held out the error of orders was x 1.004, that of value x 0.970" in text


def test_a_notebook_shows_the_summary_and_no_markup_of_others(telling: ValueModel) -> None:
    page = replace(telling, name="<script>")._repr_html_()
    assert page.startswith("<pre>&lt;script&gt; for 1,500 customers")
    assert "<script>" not in page


def test_models_of_occasions_and_contracts_print_themselves() -> None:
    assert str(BgBb([1.2, 0.75, 0.66, 2.78])).startswith("bg-bb")
