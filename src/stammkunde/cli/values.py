"""What people type, as values; what cannot be read is a usage error that says how to write it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import typer

from stammkunde.errors import InputError


@contextmanager
def usage() -> Iterator[None]:
    """An argument that the library refuses is wrong usage of the option it came from."""
    try:
        yield
    except InputError as error:
        raise typer.BadParameter(f"{error.what} {error.advice}") from error


def day(text: str | date) -> date:
    """A day as 1997-09-30."""
    if isinstance(text, date):
        return text
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day. Write year, month and day: 1997-09-30.") from None


def share(text: str | float) -> float:
    """A share a year, as 0.10 or 10%; decimal commas are understood."""
    found = re.fullmatch(r"\s*(\d+(?:[.,]\d+)?|[.,]\d+)\s*(%?)\s*", str(text))
    value = float(found[1].replace(",", ".")) / (100 if found[2] else 1) if found else 1.0
    if value >= 1.0:
        raise typer.BadParameter(f"{text!r} is no share between 0 and 1. Write 0.10 or 10%.")
    return value


def pair(text: str | tuple[str, str]) -> tuple[str, str]:
    """NAME=VALUE as (name, value)."""
    if isinstance(text, tuple):
        return text
    name, equals, value = text.partition("=")
    if not (name.strip() and equals and value.strip()):
        raise typer.BadParameter(f"{text!r} has no name or no value. Write NAME=VALUE.")
    return name.strip(), value.strip()


def field(text: str | tuple[str, str]) -> tuple[str, str]:
    """FIELD=COLUMN, for a field that orders have."""
    name, column = pair(text)
    from stammkunde.facts.columns import FIELDS  # ends up in numpy, which --help should not wait for

    if name not in FIELDS:
        raise typer.BadParameter(f"{name!r} is no field of an order. Fields are: {', '.join(FIELDS)}.")
    return name, column


def rate(text: str | tuple[str, str]) -> tuple[str, str]:
    """COST=VALUE, such as vat=19%."""
    from stammkunde.facts import Rates  # as above

    try:
        Rates.of(dict([pair(text)]))
    except InputError as error:
        advice = "Write vat=19%, goods=40%, shipping=4.90, fee=1.9%+0.25 or returns=3.50."
        raise typer.BadParameter(f"{error.what} {advice}") from error
    return pair(text)


def exchange_rate(text: str | tuple[str, float]) -> tuple[str, float]:
    """CODE=RATE as (code, rate)."""
    if isinstance(text, tuple):
        return text
    code, value = pair(text)
    try:
        return code.upper(), float(value.replace(",", "."))
    except ValueError:
        raise typer.BadParameter(f"{value!r} is no exchange rate. Say what one unit is worth: CHF=1.05.") from None


def horizon(text: str) -> str:
    """A length of time that can be read."""
    from stammkunde.clv import Horizon  # as above

    with usage():
        Horizon.of(text, until=date(2000, 1, 1), days_per_unit=7.0)
    return text


def model(text: str) -> str:
    """auto, boost, or the name of a model."""
    from stammkunde.clv import transaction_model  # as above

    with usage():
        return text.lower() if text.lower() in ("auto", "boost") else transaction_model(text).name


def one_of(*choices: str) -> Callable[[str], str]:
    """A reader of one of these words, in any case."""

    def read(text: str) -> str:
        if text.lower() not in choices:
            raise typer.BadParameter(f"{text!r} is not known here. Choose one of {', '.join(choices)}.")
        return text.lower()

    read.__name__ = "|".join(choices)
    return read
