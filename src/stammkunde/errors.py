"""What can go wrong, as advice: what is wrong, where, and what to try.

Everything raised on purpose is one of these::

    StammkundeError
    ├── InputError               an argument, option or file cannot be used as it is
    │   ├── MappingError         a column was not found, or several would do
    │   ├── AmbiguousDateError   03/04/2024 may be March or April
    │   ├── CurrencyError        amounts in several currencies, and no rates
    │   └── UnknownModelError    no model of this name
    ├── DataError                the rows were read, but are not what they should be
    │   └── NotEnoughDataError   too few customers, orders or days for an answer
    ├── ConvergenceError         no maximum of the likelihood was found
    └── EngineError              DuckDB, Spark or a database refused
        └── MissingExtraError    an optional package is not installed
"""


class StammkundeError(Exception):
    """Base of all errors raised on purpose.

    Parameters
    ----------
    what : what is wrong, one sentence.
    where : the file, row, column or argument it was found in, if there is one.
    advice : what to try; each class has a general one for when nothing better is known.
    """

    advice = "Run the command with --help, or see the documentation of the function."

    def __init__(self, what: str, *, where: str | None = None, advice: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        if advice is not None:
            self.advice = advice

    def __str__(self) -> str:
        """The whole message: place, fault and advice on two lines."""
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}\n{self.advice}"


class InputError(StammkundeError):
    """An argument, option or file cannot be used as it is."""

    advice = "Correct the argument, or name a file that can be read."


class MappingError(InputError):
    """A needed column was not found, or several columns would do."""

    advice = "Name the columns yourself: customer=, date= and amount=, or --customer, --date and --amount."


class AmbiguousDateError(InputError):
    """Dates such as 03/04/2024, that may be read day first or month first."""

    advice = 'Say which comes first: date_format="%d/%m/%Y" or "%m/%d/%Y" (or --date-format).'


class CurrencyError(InputError):
    """Amounts in several currencies cannot be added up without exchange rates."""

    advice = "Give one currency to keep and the exchange rates of the others, or read one currency at a time."


class UnknownModelError(InputError):
    """No model of this name exists."""

    advice = 'Use model="auto", which chooses by backtests on your own data.'


class DataError(StammkundeError):
    """The rows were read, but are not what they should be."""

    advice = "Look at the rows named here, correct them in the source, and read it again."


class NotEnoughDataError(DataError):
    """Too few customers, orders or days for an answer worth giving."""

    advice = "Take a longer period or a larger shop; at least some customers must have come back."


class ConvergenceError(StammkundeError):
    """No maximum of the likelihood was found, so there are no parameters to trust."""

    advice = "Try another model, a longer period, or pool=True, which lets typical shops steady a small one."


class EngineError(StammkundeError):
    """The engine beneath (DuckDB, Spark, a database) refused."""

    advice = "Check that the file, table or connection can be read outside Stammkunde."


class MissingExtraError(EngineError):
    """An optional package is not installed."""

    advice = 'Install it: pip install "stammkunde[spark]" or "stammkunde[boost]".'
