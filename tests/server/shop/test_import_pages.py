"""The pages of files: a shop's owner brings a file and is told what becomes of it."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from stammkunde.server.lib.work import run_due
from stammkunde.server.shop import import_tasks  # noqa: F401  registers the tasks
from stammkunde.server.shop.models import Import, Order, Source

FILE = "Kundennummer;Datum;Betrag\nAnna;03.01.2026;10,00\nBen;04.01.2026;20,00\n;05.01.2026;7,00\n"


def bring(browser: Client, text: str, name: str = "<b>orders.csv") -> str:
    """Upload a file; returns the address of its page."""
    answer = browser.post("/imports/new", {"file": SimpleUploadedFile(name, text.encode())})
    assert answer.status_code == 302
    return str(answer["Location"])


def test_an_empty_house_says_what_to_bring(owner: Client) -> None:
    page = owner.get("/sources/").content.decode()
    assert "Bring the orders" in page
    assert '/imports/new"' in page


def test_from_a_file_to_orders_in_three_clicks(owner: Client) -> None:
    page = bring(owner, FILE)
    assert "is being looked at" in owner.get(page).content.decode()
    assert owner.get(f"{page}progress").headers.get("HX-Refresh") is None
    run_due(now=timezone.now())
    assert owner.get(f"{page}progress").headers["HX-Refresh"] == "true"
    checked = owner.get(page).content.decode()
    assert "2 of 3 rows would come in" in checked
    assert "no customer" in checked
    assert "&lt;b&gt;orders" in checked
    owner.post(f"{page}start")
    run_due(now=timezone.now())
    assert "In: 2 orders and 0 refunds." in owner.get(page).content.decode()
    assert Order.objects.count() == 2
    assert "&lt;b&gt;orders" in owner.get("/sources/").content.decode()
    owner.post(f"{page}undo")
    run_due(now=timezone.now())
    assert Order.objects.count() == 0


def test_a_question_about_dates_is_asked_and_answered(owner: Client) -> None:
    page = bring(owner, "customer,date,amount\nAnna,03/04/2026,10\n")
    run_due(now=timezone.now())
    assert "Which comes first, the day or the month?" in owner.get(page).content.decode()
    owner.post(f"{page}columns", {"date_format": "%d/%m/%Y"})
    run_due(now=timezone.now())
    assert "1 of 1 rows would come in" in owner.get(page).content.decode()


def test_a_column_that_is_not_in_the_file_cannot_be_chosen(owner: Client) -> None:
    page = bring(owner, FILE)
    run_due(now=timezone.now())
    assert owner.post(f"{page}columns", {"column_customer": "Nobody"}).status_code == 400


def test_looking_never_changes_anything(owner: Client) -> None:
    page = bring(owner, FILE)
    run_due(now=timezone.now())
    before = list(Import.objects.values())
    for address in (page, f"{page}progress", "/sources/", "/imports/new", f"{page}rejects.csv"):
        answer = owner.get(address)
        assert answer.status_code == 200
        assert not answer.streaming or b"no_customer" in b"".join(answer)  # read to its end, the file is closed
    for verb in ("start", "undo", "columns"):
        assert owner.get(f"{page}{verb}").status_code == 405
    assert list(Import.objects.values()) == before


@pytest.mark.parametrize(("role", "status"), [("analyst", 302), ("marketing", 302), ("service", 403), ("reader", 403)])
def test_who_may_bring_a_file(as_role: Callable[[str], Client], role: str, status: int) -> None:
    answer = as_role(role).post("/imports/new", {"file": SimpleUploadedFile("a.csv", FILE.encode())})
    assert answer.status_code == status


def test_a_source_that_fails_is_seen_to_fail(owner: Client, source: Source, now: datetime) -> None:
    Source.objects.filter(pk=source.pk).update(error="<script>alert(1)</script>", error_at=now, heard_at=now)
    page = owner.get("/sources/").content.decode()
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "2 Mar 2026" in page.replace("\u00a0", " ")
