"""`stammkunde clv`: score customers, and see how far to trust it."""

from pathlib import Path
from typing import Annotated

import typer

from stammkunde.cli import values
from stammkunde.cli.console import progress
from stammkunde.cli.options import AsJson, Horizon, Language, Quiet, Reading, Unit, reads_orders, system_language

app = typer.Typer(
    help="Lifetime value: score customers, and see how far to trust it.", no_args_is_help=True, rich_markup_mode=None
)

Discount = Annotated[
    float, typer.Option("--discount", metavar="SHARE", parser=values.share, help="Discount a year, as 0.10 or 10%.")
]
Model = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="MODEL",
        parser=values.model,
        help="auto, which chooses by backtests, or bg-nbd, mbg-nbd, pareto-nbd, bg-cnbd-k, mbg-cnbd-k, nbd.",
    ),
]
Out = Annotated[
    str | None, typer.Option("--out", metavar="FILE", help="Write a row for every customer, as .csv or .parquet.")
]
Trials = Annotated[
    str | None, typer.Option("--out", metavar="FILE", help="Write a row for every trial, as .csv or .parquet.")
]
Report = Annotated[str | None, typer.Option("--report", metavar="FILE.html", help="Write the report.")]
Top = Annotated[int, typer.Option("--top", metavar="N", min=0, help="How many customers to show.")]
NoIntervals = Annotated[
    bool, typer.Option("--no-intervals", help="Leave intervals out: faster for millions of customers.")
]


@app.command(name="score")
@reads_orders
def score(
    reading: Reading,
    horizon: Horizon = "12m",
    discount: Discount = 0.10,
    model: Model = "auto",
    unit: Unit = "week",
    no_intervals: NoIntervals = False,
    top: Top = 10,
    out: Out = None,
    report: Report = None,
    language: Language = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say of every customer what they were worth, and will be worth.

    Columns are found by their German or English headers; name those that are not.

    \b
    Example:
      stammkunde clv score orders.csv --out scores.csv --report report.html
    """
    from stammkunde.cli import as_json as json_of  # all of these bring numpy, for which --help does not wait
    from stammkunde.cli import files
    from stammkunde.cli import score as scoring
    from stammkunde.cli.table import Screen, offers

    there = reading.engine == "spark"  # scores are written by its workers, as a folder of Parquet
    table = None if there else out
    files.check([*reading.outputs, report, table], tables=[reading.rejects, table], read=reading.inputs)
    files.check_folder(out if there else None)
    asked = scoring.Question(horizon, discount, model, unit, intervals=not no_intervals, top=top)
    source = Path(reading.source).name
    with progress(quiet=quiet) as tell:
        result = scoring.score(reading, asked, tell, out=out, report=None if report is None else source)
        if table is not None and result.scores is not None:
            tell("Writing", None)
            files.write_table(result.scores, table)
        if report is not None:
            files.write_text(result.html(language or system_language()), report)
    if as_json:
        typer.echo(json_of.scored(result))
        return
    written = reading.written(result.orders, out, report)
    more = offers(result, out=out, report=report, rejects=reading.rejects)
    Screen().scored(result, source=source, written=written, offers=more)


@app.command(name="backtest")
@reads_orders
def backtest(
    reading: Reading,
    horizon: Horizon = "12m",
    unit: Unit = "week",
    out: Trials = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Try models and rules of thumb on the shop's own past, and choose.

    \b
    Example:
      stammkunde clv backtest orders.csv --horizon 6m
    """
    from stammkunde.cli import as_json as json_of  # all of these bring numpy, for which --help does not wait
    from stammkunde.cli import backtest as backtesting
    from stammkunde.cli import files
    from stammkunde.cli.table import Screen

    files.check([*reading.outputs, out], tables=[reading.rejects, out], read=reading.inputs)
    with progress(quiet=quiet) as tell:
        result = backtesting.tried(reading, horizon, unit, tell)
        if out is not None:
            files.write_table(result.trials, out)
    if as_json:
        typer.echo(json_of.tried(result))
        return
    written = reading.written(result.orders, out)
    Screen().tried(result, source=Path(reading.source).name, written=written)
