"""The pages of value, and the same through the API."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client
from tests.server.clv.shops import NOW, shop

from stammkunde.server.accounts.actions import make_key
from stammkunde.server.accounts.models import Entry
from stammkunde.server.accounts.roles import Right
from stammkunde.server.clv.computing.run import compute
from stammkunde.server.clv.models import Booking, Prediction, Rates, Run, Spend
from stammkunde.server.clv.queries.runs import current
from stammkunde.server.lib.models import Job
from stammkunde.server.shop.models import Customer, Order, Source

pytestmark = pytest.mark.django_db(transaction=True)
Make = Callable[..., Any]
RATES = {
    "valid_from": "2024-01-01", "vat": "19", "goods": "40,5", "resale": "100", "shipping": "4.90", "payment": "1.9",
    "payment_fixed": "0.25", "marketplace": "", "marketplaces": "Amazon, ebay", "handling": "", "minute": "0,75",
    "discount": "10", "horizon_months": "12",
}  # fmt: skip


@pytest.fixture
def computed(source: Source, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A shop of two hundred customers with a finished run of one model."""
    monkeypatch.setattr("stammkunde.server.clv.computing.scoring.MODEL", "bg-nbd")
    shop(source, customers=200)
    run = compute(now=NOW)
    assert run is not None
    return run


def test_before_the_first_run_the_page_teaches_and_offers_the_next_step(
    owner: Client, person: Make, order: Make
) -> None:
    assert "/sources/" in owner.get("/value/").content.decode()
    order(person("Anna"), "2026-01-05")
    assert "Compute the first values" in owner.get("/value/").content.decode()


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_value_page_says_the_answer_its_interval_and_its_basis(owner: Client, computed: Run, language: str) -> None:
    html = owner.get("/value/", headers={"accept-language": language}).content.decode()
    assert ("80% probability" if language == "en" else "80 % Wahrscheinlichkeit") in html
    assert ("Revenue, VAT inside" if language == "en" else "Umsatz mit Mehrwertsteuer") in html
    for name in ("cohort-value", "distribution", "concentration", "retention", "second-order", "calibration"):
        assert f'id="figure-{name}"' in html
    assert "style=" not in html


def test_young_cohorts_are_greyed_where_their_periods_are_not_over(owner: Client, computed: Run) -> None:
    youngest = computed.cohorts["cohorts"][-1]
    assert youngest["complete"] < len(youngest["value"])
    html = owner.get("/value/").content.decode()
    assert html.count('class="num young"') >= len(computed.cohorts["cohorts"])
    assert "censored" in html


def test_groups_by_channel_and_country_add_up_to_all_customers(owner: Client, computed: Run) -> None:
    for by in ("channel", "country"):
        rows = computed.groups[by]["rows"]
        assert sum(row["customers"] for row in rows) == computed.customers
        assert all(row["low"] <= row["predicted"] <= row["high"] for row in rows)
        assert owner.get(f"/value/?by={by}").status_code == 200
    mean = sum(row["customers"] * row["predicted"] for row in computed.groups["channel"]["rows"])
    assert computed.predicted is not None
    assert mean == pytest.approx(computed.predicted, rel=0.01)


def test_compute_now_asks_once_and_shows_how_far_it_is(owner: Client, computed: Run) -> None:
    for _ in range(2):
        assert owner.post("/value/compute/").status_code == 302
    assert Job.objects.filter(kind="value").count() == 1
    html = owner.get("/value/").content.decode()
    assert "begins in a moment" in html
    assert "Compute now" not in html
    assert "HX-Refresh" not in owner.get("/value/progress/").headers
    Job.objects.update(state="done")
    assert owner.get("/value/progress/").headers["HX-Refresh"] == "true"


@pytest.mark.parametrize("role", ["service", "reader", "marketing"])
def test_who_may_only_see_cannot_change_rates_or_start_runs(as_role: Callable[[str], Client], role: str) -> None:
    browser = as_role(role)
    assert browser.get("/value/costs/").status_code == 200
    assert browser.post("/value/costs/", RATES).status_code == 403
    for path in ("/value/compute/", "/value/costs/effect/", "/value/spend/"):
        assert browser.post(path).status_code == 403
    assert not Rates.objects.exists()


