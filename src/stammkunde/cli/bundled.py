"""The bundled shop loaded into the server, for `stammkunde serve --demo`: what is being done, and what came of it."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from stammkunde.cli.console import progress

LOOK = 0.3  # seconds between looks at how far it is


def load() -> None:
    """Load it where nothing is in yet, and say what its customers are worth."""
    from django.db import connection  # Django has to be ready
    from django.utils import timezone

    from stammkunde.server.dashboards import demo
    from stammkunde.server.lib.money import major

    typer.echo("Loading the bundled shop, which takes about half a minute the first time ...")
    with _watched():
        run = demo.load(clock=timezone.now)
    connection.close()
    typer.echo(f"  {demo.ATTRIBUTION}")
    if run is None or run.predicted is None or run.predicted_low is None or run.predicted_high is None:
        return
    amounts = (run.predicted, run.predicted_low, run.predicted_high)
    mean, low, high = (f"{major(amount, run.currency):,.0f} {run.currency}" for amount in amounts)
    typer.echo(f"  {run.customers:,} customers will probably bring {mean} by {run.horizon_end:%d %B %Y};")
    typer.echo(f"  with 80 % probability it will be between {low} and {high}.")


@contextmanager
def _watched() -> Iterator[None]:
    """Show what the running job is at, instead of lines of its log."""
    lines = logging.getLogger("stammkunde.work")
    before, ended = lines.level, threading.Event()
    lines.setLevel(logging.WARNING)
    watching = threading.Thread(target=_watch, args=(ended,), daemon=True)
    watching.start()
    try:
        yield
    finally:
        ended.set()
        watching.join()
        lines.setLevel(before)


def _watch(ended: threading.Event) -> None:
    from django.db import connection  # Django has to be ready

    from stammkunde.server.lib.models import Job

    with progress(quiet=False) as tell:
        while not ended.wait(LOOK):
            job = Job.objects.filter(state=Job.State.RUNNING).first()
            if job:
                tell(job.doing or "Beginning", min(job.done / job.total, 1.0) if job.total else None)
    connection.close()
