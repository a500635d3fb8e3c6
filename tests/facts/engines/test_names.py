"""Names of columns that every engine can tell apart."""

from hypothesis import given
from hypothesis import strategies as st

from stammkunde.facts.engines.names import unlike


def test_a_column_without_a_name_is_called_by_its_place() -> None:
    assert unlike(["Kunde", "", "  ", None]) == ["Kunde", "column_2", "column_3", "column_4"]


def test_the_second_column_of_a_name_gets_a_number() -> None:
    assert unlike(["Datum", "datum", "datum_2", "DATUM"]) == ["Datum", "datum_2", "datum_2_2", "DATUM_3"]


def test_a_byte_order_mark_is_no_part_of_a_name() -> None:
    assert unlike(["\ufeffKunde", "Betrag"]) == ["Kunde", "Betrag"]


@given(st.lists(st.text("aA_2 ", max_size=4)))
def test_names_are_never_alike(names: list[str]) -> None:
    assert len({name.casefold() for name in unlike(names)}) == len(names)
