"""From orders to the numbers of a report: what can be counted by hand is, and no shop is too small."""

import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customers import customer_days
from stammkunde.clv.backtest import STEADY
from stammkunde.clv.family import transaction_model
from stammkunde.clv.fitting import fit
from stammkunde.clv.horizon import Horizon
from stammkunde.clv.report import ReportData, collect, past, render, report, trial
from stammkunde.facts import History
from stammkunde.notices import Notice

COMPUTED = date(2026, 1, 31)
UNTIL = date(2025, 12, 31)

Order = tuple[str, date, float]


def shop(*orders: Order, until: date = UNTIL) -> History:
    """A shop of a few orders; negative amounts are refunds."""
    who, when, amount = zip(*sorted(orders), strict=True)
    table = pa.table(
        {"customer_id": who, "date": pa.array(when, pa.date32()), "amount": pa.array(amount, pa.float64())}
    )
    return History.from_days(customer_days(table), until=until)


ANNA = [("Anna", date(2025, month, 10), 50.0) for month in range(1, 13)]
BEN = [("Ben", date(2025, 1, 20), 30.0), ("Ben", date(2025, 2, 19), 60.0)]
CLARA = [("Clara", date(2025, 3, 1), 20.0), ("Clara", date(2025, 3, 31), 40.0)]
DENIZ = [("Deniz", date(2025, 11, 30), 80.0)]


def data_of(history: History, model: str = "bg-nbd") -> ReportData:
    fitted = fit(history, model, horizon="3m")
    return collect(None, history, fitted, fitted.predict(history, "3m"), horizon="3m", computed=COMPUTED)