def test_the_effect_of_rates_is_shown_before_they_are_saved(owner: Client, computed: Run) -> None:
    html = owner.post("/value/costs/effect/", RATES).content.decode()
    assert "The value so far would change by" in html
    assert not Rates.objects.exists()
    html = owner.post("/value/costs/", RATES | {"look": "1"}).content.decode()
    assert "The value so far would change by" in html
    assert not Rates.objects.exists()


def test_rates_are_saved_in_basis_points_and_cents_and_the_change_is_logged(owner: Client) -> None:
    assert owner.post("/value/costs/", RATES).status_code == 302
    row = Rates.objects.get()
    assert (row.vat, row.goods, row.payment, row.shipping, row.minute) == (1900, 4050, 190, 490, 75)
    assert (row.marketplace, row.handling, row.marketplaces) == (None, None, ["Amazon", "ebay"])
    assert Entry.objects.get(subject="rates").change["to"]["vat"] == 1900
    html = owner.get("/value/costs/").content.decode()
    assert "40.5%" in html
    assert owner.post(f"/value/costs/{row.pk}/remove/").status_code == 302
    assert not Rates.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed"),
    [("goods", "-1"), ("vat", "many"), ("shipping", "1.999"), ("horizon_months", "0"), ("discount", "")],
)
def test_what_cannot_be_a_rate_is_said_at_its_field(owner: Client, field: str, typed: str) -> None:
    answer = owner.post("/value/costs/", RATES | {field: typed})
    assert answer.status_code == 400
    assert 'class="error"' in answer.content.decode()
    assert not Rates.objects.exists()


def test_spending_gives_cost_of_acquisition_payback_and_a_what_if(owner: Client, computed: Run) -> None:
    months = computed.groups["channels"]["web"]["new"]
    for month in sorted(months)[-12:]:
        assert owner.post("/value/spend/", {"channel": "web", "month": month, "amount": "100"}).status_code == 302
    html = owner.get("/value/").content.decode()
    assert Spend.objects.count() == len(sorted(months)[-12:])
    rows = {row["name"]: row for row in owner.get("/api/v1/value/channels").json()}
    won = sum(months[month] for month in sorted(months)[-12:])
    assert rows["web"]["cac"] == round(10_000 * len(sorted(months)[-12:]) / won)
    assert rows["web"]["payback"] is not None
    found = owner.get("/api/v1/value/what-if").json()
    assert found["gain_low"] <= found["gain"] <= found["gain_high"]
    assert found["saving"] == round(found["spent"] / 10)
    assert "A point more" not in html


def test_a_point_more_of_repeat_buyers_is_a_point_in_the_model(computed: Run) -> None:
    from stammkunde.clv import ValueModel

    told, model = computed.what_if, ValueModel.from_json(computed.saved)
    t = told["span_days"] / model.days_per_unit
    lead = model.voices[0].model
    alive = float(lead.p_alive(0.0, 0.0, 0.0))
    import numpy as np

    none = [float(lead.pmf_if_alive(np.zeros(1), np.zeros(1), t, 0, rate)[0, 0]) for rate in (1.0, told["factor"])]
    if len(lead.phases()) == 1:
        assert alive * (none[0] - none[1]) == pytest.approx(0.01, abs=2e-4)
    assert told["gain"] > 0


def test_annas_ledger_sums_at_any_day_and_takes_a_booking(owner: Client, computed: Run) -> None:
    anna = Prediction.objects.order_by("-orders").first()
    assert anna is not None
    pk = anna.customer_id
    html = owner.get(f"/value/customers/{pk}/").content.decode()
    assert "Brought up to" in html
    found = owner.get(f"/api/v1/customers/{pk}/ledger").json()
    assert found["total"] == anna.historic == sum(line["amount"] for line in found["lines"])
    early = owner.get(f"/api/v1/customers/{pk}/ledger?until={anna.first_day}").json()
    assert early["total"] < found["total"]
    service = {"day": "2026-02-01", "kind": "service", "minutes": "10", "amount": "", "text": "A call"}
    assert owner.post(f"/value/customers/{pk}/book/", service).status_code == 302
    assert owner.post(f"/value/customers/{pk}/book/", service | {"minutes": ""}).status_code == 400
    assert Booking.objects.get().minutes == 10
    partial = owner.get(f"/value/customers/{pk}/?until=2026-02-30", headers={"hx-request": "true"})
    assert "<html" not in partial.content.decode()


