"""Going back in time: an origin knows what was known then, and nothing else."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from customers import CALIBRATION_END, HOLDOUT_END
from stammkunde.clv.backtest import FEWEST, Backtest, Fold, backtest, folds
from stammkunde.clv.order_days import OrderDays
from stammkunde.clv.tuning import features
from stammkunde.errors import NotEnoughDataError
from stammkunde.facts import History

UNTIL = date(2024, 12, 31)
SIMPLE = ("bg-nbd", "nbd")


@pytest.fixture(scope="module")
def shop(shop_days: pa.Table) -> History:
    return History.from_days(shop_days, until=UNTIL)


@pytest.fixture(scope="module")
def found(shop_days: pa.Table) -> list[Fold]:
    return folds(OrderDays(shop_days), until=UNTIL, horizon_days=181, unit="week")


@pytest.fixture(scope="module")
def result(shop: History) -> Backtest:
    return backtest(shop, "6m", models=SIMPLE)


def forged(days: pa.Table, after: date) -> pa.Table:
    """The same past, and another future: every later amount is changed, and a third of later days are no purchase."""
    later = pc.greater(days["day"], pa.scalar(after, pa.date32())).to_numpy()
    revenue = np.where(later, 1e6 - days["revenue"].to_numpy(), days["revenue"].to_numpy())
    purchase = days["purchase"].to_numpy() & ~(later & (np.arange(len(later)) % 3 == 0))
    return pa.table({"customer_id": days["customer_id"], "day": days["day"], "revenue": revenue, "purchase": purchase})


def shortened(days: pa.Table, until: date) -> pa.Table:
    """The same past, and no future."""
    return days.filter(pc.less_equal(days["day"], pa.scalar(until, pa.date32())))


@pytest.mark.parametrize("name", [*SIMPLE, "own-pace", "last-period"])
def test_no_forecast_sees_the_future(shop_days: pa.Table, found: list[Fold], name: str) -> None:
    for fold in found:
        until = fold.history.until
        for other in (forged(shop_days, until), shortened(shop_days, until)):
            known = History.from_days(other, until=until)
            blind = Fold(known, OrderDays(other), fold.horizon_days, fold.orders, fold.value)
            assert np.array_equal(blind.expected(name), fold.expected(name))
            assert np.array_equal(blind.order_value(name), fold.order_value(name))
            assert known.table.equals(fold.history.table)


def test_no_feature_sees_the_future(shop_days: pa.Table, found: list[Fold]) -> None:
    for fold in found:
        model, other = fold.fit("bg-nbd"), OrderDays(forged(shop_days, fold.history.until))
        seen = features(model, fold.history, fold.days, fold.t)
        assert np.array_equal(features(model, fold.history, other, fold.t), seen)


def test_what_comes_after_the_last_day_of_the_history_is_never_looked_at(sample_days: pa.Table) -> None:
    history = History.from_days(sample_days, until=CALIBRATION_END)
    cheat = History.from_days(forged(sample_days, CALIBRATION_END), until=CALIBRATION_END)
    here, there = (backtest(h, "39w", models=("nbd",)) for h in (history, cheat))
    assert here.rows() == there.rows()


def test_origins_keep_the_ratio_of_horizon_to_history(found: list[Fold], shop_days: pa.Table) -> None:
    first = OrderDays(shop_days).first
    assert len(found) == 3
    ends = [fold.history.until + timedelta(days=fold.horizon_days) for fold in found]
    assert ends == sorted(ends, reverse=True)
    assert ends[0] == UNTIL
    for fold in found:
        known = (fold.history.until - first).days
        assert fold.horizon_days / known == pytest.approx(181 / (UNTIL - first).days, rel=0.02)


def test_an_origin_counts_what_each_customer_did_in_the_horizon(found: list[Fold], shop_days: pa.Table) -> None:
    fold = found[0]
    end = fold.history.until + timedelta(days=fold.horizon_days)
    inside = pc.and_(
        pc.greater(shop_days["day"], pa.scalar(fold.history.until, pa.date32())),
        pc.less_equal(shop_days["day"], pa.scalar(end, pa.date32())),
    )
    grouped = shop_days.filter(inside).group_by("customer_id").aggregate([("revenue", "sum"), ("revenue", "count")])
    truth = {row["customer_id"]: (row["revenue_count"], row["revenue_sum"]) for row in grouped.to_pylist()}
    counted = [truth.get(who, (0, 0.0)) for who in fold.history.table["customer_id"].to_pylist()]
    np.testing.assert_allclose(np.column_stack([fold.orders, fold.value]), counted)


def test_every_model_and_rule_of_thumb_is_tried_at_every_origin(result: Backtest) -> None:
    assert set(result.models) == {*SIMPLE, "own-pace", "last-period"}
    assert set(result.naive) == {"own-pace", "last-period"}
    assert all(len(result.of(name)) == 3 for name in result.models)


def test_the_table_has_the_best_first_and_only_numbers(result: Backtest) -> None:
    rows = result.rows()
    assert rows[0]["model"] == "bg-nbd"
    errors = [row["orders_mae"] * row["value_mae"] for row in rows]
    assert errors == sorted(errors)
    for row in rows:
        assert row["origins"] == 3
        assert np.isfinite([figure for name, figure in row.items() if name != "model"]).all()


def test_the_figures_of_a_trial_are_those_of_its_forecast(result: Backtest, found: list[Fold]) -> None:
    trial, fold = result.of("nbd")[0], found[0]
    expected = fold.expected("nbd")
    assert (trial.until, trial.horizon_days, trial.customers) == (
        fold.history.until,
        fold.horizon_days,
        len(fold.history),
    )
    assert trial.orders.mae == pytest.approx(np.abs(expected - fold.orders).mean())
    assert trial.value.mae == pytest.approx(np.abs(expected * fold.order_value("nbd") - fold.value).mean())


def test_progress_is_told_from_start_to_end(shop: History) -> None:
    told: list[tuple[str, float | None]] = []
    backtest(shop, "6m", models=("nbd",), progress=lambda text, share: told.append((text, share)))
    shares = [share for _, share in told if share is not None]
    assert "nbd" in told[0][0]
    assert shares == sorted(shares)
    assert shares[0] == 0


def test_a_history_too_small_to_test_says_what_it_takes(shop_days: pa.Table) -> None:
    few = History.from_days(shop_days.slice(0, 200), until=UNTIL)
    assert len(few) < FEWEST
    with pytest.raises(NotEnoughDataError, match=r"(?s)12m.*100 customers.*shorter horizon"):
        backtest(few)


def test_ready_summaries_cannot_be_backtested() -> None:
    summaries = History.from_arrays([0, 2], [0, 10], [20, 20], [0, 30])
    with pytest.raises(NotEnoughDataError, match="order days"):
        backtest(summaries)


def test_the_holdout_half_of_cdnow_is_the_published_one(sample: History, sample_days: pa.Table) -> None:
    orders, value = OrderDays(sample_days).window(sample, CALIBRATION_END, HOLDOUT_END)
    assert orders.sum() == 1882
    assert value.sum() == pytest.approx(70_976.39)