@pytest.fixture(scope="module")
def history(cdnow_sample: pa.Table) -> History:
    """Every third person of the sample of CDNOW, to the end of its data."""
    days = customer_days(cdnow_sample)
    codes = days["customer_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    return History.from_days(days.filter(pa.array(codes % 3 == 0)), until=date(1998, 6, 30))


@pytest.fixture(scope="module")
def cdnow_report(history: History) -> ReportData:
    model = fit(history, horizon="39w")
    scores = model.predict(history, "39w")
    return collect(None, history, model, scores, horizon="39w", computed=COMPUTED, source="cdnow.csv")


# --- what was ---------------------------------------------------------------------------------------------------------


def test_headline_and_scores_are_one_answer(cdnow_report: ReportData, history: History) -> None:
    said = cdnow_report.headline
    assert (said.customers, said.orders) == (len(history), int(history.x.sum()) + len(history))
    assert said.historic_value == pytest.approx(pc.sum(history.table["historic_value"]).as_py())
    assert said.predicted is not None
    assert said.predicted.low < said.predicted.mean < said.predicted.high
    assert cdnow_report.best[0].predicted.mean >= cdnow_report.best[-1].predicted.mean > 0
    assert cdnow_report.scope.horizon_end == date(1998, 6, 30) + timedelta(weeks=39)


def test_cohorts_hold_every_customer_and_every_cent(cdnow_report: ReportData, history: History) -> None:
    table = cdnow_report.cohorts
    assert table is not None
    assert table.period == "month"
    assert sum(c.customers for c in table.cohorts) == len(history)
    held = sum(c.customers * c.value[-1] for c in table.cohorts)
    assert held == pytest.approx(cdnow_report.headline.historic_value)
    assert all(c.active[0] == 1.0 and c.complete == len(c.active) for c in table.cohorts)  # June 1998 is over


def test_cohorts_of_four_customers_are_those_counted_by_hand() -> None:
    table = data_of(shop(*ANNA, *BEN, *CLARA, *DENIZ)).cohorts
    assert table is not None
    january, march, november = table.cohorts
    assert (january.customers, march.customers, november.customers) == (2, 1, 1)
    assert january.active == (1.0, 1.0, *[0.5] * 10)
    assert january.value[:3] == (40.0, 95.0, 120.0)
    assert march.value == (60.0, *[60.0] * 9)
    assert november.active == (1.0, 0.0)


def test_a_refund_lowers_the_cohort_in_the_month_it_was_paid() -> None:
    table = data_of(shop(*ANNA, *DENIZ, ("Deniz", date(2025, 12, 5), -30.0))).cohorts
    assert table is not None
    assert table.cohorts[-1].value == (80.0, 50.0)
    assert table.cohorts[-1].active == (1.0, 0.0)


def test_old_shops_are_told_by_quarter_and_by_year() -> None:
    for years, period, count in ((3, "quarter", 2), (12, "year", 2)):
        old = ("Emil", UNTIL - timedelta(days=365 * years), 10.0)
        table = data_of(shop(old, *CLARA)).cohorts
        assert table is not None
        assert (table.period, len(table.cohorts)) == (period, count)


def test_second_orders_are_counted_as_kaplan_and_meier_do() -> None:
    found = data_of(shop(*ANNA, *BEN, *CLARA, *DENIZ)).second_order
    assert found is not None
    assert found.days == (0.0, 30.0, 31.0)  # Ben and Clara after 30 days, Anna after 31, Deniz is 31 days old
    assert found.share == pytest.approx((0.0, 0.5, 0.75))
    assert (found.half, found.most) == (30, 31)
    assert (found.once.customers, found.once.first_value) == (1, 80.0)


def test_groups_compare_customers_of_one_age() -> None:
    orders = [(f"{k:03d}", date(2025, 1, 1 + k % 20), 10.0 + k % 2 * 30.0) for k in range(60)]
    book = past.Book.of(shop(*orders, *DENIZ))
    assert book is not None
    names = pa.chunked_array([[*(("shop", "fair")[k % 2] for k in range(60)), "fair"]])
    assert past.group_age(book) == 180
    found = past.groups(book, names, 180)
    assert [(g.name, g.customers, g.value) for g in found] == [("shop", 30, 10.0), ("fair", 30, 40.0)]


def test_groups_are_by_the_first_attribute_that_tells_customers_apart(history: History) -> None:
    half = np.where(np.arange(len(history)) % 2, "Germany", "France")
    table = history.table.append_column("first_channel", pa.array(["web"] * len(history)))
    known = replace(history, table=table.append_column("first_country", pa.array(half)))
    found = collect(None, known, None, None, horizon="39w", computed=COMPUTED).cohorts
    assert found is not None
    assert (found.grouped_by, len(found.groups), found.group_days) == ("country", 2, 365)


def test_few_customers_have_no_curve_of_concentration() -> None:
    assert past.concentration(np.full(9, 10.0)) is None
    assert past.concentration(np.zeros(100)) is None
    curve = past.concentration(np.concatenate([np.zeros(50), np.full(50, 2.0)]))
    assert curve is not None
    assert curve.top(0.5) == pytest.approx(1.0)
    assert curve.largest_customer == pytest.approx(0.02)


@dataclass(frozen=True)
class ReadOrders:
    """What the report asks of orders, as far as it is no table of an engine."""

    totals: dict[str, Any]
    rejects: pa.Table
    lines: pa.Table = field(default_factory=lambda: pa.table({"day": []}))
    estimated_share: float = 0.0
    warnings: tuple[Notice, ...] = (Notice("guests"),)


def test_rows_read_and_left_out_are_accounted_for() -> None:
    totals = {"rows_read": 22, "rows_accepted": 17, "amount_read": 900.0, "amount_accepted": 830.0, "refunds": 0.0}
    rejects = [{"row": 3, "column": "customer", "reason": "no_customer", "value": ""}]
    rejects += [{"row": k, "column": "date", "reason": "bad_date", "value": "31.02.2025"} for k in range(4, 8)]
    history = SMALL["four customers"]
    for more, amount in (({}, None), ({"by_reason": {"no_customer": (1, 5.0), "bad_date": (4, 65.0)}}, 65.0)):
        orders = ReadOrders({**totals, **more}, pa.Table.from_pylist(rejects))
        found = collect(orders, history, None, None, horizon="3m", computed=COMPUTED).quality
        assert [(r.reason, r.rows) for r in found.rejections] == [("bad_date", 4), ("no_customer", 1)]
        assert found.rejections[0].amount == amount
        assert found.rows_rejected == 5
        assert found.examples[1].value == "31.02.2025"
        assert found.warnings == orders.warnings


# --- how the forecast did ---------------------------------------------------------------------------------------------


def test_every_repeat_order_is_tracked(cdnow_report: ReportData, history: History) -> None:
    found, book = cdnow_report.tracking, past.Book.of(history)
    assert found is not None
    assert book is not None
    last = found.starts[-1] + timedelta(days=6)
    upto = History.from_days(book.table, until=last)
    assert found.starts[0] == history.start
    assert sum(a or 0 for a in found.actual) == upto.x.sum()
    assert [e is None for e in found.expected] == [start <= found.origin for start in found.starts]


def test_what_was_expected_is_the_sum_over_customers(history: History) -> None:
    origin, book = date(1998, 1, 4), past.Book.of(history)
    assert book is not None
    found = trial.tracking(history, book, "bg-nbd", origin)
    assert found is not None
    before = History.from_days(book.table, until=origin)
    model = transaction_model("bg-nbd").fit_history(before, least=STEADY)
    weeks = sum(e is not None for e in found.expected)
    known = model.expected_orders(before.x, before.t_x, before.T, weeks).sum()
    assert sum(e or 0.0 for e in found.expected) == pytest.approx(known)  # nobody's first order came after March 1997


def test_newcomers_are_expected_from_their_own_first_order_on() -> None:
    model = transaction_model("bg-nbd")([0.5, 3.0, 1.0, 3.0], days_per_unit=7.0)
    arrival, days = np.array([1, 1, 20, 30]), np.array([7, 28])
    found = trial._newcomers(model, arrival, days)
    assert found[0] == pytest.approx(2 * model.expected_new(6 / 7))
    assert found[1] == pytest.approx(2 * model.expected_new(27 / 7) + model.expected_new(8 / 7))


def test_calibration_is_that_of_the_latest_backtest(cdnow_report: ReportData, history: History) -> None:
    found, told = cdnow_report.calibration, cdnow_report.comparison
    assert found is not None
    assert told is not None
    assert found.end == date(1998, 6, 30)
    assert sum(g.customers for g in found.groups) == len(history)
    assert [m.name for m in told.models if m.chosen] == ["auto"]
    assert {m.name for m in told.models if m.naive} == {"own-pace", "last-period"}


def test_a_model_taken_by_name_is_tried_on_the_past_as_well(history: History) -> None:
    data = data_of(history)
    assert data.comparison is not None
    assert [m.name for m in data.comparison.models if m.chosen] == ["bg-nbd"]
    assert data.headline.predicted is not None
    seen = fit(history, "bg-nbd").total(history, "3m")  # by what its parameters say, not what its past forecasts did
    assert data.headline.predicted.high > seen.high


def test_a_level_learned_from_the_backtest_does_not_flatter_it(history: History) -> None:
    model = fit(history, "bg-nbd")
    found = trial.trials(history, model, Horizon.of("39w", until=history.until, days_per_unit=7.0))
    assert found is not None
    last = trial.latest(found, "bg-nbd")
    assert trial.calibration(last, 1.25).predicted == pytest.approx(trial.calibration(last).predicted / 1.25)


# --- no shop is too small ---------------------------------------------------------------------------------------------

SMALL = {
    "one order": shop(*DENIZ),
    "one order today": shop(("Deniz", UNTIL, 80.0)),
    "one loyal customer": shop(*ANNA),
    "free orders": shop(("Anna", date(2025, 1, 1), 0.0), ("Anna", date(2025, 5, 1), 0.0)),
    "all refunded": shop(*BEN, ("Ben", date(2025, 6, 1), -90.0)),
    "four customers": shop(*ANNA, *BEN, *CLARA, *DENIZ),
    "all on one day": shop(*((f"{k}", UNTIL, 5.0) for k in range(30))),
    "ready summaries": History.from_arrays([0, 3], [0, 20.5], [30, 31.0], [0, 25.0]),
    "dated summaries": History.from_arrays([0, 3], [0, 20.5], [30, 31.0], [0, 25.0], until=UNTIL),
}


def slips(page: str) -> list[str]:
    """Words that no reader should see, in text or as numbers of the drawings."""
    return re.findall(r"\b(?:nan|NaN|inf|None)\b", page.partition("<body>")[2])


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_small_shop_has_a_report_without_nan(name: str, language: str) -> None:
    page = render(data_of(SMALL[name]), language=language)
    assert slips(page) == []


def test_nothing_is_foretold_where_nobody_came_back() -> None:
    data = data_of(SMALL["one order"])
    assert data.headline.predicted is None
    assert data.best == ()
    assert data.findings[0].name == "none"


def test_a_history_without_model_is_reported_as_it_was() -> None:
    page = report(None, SMALL["four customers"], None, None, computed=COMPUTED, horizon="1y")
    assert "needs customers who came back" in page
    assert "5,4" not in page


def test_scores_without_intervals_show_none(history: History) -> None:
    few = history.select(np.arange(30))
    model = fit(few, "bg-nbd")
    page = report(None, few, model, model.predict(few, intervals=False), computed=COMPUTED)
    assert slips(page) == []


@given(
    st.lists(
        st.tuples(st.sampled_from("ABCDE"), st.dates(date(2023, 1, 1), UNTIL), st.sampled_from([-20.0, 0.0, 9.9, 1e9])),
        min_size=1,
        max_size=12,
    )
)
@settings(max_examples=15)
def test_any_few_orders_have_a_report_without_nan(orders: list[Order]) -> None:
    page = render(data_of(shop(("Zoe", date(2024, 2, 29), 12.0), *orders)))
    assert slips(page) == []
