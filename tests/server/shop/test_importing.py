"""Files of orders: looked at, taken in, the same again, undone."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from stammkunde.errors import InputError
from stammkunde.server.lib.work import run_due
from stammkunde.server.shop import import_tasks, reading  # noqa: F401  registers the tasks
from stammkunde.server.shop.actions import importing
from stammkunde.server.shop.models import Customer, Import, Order, OrderLine, Refund

NOW = datetime.fromisoformat("2026-03-02T09:00:00+00:00")
GERMAN = """Bestellnr.;Kundennr.;E-Mail;Bestelldatum;Artikel;Menge;Einzelpreis;EK;Land
1001;7;anna@example.com;03.01.2026;Teekanne;2;10,00;3,00;Deutschland
1001;7;anna@example.com;03.01.2026;Tasse;1;5,50;;Deutschland
1002;8;ben@example.com;04.01.2026;Tasse;4;5,50;1,20;Österreich
1003;7;anna@example.com;05.02.2026;Tasse;-1;5,50;1,20;Deutschland
1004;;;06.02.2026;Tasse;1;5,50;;Deutschland
1005;9;deniz@example.com;31.02.2026;Tasse;1;5,50;;Deutschland
"""
pytestmark = pytest.mark.django_db

Upload = Callable[..., Import]


@pytest.fixture
def upload() -> Upload:
    """Lay a file down and do what is due."""

    def lay_down(text: str | bytes, name: str = "bestellungen.csv", *, now: datetime = NOW) -> Import:
        content = text if isinstance(text, bytes) else text.encode()
        found = importing.lay_down(SimpleUploadedFile(name, content), now=now, by=None)
        run_due(now=now)
        found.refresh_from_db()
        return found

    return lay_down


def taken(found: Import) -> Import:
    """The file, taken in."""
    importing.start(found, now=NOW, by=None)
    run_due(now=NOW)
    found.refresh_from_db()
    assert found.state == Import.State.DONE, found.error
    return found


def test_the_dry_run_says_what_would_come_in_and_changes_nothing(upload: Upload) -> None:
    found = upload(GERMAN)
    assert found.state == Import.State.CHECKED
    assert found.outcome["totals"]["rows_accepted"] == 4
    assert [reason[:2] for reason in found.outcome["reasons"]] == [["bad_date", 1], ["no_customer", 1]]
    assert found.mapping["columns"]["customer"] == "Kundennr."
    assert found.outcome["headers"][-1] == "Land"
    assert Order.objects.count() == 0


def test_a_german_file_becomes_orders_lines_and_a_refund(upload: Upload) -> None:
    found = taken(upload(GERMAN))
    anna = Order.objects.get(number="1001")
    assert (anna.total, anna.goods_cost, anna.uncosted, anna.country) == (2550, 600, 550, "DE")
    assert anna.day.isoformat() == "2026-01-03"
    assert anna.customer is not None
    assert anna.customer.email == "anna@example.com"
    assert sorted(OrderLine.objects.values_list("sku", "quantity", "total")) == [
        ("Tasse", 1, 550), ("Tasse", 4, 2200), ("Teekanne", 2, 2000),
    ]  # fmt: skip
    back = Refund.objects.get()
    assert (back.amount, back.goods_back, back.order, back.customer) == (550, 120, None, anna.customer)
    assert (found.outcome["orders"], found.outcome["refunds"]) == (2, 1)


def test_the_same_file_again_changes_nothing(upload: Upload) -> None:
    taken(upload(GERMAN))
    again = upload(GERMAN)
    with pytest.raises(InputError, match="in already"):
        importing.start(again, now=NOW, by=None)
    assert Order.objects.count() == 2


def test_a_longer_export_of_the_same_shop_adds_what_is_new(upload: Upload) -> None:
    taken(upload(GERMAN))
    later = NOW.replace(hour=12)
    taken(upload(GERMAN + "1006;8;ben@example.com;01.03.2026;Tasse;1;5,50;;Österreich\n", now=later))
    assert sorted(Order.objects.values_list("number", flat=True)) == ["1001", "1002", "1006"]
    assert Customer.objects.count() == 2
    assert OrderLine.objects.count() == 4


def test_an_undone_file_leaves_nothing_and_earlier_files_whole(upload: Upload) -> None:
    first = taken(upload(GERMAN))
    later = NOW.replace(hour=12)
    second = taken(upload(GERMAN + "1006;10;new@example.com;01.03.2026;Tasse;1;5,50;;Österreich\n", now=later))
    importing.undo(second, now=later, by=None)
    run_due(now=later)
    assert sorted(Order.objects.values_list("number", flat=True)) == ["1001", "1002"]
    assert not Customer.objects.filter(email="new@example.com").exists()
    importing.undo(first, now=later, by=None)
    run_due(now=later)
    assert (Order.objects.count(), Refund.objects.count(), Customer.objects.count()) == (0, 0, 0)


def test_a_column_that_was_taken_wrongly_can_be_named(upload: Upload) -> None:
    found = upload("Wer,Wann,Was\nAnna,2026-01-03,10\nBen,2026-01-04,20\n")
    assert found.state == Import.State.FAILED
    assert found.outcome["asks"] == "columns"
    assert found.outcome["headers"] == ["Wer", "Wann", "Was"]
    columns = {"customer": "Wer", "date": "Wann", "amount": "Was"}
    importing.look_again(found, mapping={"columns": columns}, now=NOW)
    run_due(now=NOW)
    found.refresh_from_db()
    taken(found)
    assert sorted(Order.objects.values_list("total", flat=True)) == [1000, 2000]


def test_dates_that_may_be_read_two_ways_are_asked_for(upload: Upload) -> None:
    found = upload("customer,date,amount\nAnna,03/04/2026,10\nBen,01/02/2026,20\n")
    assert (found.state, found.outcome["asks"]) == (Import.State.FAILED, "dates")
    importing.look_again(found, mapping={"date_format": "%d/%m/%Y"}, now=NOW)
    run_due(now=NOW)
    found.refresh_from_db()
    assert found.state == Import.State.CHECKED


def test_the_second_file_of_a_source_is_read_as_the_first(upload: Upload) -> None:
    found = upload("customer,date,amount\nAnna,03/02/2026,10\n")
    importing.look_again(found, mapping={"date_format": "%d/%m/%Y"}, now=NOW)
    run_due(now=NOW)
    found.refresh_from_db()
    taken(found)
    assert upload("customer,date,amount\nAnna,05/02/2026,10\n", now=NOW).state == Import.State.CHECKED


@pytest.mark.parametrize(("name", "content", "said"), [("a.csv", b"", "empty"), ("a.exe", b"MZ", "neither CSV")])
def test_what_is_no_file_of_orders_is_refused_at_the_door(upload: Upload, name: str, content: bytes, said: str) -> None:
    with pytest.raises(InputError, match=said):
        upload(content, name)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", b"\x00\x01\x02\xff" * 500), ("a.parquet", b"PAR1 no"), ("a.csv", b"customer,date,amount\n")],
)
def test_what_turns_out_to_be_none_is_told_with_advice(upload: Upload, name: str, content: bytes) -> None:
    found = upload(content, name)
    assert found.state == Import.State.FAILED
    assert found.error
    assert found.outcome["advice"]


def test_a_file_that_would_fill_the_memory_is_refused_with_words(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MEMORY", "24MB")
    rows = "".join(f"A{n},Anna,2026-01-03,10.00,{'x' * 90_000}\n" for n in range(500))
    found = upload(f"order,customer,date,amount,product\n{rows}", "large.csv")
    assert (found.state, found.error) == ("failed", "This takes more memory than DuckDB may have.")
    assert "Split the file" in found.outcome["advice"]


def test_formulas_of_customers_are_harmless_in_the_file_of_rejects(upload: Upload) -> None:
    found = upload('customer,date,amount\nAnna,=HYPERLINK("x"),10\nBen,2026-01-04,20\n')
    text = importing.rejects_path(found).read_text(encoding="utf-8-sig")
    assert "'=HYPERLINK" in text


def test_an_import_that_died_half_way_is_finished_without_counting_twice(upload: Upload) -> None:
    found = upload(GERMAN)
    importing.start(found, now=NOW, by=None)
    run_due(now=NOW)
    Import.objects.filter(pk=found.pk).update(state=Import.State.RUNNING)
    importing.enqueue(importing.TAKE, {"import": found.pk}, now=NOW)
    run_due(now=NOW)
    assert (Order.objects.count(), OrderLine.objects.count(), Refund.objects.count()) == (2, 3, 1)


def test_times_with_an_offset_are_days_of_the_shop(upload: Upload) -> None:
    taken(upload("customer,date,amount\nAnna,2026-01-03T23:30:00+00:00,10\nBen,2026-01-05 23:30:00,20\n"))
    assert sorted(f"{when:%m-%d}" for when in Order.objects.values_list("placed_at", flat=True)) == ["01-04", "01-05"]
