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
from stammkunde.clv.mbg_cnbd_k import MbgCnbdK
from stammkunde.clv.naive import NAIVE_RULES
from stammkunde.clv.order_days import OrderDays
from stammkunde.clv.select import CANDIDATES, best, choose, order_value
from stammkunde.clv.transactions import TransactionModel
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


# --- regular customers ------------------------------------------------------------------------------------------------


def shop_of(model: TransactionModel, customers: int, *, seed: int = 5) -> OrderDays:
    """Order days, 2023 and 2024, of people whose times between orders have k phases."""
    k, (r, alpha, a, b), rng = int(model.parameters.get("k", 1)), model.values, np.random.default_rng(seed)
    first = rng.integers(0, 400, customers)
    speed, stays = rng.gamma(r, 1 / (7 * alpha), customers), rng.geometric(rng.beta(a, b, customers))
    gaps = np.cumsum(rng.gamma(k, 1.0, (customers, 120)) / speed[:, None], axis=1)
    gaps[np.arange(120) >= stays[:, None] - 1] = np.inf
    when = np.column_stack([first, first[:, None] + gaps])
    who, order = np.nonzero(when < 731)
    day = np.datetime64("2023-01-01", "D") + np.floor(when[who, order]).astype(np.int64)
    table = pa.table({"customer_id": who, "date": day, "amount": rng.gamma(4.0, 9.0, len(who)) + 0.01})
    return OrderDays(customer_days(table))


def test_regularity_is_one_at_random_and_k_where_gaps_have_k_phases() -> None:
    for k in (1, 2, 4):
        days = shop_of(MbgCnbdK.of(k)([2.0, 5.0 / k, 0.5, 6.0]), 1_500)
        found, pairs = days.regularity(UNTIL)
        assert k * 0.9 < found < k * 1.3  # days are coarse: nobody orders twice within one
        assert pairs > 2_000
    assert np.isnan(days.regularity(days.first)[0])


def test_where_customers_are_regular_the_model_of_it_wins_and_finds_k() -> None:
    days = shop_of(MbgCnbdK.of(3)([2.0, 2.0, 0.6, 4.0]), 2_500)
    found = folds(days, until=UNTIL, horizon_days=181, unit="week")
    choice = choose(found, candidates=("mbg-nbd", "mbg-cnbd-k"))
    assert choice.model == "mbg-cnbd-k"
    assert all(fold.fit("mbg-cnbd-k").parameters["k"] == 3 for fold in found)
    figures = {row["model"]: row for row in choice.backtest.rows()}
    assert figures["mbg-cnbd-k"]["orders_mae"] < 0.98 * figures["mbg-nbd"]["orders_mae"]


def test_where_customers_order_at_random_the_model_of_regular_ones_is_not_tried(origins: list[Fold]) -> None:
    choice = choose(origins, candidates=("mbg-nbd", "mbg-cnbd-k"))
    assert "mbg-cnbd-k" not in choice.backtest.models


def test_the_model_of_regular_customers_has_to_win_at_every_origin() -> None:
    often, always = (
        {"mbg-nbd": [1.0, 1.0], "mbg-cnbd-k": [0.5, 1.01]},
        {"mbg-nbd": [1.0, 1.0], "mbg-cnbd-k": [0.9, 0.9]},
    )
    assert best(often) == "mbg-nbd"
    assert best(always) == "mbg-cnbd-k"
