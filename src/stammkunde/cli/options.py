"""The options that several commands share, each said once, and how orders are read by them."""

import os
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from datetime import date
from functools import wraps
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_type_hints

import typer

from stammkunde.cli import values
from stammkunde.progress import Progress

if TYPE_CHECKING:
    from stammkunde.facts import Orders


def _column(flag: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(flag, metavar="COLUMN", help=text)
    return option


def _file(flag: str, name: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(flag, metavar=name, help=text)
    return option


Source = Annotated[
    str, typer.Argument(metavar="ORDERS", help="CSV or Parquet file, folder of Parquet, or sqlite:///FILE::TABLE.")
]
Customer = Annotated[str | None, _column("--customer", "Who ordered: a customer number, or an e-mail address.")]
Date = Annotated[str | None, _column("--date", "When.")]
Amount = Annotated[str | None, _column("--amount", "For how much: the total of the order, or of the line.")]
Order = Annotated[str | None, _column("--order", "Number of the order.")]
Quantity = Annotated[str | None, _column("--quantity", "Pieces of the line; negative for returned ones.")]
Price = Annotated[str | None, _column("--price", "Price of one piece.")]
Product = Annotated[str | None, _column("--product", "What was ordered.")]
Column = Annotated[
    list[Any] | None,
    typer.Option(
        "--column",
        metavar="FIELD=COLUMN",
        parser=values.field,
        help="Any other column, such as cost=EK or country=Land. Repeatable.",
    ),
]
Mapping = Annotated[str | None, _file("--mapping", "FILE.json", "Use a saved mapping of columns.")]
SaveMapping = Annotated[str | None, _file("--save-mapping", "FILE.json", "Save the mapping used.")]
DateFormat = Annotated[
    str | None,
    typer.Option("--date-format", metavar="FORMAT", help='Such as "%d/%m/%Y" where dates may be read two ways.'),
]
Timezone = Annotated[
    str | None, typer.Option("--timezone", metavar="ZONE", help="The shop's zone, such as Europe/Berlin.")
]
Currency = Annotated[
    str | None, typer.Option("--currency", metavar="CODE", help="Currency of the amounts, or the one to keep.")
]
ExchangeRate = Annotated[
    list[Any] | None,
    typer.Option(
        "--exchange-rate",
        metavar="CODE=RATE",
        parser=values.exchange_rate,
        help="What one unit of CODE is worth in the kept currency. Repeatable.",
    ),
]
Rate = Annotated[
    list[Any] | None,
    typer.Option(
        "--rate",
        metavar="COST=VALUE",
        parser=values.rate,
        help="A stated cost, such as vat=19%, goods=55% or shipping=4.90. Repeatable.",
    ),
]
Refunds = Annotated[str | None, _file("--refunds", "FILE", "A separate file of refunds.")]
Until = Annotated[
    date | None,
    typer.Option("--until", metavar="YYYY-MM-DD", parser=values.day, help="Last day to look at, inclusive."),
]
Rejects = Annotated[
    str | None, _file("--rejects", "FILE.csv", "Write the rows that could not be used: row, column, reason, value.")
]
Engine = Annotated[
    str,
    typer.Option(
        "--engine", metavar="ENGINE", parser=values.one_of("duckdb", "spark"), help="Where to compute: duckdb or spark."
    ),
]
Unit = Annotated[
    Literal["hour", "day", "week"],
    typer.Option(
        "--unit",
        metavar="UNIT",
        parser=values.one_of("hour", "day", "week"),
        help="Time unit of the parameters: hour, day or week.",
    ),
]
Horizon = Annotated[
    str, typer.Option("--horizon", metavar="SPAN", parser=values.horizon, help="How far ahead: 39w, 273d, 12m or 1y.")
]
Language = Annotated[
    str | None,
    typer.Option(
        "--language",
        metavar="LANGUAGE",
        parser=values.one_of("de", "en"),
        help="Language of the report: de or en. By default that of the system.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON instead of tables.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress on standard error.")]


@dataclass(frozen=True)
class Reading:
    """How orders are to be read; each field is an argument or option of every command that reads orders."""

    source: Source
    customer: Customer = None
    date: Date = None
    amount: Amount = None
    order: Order = None
    quantity: Quantity = None
    price: Price = None
    product: Product = None
    column: Column = None
    mapping: Mapping = None
    save_mapping: SaveMapping = None
    date_format: DateFormat = None
    timezone: Timezone = None
    currency: Currency = None
    exchange_rate: ExchangeRate = None
    rate: Rate = None
    refunds: Refunds = None
    until: Until = None
    rejects: Rejects = None
    engine: Engine = "duckdb"

    @property
    def inputs(self) -> list[str | None]:
        """Files that are read."""
        return [self.source, self.mapping, self.refunds]

    @property
    def outputs(self) -> list[str | None]:
        """Files that `read` writes."""
        return [self.save_mapping, self.rejects]

    def read(self, tell: Progress) -> "Orders":
        """The orders, those after today rejected; the mapping and the rejects are written where that was asked for."""
        from stammkunde.cli import files  # both bring Arrow and the engines, for which --help does not wait
        from stammkunde.facts import read_orders

        own = ("source", "column", "save_mapping", "exchange_rate", "rate", "rejects")
        passed: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in own}
        orders = read_orders(
            self.source,
            columns=dict(self.column or ()),
            exchange_rates=dict(self.exchange_rate or ()),
            rates=dict(self.rate or ()),
            today=date.today(),  # noqa: DTZ011  the day where the user is
            progress=tell,
            **passed,
        )
        if self.save_mapping is not None:
            with files.replacing(self.save_mapping) as beside:
                orders.mapping.save(beside)
        if self.rejects is not None:
            tell("Listing what was not used", None)
            files.write_table(orders.rejects, self.rejects)
        return orders

    def written(self, orders: "Orders", *more: str | None) -> list[str]:
        """Names of the files written, `more` included; of rejects, how many of them are listed if not all."""
        found = [name for name in (self.save_mapping, *more) if name is not None]
        if self.rejects is None:
            return found
        listed = orders.rejects.num_rows
        part = "" if listed == orders.rejected else f" (the first {listed:,} of {orders.rejected:,} rows)"
        return [*found, self.rejects + part]


def reads_orders(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `Reading`, before its own; it gets them as one argument, the first."""
    names = [f.name for f in fields(Reading)]
    hints = get_type_hints(Reading, include_extras=True)

    @wraps(command)
    def with_reading(**given: Any) -> None:
        command(Reading(**{name: given.pop(name) for name in names}), **given)

    shared = [
        Parameter(f.name, Parameter.KEYWORD_ONLY, default=_default(f.default), annotation=hints[f.name])
        for f in fields(Reading)
    ]
    own = [p.replace(kind=Parameter.KEYWORD_ONLY) for p in list(signature(command).parameters.values())[1:]]
    ordered = [shared[0], *own, *shared[1:]]
    with_reading.__signature__ = signature(command).replace(parameters=ordered)  # type: ignore[attr-defined]
    with_reading.__annotations__ = {p.name: p.annotation for p in ordered} | {"return": None}
    del with_reading.__wrapped__  # else Typer looks behind it
    return with_reading


def system_language() -> str:
    """de where the system speaks German, else en."""
    spoken = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "de" if spoken.lower().startswith("de") else "en"


def _default(value: Any) -> Any:
    return Parameter.empty if value is MISSING else value
