"""Faults as pages tell them: in the reader's language, without the words of a shell."""

import pytest
from django.utils.translation import override

from stammkunde.server.shop.queries.faults import told


@pytest.mark.parametrize(
    ("raised", "german"),
    [
        (
            "There is no host 'tee.example'. Check the address of the shop.",
            "Einen Server namens 'tee.example' gibt es nicht. Die Adresse des Shops prüfen.",
        ),
        (
            "The shop answers 401: <b>no.</b> The shop does not accept the credentials: enter them again.",
            "Der Shop antwortet mit 401: <b>no.</b> Der Shop nimmt die Zugangsdaten nicht an: bitte neu eintragen.",
        ),
        (
            "127.0.0.1 is an address of the own network.\nNobody knows this one.",
            "127.0.0.1 ist eine Adresse im eigenen Netz.\nNobody knows this one.",
        ),
        (
            (
                "No column was found for customer, date. Name the columns yourself: customer=, date= and amount=, or "
                "--customer, --date and --amount. Columns are: 'a', 'b'."
            ),
            (
                "In dieser Datei wurde keine Spalte erkannt für: customer, date. Unten zuordnen, welche Spalte was "
                "ist. Spalten sind: 'a', 'b'."
            ),
        ),
        ("100 % %(odd)s", "100 % %(odd)s"),
    ],
)
def test_a_fault_is_told_in_german(raised: str, german: str) -> None:
    with override("de"):
        assert told(raised) == german


def test_nobody_is_told_to_use_a_shell() -> None:
    said = told('Say which comes first: date_format="%d/%m/%Y" or "%m/%d/%Y" (or --date-format).')
    assert said == "Say below which comes first."