def test_a_booking_with_a_key_is_booked_once(computed: Run) -> None:
    key = make_key(name="desk", scopes=[Right.SEE, Right.CUSTOMERS], now=NOW, by=None)
    client, pk = Client(headers={"authorization": f"Bearer {key}"}), Prediction.objects.values_list("pk", flat=True)[0]
    body = {"day": "2026-02-01", "kind": "reward", "amount": -500, "key": "r-1"}
    made = [client.post(f"/api/v1/customers/{pk}/bookings", body, "application/json").json() for _ in range(2)]
    assert made[0] == made[1]
    assert Booking.objects.count() == 1
    assert client.post("/api/v1/value/runs").status_code == 403


def test_the_api_says_what_the_page_says(owner: Client, computed: Run) -> None:
    api = "/api/v1/value"
    assert owner.get(api).json()["predicted"] == computed.predicted
    assert owner.get(f"{api}/runs").json()[0]["id"] == computed.pk
    first = owner.get(f"{api}/predictions?limit=150").json()
    second = owner.get(f"{api}/predictions?limit=150&after={first['after']}").json()
    assert second["after"] is None
    assert len({row["customer"] for row in first["items"] + second["items"]}) == computed.customers
    for path in ("cohorts", "groups/country", "distribution", "quality", "what-if", "rates", "spend"):
        assert owner.get(f"{api}/{path}").status_code == 200
    assert owner.get(f"{api}/groups/shoe-size").status_code == 404
    body = {"valid_from": "2024-01-01", "vat": 1900}
    changed = owner.post(f"{api}/rates/effect", body, "application/json").json()
    assert changed["change"] < 0
    assert owner.post(f"{api}/rates", body, "application/json").json()["vat"] == 1900
    assert current() == computed


def test_the_figures_of_the_page_are_in_the_api(owner: Client, computed: Run) -> None:
    figures = owner.get("/api/v1/value/figures?language=de").json()
    page = owner.get("/value/", headers={"accept-language": "de"}).content.decode()
    assert {"cohort-value", "distribution", "concentration"} <= {each["name"] for each in figures}
    assert all("<table" in each["html"] for each in figures)
    assert next(each["html"] for each in figures if each["name"] == "cohort-value") in page


def test_names_that_customers_typed_are_text(owner: Client, computed: Run) -> None:
    who = Prediction.objects.order_by("pk").first()
    assert who is not None
    Customer.objects.filter(pk=who.customer_id).update(name="<script>alert(1)</script>")
    Order.objects.filter(customer=who.customer_id).update(number="<b>1</b>", channel="<i>web</i>")
    compute(now=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    for path in ("/value/", f"/value/customers/{who.customer_id}/"):
        html = owner.get(path).content.decode()
        assert "<script>alert" not in html
        assert "<b>1</b>" not in html
        assert "<i>web</i>" not in html


def test_runs_of_other_days_make_the_line_of_equity(owner: Client, computed: Run) -> None:
    fields = {"basis": computed.basis, "horizon": "12m", "discount": 0.1, "currency": "EUR", "started_at": NOW}
    Run.objects.create(state="done", until=date(2025, 11, 1), predicted=100_000, finished_at=NOW, **fields)
    html = owner.get("/value/").content.decode()
    assert "Customer equity from run to run" in html
    assert "1 Nov 2025" in html.replace("\u00a0", " ")


def test_the_figures_are_drawn_in_both_languages(computed: Run) -> None:
    titles = {p.language: p.title for p in computed.pictures.filter(name="distribution")}
    assert titles["en"].startswith("Half of the customers")
    assert titles["de"].startswith("Die Hälfte der Kunden")
