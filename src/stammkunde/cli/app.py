"""The commands, and the one place where errors become a message and an exit code."""

import os
import sys
from typing import Annotated

import typer

from stammkunde import __version__
from stammkunde.cli import backup, clv, demo, doctor, journeys, mail, serve
from stammkunde.errors import ConvergenceError, DataError, EngineError, InputError, StammkundeError

app = typer.Typer(
    name="stammkunde",
    help="What every customer of a shop was worth, and will be worth.",
    epilog="Exit codes: 0 done; 2 wrong usage; 3 input that cannot be used; 4 data that cannot be used or are not "
    "enough; 5 a model that cannot be fitted; 6 an engine that is missing or refuses; 1 anything else.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(clv.app, name="clv")
app.add_typer(mail.app, name="mail")
app.add_typer(journeys.app, name="journeys")
app.command(name="demo")(demo.demo)
for command in (serve.serve, serve.work, serve.migrate, serve.invite, doctor.doctor, backup.backup, backup.restore):
    app.command()(command)

EXIT_CODES = ((InputError, 3), (DataError, 4), (ConvergenceError, 5), (EngineError, 6))


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"stammkunde {__version__}")
        raise typer.Exit


@app.callback()
def common(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")] = False,
) -> None:
    """What every customer of a shop was worth, and will be worth."""


def exit_code(error: StammkundeError) -> int:
    """The exit code that stands for an error's kind."""
    return next((code for kind, code in EXIT_CODES if isinstance(error, kind)), 1)


def main() -> None:
    """Run the command; an error is advice on standard error, never a traceback (unless STAMMKUNDE_DEBUG is set)."""
    try:
        app(prog_name="stammkunde")
    except Exception as error:
        if os.environ.get("STAMMKUNDE_DEBUG"):
            raise
        sys.exit(_told(error))


def _told(error: Exception) -> int:
    """Say what went wrong on standard error, and give the exit code."""
    if isinstance(error, StammkundeError):
        typer.echo(f"stammkunde: {error}", err=True)
        return exit_code(error)
    if isinstance(error, MemoryError):
        typer.echo("stammkunde: There is not enough memory.\nTry --no-intervals, or --engine spark.", err=True)
        return 1
    typer.echo(f"stammkunde: {type(error).__name__}: {error}", err=True)
    typer.echo("This is a fault of Stammkunde. Report it with what STAMMKUNDE_DEBUG=1 shows.", err=True)
    return 1
