"""The bundled shop loaded into the server, for `stammkunde serve --demo`: what is being done, and what came of it."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

from stammkunde.cli.console import progress

LOOK = 0.3  # seconds between looks at how far it is


def load() -> None:
    """Load it where nothing is in yet, and say what its customers are worth."""
    from django.db import connection  # Django has to be ready
    from django.utils import timezone

    from stammkunde.server.dashboards.demo import loading as demo
    from stammkunde.server.lib.money import major

    typer.echo(
        "Loading the bundled shop and living through its last weeks, which takes a minute or two the first time."
    )
    with _watched() as tell:
        run = demo.load(clock=timezone.now, tell=tell)
    connection.close()
    typer.echo(f"  {demo.ATTRIBUTION}")
    if run is None or run.predicted is None or run.predicted_low is None or run.predicted_high is None:
        return
    amounts = (run.predicted, run.predicted_low, run.predicted_high)
    mean, low, high = (f"{major(amount, run.currency):,.0f} {run.currency}" for amount in amounts)
    typer.echo(f"  {run.customers:,} customers will probably bring {mean} by {run.horizon_end:%d %B %Y};")
    typer.echo(f"  with 80 % probability it will be between {low} and {high}.")


@contextmanager
def _watched() -> Iterator[Callable[[str, int, int], None]]:
    """Show what the running job is at, instead of lines of its log, and what else is told where none runs."""
    lines = logging.getLogger("stammkunde")
    before, ended = lines.level, threading.Event()
    lines.setLevel(logging.WARNING)
    said: list[tuple[str, int, int]] = []
    watching = threading.Thread(target=_watch, args=(ended, said), daemon=True)
    watching.start()
    try:
        yield lambda doing, done, total: said.append((doing, done, total))
    finally:
        ended.set()
        watching.join()
        lines.setLevel(before)


def _watch(ended: threading.Event, said: list[tuple[str, int, int]]) -> None:
    from django.db import connection  # Django has to be ready

    from stammkunde.server.lib.models import Job

    with progress(quiet=False) as tell:
        while not ended.wait(LOOK):
            job = Job.objects.filter(state=Job.State.RUNNING).first()
            doing, done, total = (job.doing, job.done, job.total) if job else said[-1] if said else ("", 0, 0)
            if doing or job:
                tell(doing or "Beginning", min(done / total, 1.0) if total else None)
    connection.close()
