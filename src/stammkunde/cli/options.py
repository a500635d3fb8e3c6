"""The options that several commands share, each said once."""

from typing import Annotated

import typer

COLUMNS, READING, MODEL, OUTPUT = "Columns", "Reading", "Model", "Output"


def _column(flag: str, text: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(flag, metavar="COLUMN", help=text, rich_help_panel=COLUMNS)
    return option


Orders = Annotated[str, typer.Argument(metavar="ORDERS", help="CSV or Parquet file, folder of Parquet, or sqlite:///FILE::TABLE.")]
Customer = Annotated[str | None, _column("--customer", "Who ordered: a customer number, or an e-mail address.")]
Date = Annotated[str | None, _column("--date", "When.")]
Amount = Annotated[str | None, _column("--amount", "For how much: the total of the order, or of the line.")]
Order = Annotated[str | None, _column("--order", "Number of the order.")]
Quantity = Annotated[str | None, _column("--quantity", "Pieces of the line; negative for returned ones.")]
Price = Annotated[str | None, _column("--price", "Price of one piece.")]
Product = Annotated[str | None, _column("--product", "What was ordered.")]
Column = Annotated[
    list[str] | None,
    typer.Option("--column", metavar="FIELD=COLUMN", help="Any other column, such as cost=EK or country=Land. Repeatable."),
]
Mapping = Annotated[str | None, typer.Option("--mapping", metavar="FILE.json", help="Use a saved mapping of columns.")]
SaveMapping = Annotated[str | None, typer.Option("--save-mapping", metavar="FILE.json", help="Save the mapping used.")]
DateFormat = Annotated[str | None, typer.Option("--date-format", metavar="FORMAT", help='Such as "%d/%m/%Y" where dates may be read two ways.')]
Timezone = Annotated[str | None, typer.Option("--timezone", metavar="ZONE", help="The shop's zone, such as Europe/Berlin.")]
Currency = Annotated[str | None, typer.Option("--currency", metavar="CODE", help="Currency of the amounts, or the one to keep.")]
ExchangeRate = Annotated[
    list[str] | None,
    typer.Option("--exchange-rate", metavar="CODE=RATE", help="One unit of CODE in the kept currency. Repeatable."),
]
Rate = Annotated[
    list[str] | None,
    typer.Option("--rate", metavar="COST=VALUE", help="A stated cost, such as vat=19%, goods=55% or shipping=4.90. Repeatable."),
]
Refunds = Annotated[str | None, typer.Option("--refunds", metavar="FILE", help="A separate file of refunds.")]
Until = Annotated[str | None, typer.Option("--until", metavar="YYYY-MM-DD", help="Last day to look at, inclusive.")]
Unit = Annotated[str, typer.Option("--unit", metavar="UNIT", help="Time unit of the parameters: hour, day or week.")]
Horizon = Annotated[str, typer.Option("--horizon", metavar="SPAN", help="How far ahead: 39w, 273d, 12m or 1y.")]
Engine = Annotated[str, typer.Option("--engine", metavar="ENGINE", help="duckdb or spark.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON instead of a table.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress on standard error.")]
