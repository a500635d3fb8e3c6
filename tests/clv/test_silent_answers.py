"""Wrong answers that other libraries give without a word (lifetimes 0.11.3, PyMC-Marketing 1.3.0): none of them here.

What happens while a file is read (missing values, time zones, dates of two meanings) is tested with the facts.
"""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pytest

from customers import customer_days
from stammkunde.clv.bg_nbd import BgNbd
from stammkunde.clv.family import TRANSACTION_MODELS
from stammkunde.clv.fitting import fit
from stammkunde.clv.gamma_gamma import GammaGamma
from stammkunde.errors import DataError, InputError
from stammkunde.facts import History

UNTIL = date(2024, 12, 31)
every_model = pytest.mark.parametrize("name", TRANSACTION_MODELS)


def orders(*rows: tuple[str, date, float]) -> History:
    """A history of orders, and refunds where the amount is negative."""
    ids, dates, amounts = zip(*rows, strict=True)
    table = pa.table({"customer_id": ids, "date": dates, "amount": amounts})
    return History.from_days(customer_days(table), until=UNTIL)


def test_yen_do_not_turn_the_value_of_a_one_timer_negative(sample: History) -> None:
    """-686 by PyMC's default priors, where 35.17 is right."""
    for currency in (1.0, 100.0, 1e5):
        assert GammaGamma.fit(sample.x, sample.value * currency).mean / currency == pytest.approx(35.17, abs=5e-3)


def test_yen_do_not_change_the_answer_of_a_small_shop_where_priors_weigh(sample: History) -> None:
    few = sample.select(np.arange(0, len(sample), 25))
    euro, yen = (GammaGamma.fit(few.x, few.value * currency) for currency in (1.0, 165.0))
    assert yen.mean / 165.0 == pytest.approx(euro.mean, rel=1e-6)
    assert euro.mean > 0


def test_the_39_week_total_is_the_same_in_weeks_days_and_hours(sample_days: pa.Table) -> None:
    """1683, 1659 and 1434 by PyMC's default priors."""
    for unit in ("week", "day", "hour"):
        history = History.from_days(sample_days, until=date(1997, 9, 30), unit=unit)
        assert fit(history, "bg-nbd").expected_orders(history, "39w").sum() == pytest.approx(1653.4087, abs=0.01)


def test_an_argument_that_does_not_exist_is_refused(sample: History) -> None:
    """`fit(fit_method="map")` ran full MCMC."""
    with pytest.raises(TypeError, match="fit_method"):
        fit(sample, fit_method="map")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="fit_method"):
        BgNbd.fit(sample.x, sample.t_x, sample.T, fit_method="map")  # type: ignore[call-arg]


def test_a_refund_on_a_later_day_is_no_purchase_and_lowers_what_the_customer_was_worth() -> None:
    """Was a repeat purchase, with a negative mean that Gamma-Gamma then refused."""
    shop = orders(("Anna", date(2024, 3, 1), 100.0), ("Anna", date(2024, 3, 9), -30.0), ("Ben", date(2024, 3, 1), 50.0))
    assert shop.x.tolist() == [0, 0]
    assert shop.table["historic_value"].to_pylist() == [70.0, 50.0]
    scores = fit(shop).predict(shop, "12m")
    assert np.all(scores["predicted_value"].to_numpy() > 0)


def test_a_purchase_refunded_on_the_same_day_is_no_purchase() -> None:
    """Was a purchase of 0."""
    shop = orders(
        ("Anna", date(2024, 3, 1), 100.0),
        ("Anna", date(2024, 5, 1), 40.0),
        ("Anna", date(2024, 5, 1), -40.0),
        ("Ben", date(2024, 5, 1), 40.0),
        ("Ben", date(2024, 5, 1), -40.0),
    )
    assert shop.table["customer_id"].to_pylist() == ["Anna"]
    assert shop.x.tolist() == [0]


