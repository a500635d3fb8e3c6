"""`stammkunde mail`: mail that came back, taken in from the mail server."""

import os
import sys
from typing import Annotated

import typer

from stammkunde.cli import server

app = typer.Typer(
    help="Mail that came back: bounces, complaints, replies.", no_args_is_help=True, rich_markup_mode=None
)

To = Annotated[str, typer.Option("--to", metavar="ADDRESS", help="The address it was delivered to, where known.")]
LARGEST = 50_000_000  # bytes that are read; more is no mail


@app.command()
def receive(*, to: To = "") -> None:
    """Take one mail from standard input, as a mail server hands it over.

    It is kept before anything is done with it, and taken twice it is one. When it could not be kept, the command ends
    with 75, on which mail servers keep it and try again.

    \b
    Example, in Postfix' master.cf:
      stammkunde unix - n n - 4 pipe user=stammkunde argv=/opt/stammkunde/bin/stammkunde mail receive --to ${recipient}
    """
    raw = sys.stdin.buffer.read(LARGEST)
    server.load()
    from django.db import DatabaseError  # Django has to be ready
    from django.utils import timezone

    from stammkunde.server.mail.actions.hearing import take

    try:
        arrival = take(raw, now=timezone.now(), to=to)
    except DatabaseError as error:
        typer.echo(f"stammkunde: The mail could not be kept: {error}", err=True)
        raise typer.Exit(os.EX_TEMPFAIL) from error
    typer.echo(f"{arrival.pk} {arrival.kind}")
