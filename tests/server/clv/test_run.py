"""A run: the same numbers as the library called directly, once more the same, and old ones until new ones are there."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection, connections
from tests.server.clv.shops import NOW, UNTIL, shop

from stammkunde.clv import fit
from stammkunde.facts import summarize
from stammkunde.server.clv.computing.run import compute
from stammkunde.server.clv.models import NextPrediction, Picture, Prediction, Rates, Run
from stammkunde.server.clv.queries.ledger import ledger
from stammkunde.server.clv.queries.runs import current, last_day
from stammkunde.server.clv.tasks import KIND
from stammkunde.server.lib.work import enqueue, run_due
from stammkunde.server.shop.models import Customer, Order, Refund, Source

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Any]


@pytest.fixture
def simulated(source: Source) -> None:
    """A shop of three hundred customers."""
    shop(source)


def rates(**fields: Any) -> Rates:
    return Rates.objects.create(valid_from=date(2024, 1, 1), created_at=NOW, **fields)


def test_a_run_says_what_the_library_says_of_the_same_orders(simulated: None) -> None:
    import pyarrow as pa

    run = compute(now=NOW)
    assert run is not None
    rows = [(o.customer_id, o.day, o.total / 100) for o in Order.objects.all()]
    rows += [(r.customer_id, r.day, -r.amount / 100) for r in Refund.objects.all()]
    ids, days, amounts = map(list, zip(*rows, strict=True))
    from stammkunde.facts import read_orders

    orders = read_orders(pa.table({"customer_id": ids, "date": days, "amount": amounts}), until=UNTIL)
    history = summarize(orders)
    model = fit(history, horizon="12m").unsharpened()
    scores = model.predict(history, "12m").to_pylist()
    assert run.basis == "revenue"
    assert run.timing == model.voices[0].model.name
    assert run.customers == len(history)
    known = {p.customer_id: p for p in Prediction.objects.all()}
    assert set(known) == {int(row["customer_id"]) for row in scores}
    for row in scores:
        p = known[int(row["customer_id"])]
        assert (p.orders, p.first_day, p.last_day) == (row["orders"], row["first_order"], row["last_order"])
        assert p.p_alive == pytest.approx(row["p_alive"], rel=1e-6)
        assert p.predicted == pytest.approx(100 * row["predicted_value"], abs=0.51)
        assert p.low == pytest.approx(100 * row["predicted_low"], abs=0.51)
        assert p.next_order == row["next_order"]


def test_the_historic_value_is_the_sum_of_the_ledger(simulated: None) -> None:
    rates(vat=1900, goods=4000, resale=10_000, shipping=490, payment=190, payment_fixed=25, handling=350)
    run = compute(now=NOW)
    assert run is not None
    assert run.basis == "contribution"
    for found in Prediction.objects.order_by("customer")[:40]:
        assert ledger(found.customer_id, until=run.until).total == found.historic
    assert sum(Prediction.objects.values_list("historic", flat=True)) == run.historic
    assert run.estimated_share == 1.0


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """One model, where it does not matter which."""
    monkeypatch.setattr("stammkunde.server.clv.computing.scoring.MODEL", "bg-nbd")


def test_run_again_nothing_changes_but_the_run(simulated: None, quick: None) -> None:
    def told() -> list[tuple[Any, ...]]:
        names = ("customer", "orders", "historic", "p_alive", "predicted", "low", "high", "clv", "next_order")
        return list(Prediction.objects.order_by("customer").values_list(*names))

    first = compute(now=NOW)
    before = told()
    second = compute(now=NOW)
    assert told() == before
    assert second is not None
    assert current() == second != first
    assert not NextPrediction.objects.exists()
    assert set(Picture.objects.values_list("run", flat=True)) == {second.pk}


def test_the_old_predictions_are_read_until_the_new_are_there(simulated: None, quick: None) -> None:
    first = compute(now=NOW)
    assert first is not None
    seen: dict[str, tuple[Any, ...]] = {}

    def look(doing: str, done: int | None, total: int | None) -> None:
        mine = connection
        other = connections.create_connection("default")  # another reader
        other.settings_dict = mine.settings_dict
        with other.cursor() as cursor:
            cursor.execute("SELECT COUNT(*), MIN(run_id), MAX(run_id) FROM clv_prediction")
            seen[doing] = cursor.fetchone()
        other.close()

    second = compute(now=NOW, tell=look)
    assert second is not None
    assert len(seen) > 5
    assert set(seen.values()) == {(first.customers, first.pk, first.pk)}
    assert set(Prediction.objects.values_list("run", flat=True)) == {second.pk}


def test_a_run_that_breaks_leaves_everything_as_it_was(simulated: None, quick: None) -> None:
    first = compute(now=NOW)
    assert first is not None

    def stop(doing: str, done: int | None, total: int | None) -> None:
        if doing == "Letting the new predictions be read":
            raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        compute(now=NOW, tell=stop)
    assert set(Prediction.objects.values_list("run", flat=True)) == {first.pk}
    assert current() == first
    assert Run.objects.filter(state="failed").count() == 1


def test_merged_customers_have_no_prediction(simulated: None, quick: None) -> None:
    gone, kept = Customer.objects.order_by("pk")[:2]
    Customer.objects.filter(pk=gone.pk).update(merged_into=kept)
    compute(now=NOW)
    assert not Prediction.objects.filter(customer=gone).exists()
    assert Prediction.objects.filter(customer=kept).exists()


def test_the_job_computes_and_tells_how_far_it_is(simulated: None, quick: None) -> None:
    job = enqueue(KIND, now=NOW, key="asked")
    assert run_due(now=NOW) == 3  # values, then segments and the Start page, which they ask for
    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")
    assert Run.objects.get().state == "done"


def test_an_empty_shop_has_nothing_to_compute(db: None) -> None:
    assert compute(now=NOW) is None
    assert not Run.objects.exists()


def test_an_emptied_shop_has_no_value_and_one_cut_back_has_its_own(person: Make, order: Make) -> None:
    anna = person("Anna")
    for day in ("2025-10-01", "2025-12-01"):
        order(anna, day)
    assert compute(now=NOW) is not None
    order(anna, "2026-02-20")
    assert compute(now=NOW) is not None
    Order.objects.filter(day="2026-02-20").delete()
    cut = compute(now=NOW)
    assert cut is not None
    assert current() == cut
    Order.objects.all().delete()
    assert compute(now=NOW) is None
    assert current() is None
    assert not Prediction.objects.exists()


def test_who_is_expected_to_bring_little_is_worth_little(simulated: None) -> None:
    run = compute(now=NOW)
    assert run is not None
    for found in Prediction.objects.exclude(predicted=None):
        assert found.clv - found.historic <= found.predicted + 1


def test_where_nobody_came_back_nothing_is_predicted(person: Make, order: Make) -> None:
    deniz = person("Deniz")
    order(deniz, "2026-02-20")
    run = compute(now=NOW)
    assert run is not None
    assert run.predicted is None
    found = Prediction.objects.get()
    assert (found.predicted, found.p_alive, found.clv) == (None, None, 11_900)


def test_two_customers_who_came_back_get_a_sane_answer(person: Make, order: Make) -> None:
    for name in ("Anna", "Ben"):
        who = person(name)
        for day in ("2025-10-01", "2025-12-01", "2026-02-01"):
            order(who, day)
    run = compute(now=NOW)
    assert run is not None
    assert run.predicted is not None
    for found in Prediction.objects.all():
        assert found.low is not None
        assert found.predicted is not None
        assert found.high is not None
        assert 0 <= found.low <= found.predicted <= found.high < 10_000_000


@pytest.mark.parametrize(("currency", "unit"), [("JPY", 1), ("KWD", 1000)])
def test_currencies_without_and_with_three_places(
    person: Make, order: Make, settings: Any, currency: str, unit: int
) -> None:
    settings.CURRENCY = currency
    anna = person("Anna")
    for day in ("2025-10-01", "2025-12-01", "2026-02-01"):
        order(anna, day, gross=50 * unit)
    run = compute(now=NOW)
    assert run is not None
    found = Prediction.objects.get()
    assert found.historic == 150 * unit
    assert found.expected_order_value is not None
    assert found.expected_order_value == pytest.approx(50 * unit, rel=0.5)


def test_a_record_that_has_ended_is_judged_by_its_last_day(person: Make, order: Make) -> None:
    anna = person("Anna")
    order(anna, "2011-12-09")
    assert last_day(now=NOW) == (date(2011, 12, 9), (date(2026, 3, 2) - date(2011, 12, 9)).days)
    order(anna, "2026-02-27")
    assert last_day(now=NOW) == (UNTIL, 0)


def test_orders_of_today_wait_until_the_day_is_over_unless_there_are_no_others(person: Make, order: Make) -> None:
    order(person("Deniz"), "2026-03-02")
    assert last_day(now=NOW) == (date(2026, 3, 2), 0)
    order(person("Ben"), "2026-03-01")
    assert last_day(now=NOW) == (UNTIL, 0)


def test_reading_leaves_the_log_of_the_database_alone(simulated: None, quick: None) -> None:
    """What is written after a run is seen by another process: its reading took no lock away."""
    import subprocess
    import sys

    if connection.vendor != "sqlite":
        pytest.skip("of SQLite")
    compute(now=NOW)
    Customer.objects.filter(pk=Customer.objects.order_by("pk").first().pk).update(name="Anna, renamed")  # type: ignore[union-attr]
    look = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()[0])"
    sql = "SELECT COUNT(*) FROM shop_customer WHERE name = 'Anna, renamed'"
    command = [sys.executable, "-c", look, str(connection.settings_dict["NAME"]), sql]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "1"
