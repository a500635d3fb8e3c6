"""`stammkunde demo`: the main job on the shop that comes with the package."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from stammkunde.cli.console import progress
from stammkunde.cli.options import Language, Quiet, Reading, system_language

ATTRIBUTION = (
    "The shop is Online Retail by Daqing Chen (2015), UCI Machine Learning Repository, doi 10.24432/C5BW33, "
    "licence CC BY 4.0: order lines of a British wholesaler of gifts, 2010 to 2011."
)

Report = Annotated[str, typer.Option("--report", metavar="FILE.html", help="Where to write the report.")]
Open = Annotated[bool, typer.Option("--open", help="Open the report in the browser.")]


def demo(
    report: Report = "stammkunde-report.html",
    language: Language = None,
    show: Open = False,
    quiet: Quiet = False,
) -> None:
    """Score the bundled shop: a table here, and a report to open in the browser.

    \b
    Example:
      stammkunde demo --language de --open
    """
    from stammkunde.cli import files  # all of these bring numpy, for which --help does not wait
    from stammkunde.cli import score as scoring
    from stammkunde.cli.table import Screen
    from stammkunde.facts import online_retail_path

    reading = Reading(source=str(online_retail_path()), currency="GBP")
    files.check([report], read=reading.inputs)
    with progress(quiet=quiet) as tell:
        result = scoring.score(reading, scoring.Question(), tell, report="Online Retail")
        files.write_text(result.html(language or system_language()), report)
    path = Path(report).resolve()
    offers = {"stammkunde clv score orders.csv": "the same for your own shop"}
    Screen().scored(result, source="Online Retail", written=[str(path)], offers=offers, note=ATTRIBUTION)
    if show:
        webbrowser.open(path.as_uri())
