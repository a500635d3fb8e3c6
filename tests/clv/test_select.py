"""`auto`: chosen by the shop's own past, for reasons that are told."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from customers import CALIBRATION_END, customer_days, simulated_orders
from stammkunde.clv.backtest import Fold, folds
from stammkunde.clv.family import TRANSACTION_MODELS
from stammkunde.clv.fitting import fit, select
from stammkunde.clv.gamma_gamma import GammaGamma
from stammkunde.clv.naive import NAIVE_RULES
from stammkunde.clv.order_days import OrderDays
from stammkunde.clv.select import CANDIDATES, choose, order_value
from stammkunde.clv.value import ValueModel
from stammkunde.facts import History

UNTIL = date(2024, 12, 31)
QUICK = ("bg-nbd", "mbg-nbd")


@pytest.fixture(scope="module")
def origins(shop_days: pa.Table) -> list[Fold]:
    return folds(OrderDays(shop_days), until=UNTIL, horizon_days=181, unit="week")


def test_every_candidate_is_in_the_family() -> None:
    assert set(CANDIDATES) <= set(TRANSACTION_MODELS)


def test_the_model_with_the_smallest_error_at_the_origins_is_chosen(origins: list[Fold]) -> None:
    choice = choose(origins, candidates=QUICK)
    errors = {m: np.mean([np.log(t.orders.mae) for t in choice.backtest.of(m)]) for m in QUICK}
    assert choice.model == min(QUICK, key=lambda name: errors[name])
    assert choice.model in choice.reason
    assert set(choice.backtest.models) == {*QUICK, *NAIVE_RULES, "auto"}
    assert all(len(choice.backtest.of(name)) == len(origins) for name in choice.backtest.models)


def test_a_choice_made_twice_is_the_same(origins: list[Fold]) -> None:
    first, again = (choose(origins, candidates=QUICK) for _ in range(2))
    assert (first.model, first.reason, first.level_error) == (again.model, again.reason, again.level_error)
    assert first.backtest.rows() == again.backtest.rows()


def test_a_shop_whose_customers_never_leave_or_change_needs_no_correction_of_level(origins: list[Fold]) -> None:
    choice = choose(origins, candidates=QUICK)
    assert 0.8 < choice.tuning.level < 1.25
    assert 0 < choice.level_error < 0.5


def test_the_future_beyond_the_last_day_does_not_choose(
    sample: History, sample_days: pa.Table, chosen: ValueModel
) -> None:
    later = np.greater(sample_days["day"].to_numpy(), np.datetime64(CALIBRATION_END, "D"))
    forged = sample_days.set_column(
        sample_days.column_names.index("revenue"), "revenue", [sample_days["revenue"].to_numpy() + 1e5 * later]
    )
    choice = select(History.from_days(forged, until=CALIBRATION_END), "39w")
    assert choice is not None
    assert chosen.choice is not None
    assert choice.reason == chosen.choice.reason
    assert choice.backtest.rows() == chosen.choice.backtest.rows()


def test_on_cdnow_auto_beats_the_rules_of_thumb_and_says_so(chosen: ValueModel) -> None:
    assert chosen.name == "auto"
    assert chosen.choice is not None
    assert chosen.choice.beats_naive
    assert "No model beat" not in chosen.choice.reason
    figures = {row["model"]: row for row in chosen.choice.backtest.rows()}
    for rule in NAIVE_RULES:
        assert figures["auto"]["orders_mae"] < figures[rule]["orders_mae"]
        assert figures["auto"]["value_mae"] < figures[rule]["value_mae"]


def canteen(customers: int) -> pa.Table:
    """A shop whose customers come every day for ever: that tomorrow is as yesterday is all there is to know."""
    days = np.arange(np.datetime64("2024-06-01"), np.datetime64(UNTIL) + 1)
    visits = [(f"C{who:04d}", day, 5.0) for who in range(customers) for day in days[who % 30 :]]
    ids, dates, amounts = zip(*visits, strict=True)
    return customer_days(pa.table({"customer_id": ids, "date": np.array(dates), "amount": np.array(amounts)}))


def test_where_no_model_beats_the_rules_of_thumb_that_is_said() -> None:
    model = fit(History.from_days(canteen(120), until=UNTIL), horizon="2m")
    assert model.choice is not None
    assert not model.choice.beats_naive
    assert "No model beat the naive rules" in model.choice.reason
    assert any("No model beat the naive rules" in warning for warning in model.warnings)


def test_an_order_is_worth_between_what_repeat_orders_and_all_orders_say() -> None:
    repeat, everything = GammaGamma(6.25, 3.74, 15.44), GammaGamma(5.0, 3.0, 12.0)
    x, mean, all_of_them = np.array([0.0, 3.0]), np.array([0.0, 50.0]), np.array([20.0, 40.0])
    found = order_value(x, mean, all_of_them, repeat, everything)
    ends = np.sort([repeat.expected_value(x, mean), everything.expected_value(x + 1, all_of_them)], axis=0)
    assert np.all((ends[0] <= found) & (found <= ends[1]))


@pytest.mark.parametrize("customers", [30, 60])
def test_a_shop_too_small_to_backtest_has_no_choice(customers: int) -> None:
    history = History.from_days(customer_days(simulated_orders(customers)), until=UNTIL)
    assert select(history, "12m") is None