@pytest.mark.parametrize("column", range(4))
def test_a_missing_number_is_refused_and_its_row_named(column: int) -> None:
    """Was dropped, or taken as 0."""
    columns = np.array([[0.0, 2.0], [0.0, 10.0], [20.0, 20.0], [0.0, 30.0]])
    columns[column, 1] = np.nan
    with pytest.raises(DataError, match="row 2"):
        History.from_arrays(*columns)


@every_model
def test_a_customer_with_three_thousand_purchases_has_expected_purchases(name: str, sample: History) -> None:
    """NaN by PyMC's BG/NBD."""
    busy = History.from_arrays([3000], [39.0], [39.0], [12.0], until=sample.until)
    scores = fit(sample, name).predict(busy, "39w").to_pylist()[0]
    assert 1500 < scores["expected_orders"] < 3100
    assert 0 < scores["predicted_low"] < scores["predicted_value"] < scores["predicted_high"] < 1e6


@every_model
def test_a_shop_with_a_customer_of_three_thousand_purchases_can_be_fitted(name: str, sample: History) -> None:
    columns = (np.append(c, more) for c, more in zip((sample.x, sample.t_x, sample.T), (3000, 38.8, 39.0), strict=True))
    found = TRANSACTION_MODELS[name].fit(*columns)
    assert np.isfinite([found.values, list(found.standard_errors.values())]).all()


def test_twelve_months_of_daily_data_are_a_calendar_year(sample_days: pa.Table) -> None:
    """Were 12 x 30 days."""
    daily = History.from_days(sample_days, until=date(1997, 9, 30), unit="day")
    model = fit(daily, "pareto-nbd")
    year, days, short = (model.expected_orders(daily, horizon).sum() for horizon in ("12m", "365d", "360d"))
    assert year == days > short


@pytest.mark.parametrize("unit", ["Q", "month", "M", "year", ""])
def test_a_unit_without_one_length_is_refused(unit: str) -> None:
    """ "Q" was accepted, and CLV then had no factor for it."""
    with pytest.raises(InputError, match=r"(?s)unit of time.*hour, day, week"):
        History.from_arrays([0], [0.0], [10.0], unit=unit)  # type: ignore[arg-type]


def test_a_loyal_customer_who_pays_nothing_does_not_stop_the_fit() -> None:
    """Gamma-Gamma raised; the caller had to filter."""
    shop = History.from_arrays([3, 2, 1, 0], [30.0, 20.0, 9.0, 0.0], [40.0] * 4, [0.0, 25.0, 40.0, 0.0], until=UNTIL)
    scores = fit(shop).predict(shop, "12m")
    value = scores["expected_order_value"].to_numpy()
    assert np.isfinite(value).all()
    assert 0 < value[0] < value[3]


def test_deniz_who_ordered_once_is_not_a_customer_for_ever(sample: History) -> None:
    """P(alive) was 1 for ever."""
    deniz = History.from_arrays([0] * 3, [0.0] * 3, [1.0, 50.0, 500.0], until=UNTIL)
    for name in ("mbg-nbd", "pareto-nbd"):
        alive = fit(sample, name).p_alive(deniz)
        assert np.all(alive < 0.99)
    assert alive[2] < 0.1 < alive[0]


@pytest.mark.parametrize("name", ["bg-nbd", "nbd"])
def test_a_model_that_takes_deniz_for_a_customer_for_ever_says_so(name: str, sample: History) -> None:
    warning = " ".join(fit(sample, name).warnings)
    assert name in warning
    assert "for ever" in warning


@pytest.mark.parametrize("name", ["mbg-nbd", "pareto-nbd"])
def test_a_model_that_does_not_has_nothing_to_say(name: str, sample: History) -> None:
    assert fit(sample, name).warnings == ()


def test_deniz_new_today_is_more_alive_than_deniz_of_last_year(sample: History) -> None:
    model = fit(sample, "pareto-nbd")
    silent = [timedelta(weeks=weeks) for weeks in (0, 10, 30, 100)]
    deniz = History.from_arrays([0] * 4, [0.0] * 4, [s.days / 7 for s in silent], until=UNTIL)
    assert np.all(np.diff(model.p_alive(deniz)) < 0)
