"""`fit`: one call from a history to a model, whatever the shop."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customers import customer_days, simulated_orders
from stammkunde.clv.family import TRANSACTION_MODELS
from stammkunde.clv.fitting import FALLBACK, fit, fit_counted
from stammkunde.errors import NotEnoughDataError, UnknownModelError
from stammkunde.facts import History, Spending

UNTIL = date(2024, 12, 31)


def little_shop(customers: int, seed: int = 1) -> History:
    return History.from_days(customer_days(simulated_orders(customers, seed=seed)), until=UNTIL)


@pytest.mark.parametrize("name", TRANSACTION_MODELS)
def test_a_named_model_is_fitted_as_the_model_itself_would(sample: History, name: str) -> None:
    model = fit(sample, name)
    alone = TRANSACTION_MODELS[name].fit_history(sample)
    assert model.name == name
    assert model.customers == 2357
    assert alone.estimate is not None
    assert model.log_likelihood == alone.estimate.log_likelihood
    assert model.parameters.items() >= alone.parameters.items()
    assert {"p", "q", "v"} <= set(model.parameters)
    assert model.warnings == ((alone.caveat,) if alone.caveat else ())


def test_a_model_may_be_written_with_underscores_and_capitals(sample: History) -> None:
    assert fit(sample, "BG_NBD").name == "bg-nbd"


def test_an_unknown_model_is_refused_with_the_known_ones(sample: History) -> None:
    with pytest.raises(UnknownModelError, match=r"(?s)prophet.*pareto-nbd"):
        fit(sample, "prophet")


def test_nobody_is_nobody_to_learn_from(sample: History) -> None:
    with pytest.raises(NotEnoughDataError, match="no customers"):
        fit(sample.select(np.zeros(len(sample), dtype=bool)))


@pytest.mark.parametrize("customers", [1, 5, 30, 90])
def test_a_tiny_shop_gets_a_sane_answer_and_a_warning(customers: int) -> None:
    shop = little_shop(customers)
    model = fit(shop)
    assert model.voices[0].model.name == FALLBACK
    assert "Too little history to backtest" in model.warnings[0]
    assert FALLBACK in model.warnings[0]
    scores = model.predict(shop, "12m")
    a_year = float(np.sum(scores["historic_value"].to_numpy())) / 2
    assert 0 < np.sum(scores["predicted_value"].to_numpy()) < 3 * a_year + 100


def test_a_shop_of_one_order_gets_a_sane_answer() -> None:
    deniz = History.from_arrays([0], [0.0], [3.0], [40.0], until=UNTIL)
    scores = fit(deniz).predict(deniz, "12m").to_pylist()[0]
    assert 0 < scores["expected_orders"] < 5
    assert 0 < scores["expected_order_value"] < 100


def test_a_shop_that_only_gave_away_gets_an_answer() -> None:
    free = History.from_arrays([0, 2], [0.0, 5.0], [3.0, 9.0], [0.0, 0.0], until=UNTIL)
    scores = fit(free).predict(free, "12m")
    assert np.isfinite(scores["predicted_value"].to_numpy()).all()


def test_ready_summaries_are_fitted_without_backtests(sample: History) -> None:
    summaries = History.from_arrays(sample.x, sample.t_x, sample.T, sample.value, until=sample.until)
    model = fit(summaries)
    assert model.voices[0].model.name == FALLBACK
    assert model.warnings


def test_a_fit_on_counted_histories_is_that_on_the_customers_themselves(sample: History) -> None:
    model = fit(sample, "bg-nbd")
    spent = sample.value > 0
    spending = Spending(sample.x[spent], sample.value[spent], np.ones(int(spent.sum())))
    counted = fit_counted(sample.histogram(), spending, "bg-nbd")
    assert counted.parameters == pytest.approx(model.parameters, rel=1e-6)
    assert counted.customers == len(sample)


def test_progress_is_told(shop_days: pa.Table) -> None:
    told: list[str] = []
    fit(
        History.from_days(shop_days.slice(0, 1500), until=UNTIL),
        horizon="6m",
        progress=lambda text, _: told.append(text),
    )
    assert any("Testing" in text for text in told)
    assert any("Fitting" in text for text in told)


@settings(max_examples=6)
@given(customers=st.integers(1, 60), seed=st.integers(0, 1000), name=st.sampled_from(list(TRANSACTION_MODELS)))
def test_any_little_shop_gets_finite_scores(customers: int, seed: int, name: str) -> None:
    shop = little_shop(customers, seed)
    scores = fit(shop, name).predict(shop, "1y")
    for column in ("p_alive", "expected_orders", "expected_order_value", "predicted_low", "predicted_high", "clv"):
        assert np.isfinite(scores[column].to_numpy()).all()
