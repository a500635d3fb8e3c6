"""`stammkunde journeys`: sequences as files, and what they would have done."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stammkunde.cli import server, values
from stammkunde.cli.console import progress
from stammkunde.cli.options import AsJson, Quiet
from stammkunde.errors import InputError

if TYPE_CHECKING:
    from stammkunde.server.journeys.simulating.findings import Findings, Flow
    from stammkunde.server.journeys.simulating.staging import Draft

app = typer.Typer(
    help="Journeys of the server: as files, and over the shop's own past.", no_args_is_help=True, rich_markup_mode=None
)

File = Annotated[str, typer.Argument(metavar="FILE.yaml", help="A journey as a file.")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="The key of a journey, as `journeys list` shows it.")]
What = Annotated[
    str, typer.Argument(metavar="JOURNEY", help="A file, the key of a journey, or of a flow of the library.")
]
Out = Annotated[str | None, typer.Option("--out", metavar="FILE", help="Where to; else it is printed.")]
From = Annotated[
    date | None, typer.Option("--from", metavar="YYYY-MM-DD", parser=values.day, help="First day; else a year ago.")
]
Until = Annotated[
    date | None, typer.Option("--until", metavar="YYYY-MM-DD", parser=values.day, help="Last day; else today.")
]
Stroke = Annotated[int, typer.Option("--every", metavar="MINUTES", min=5, max=1440, help="How often it is looked.")]
Alone = Annotated[bool, typer.Option("--alone", help="Without the other journeys that are on.")]


@app.command(name="list")
def names() -> None:
    """List the journeys of the server."""
    server.load()
    server.with_tables()
    from stammkunde.server.journeys.models import Journey  # Django has to be ready

    rows = Journey.objects.select_related("live").order_by("key")
    for row in rows:
        version = f"version {row.live.number}" if row.live else "never published"
        typer.echo(f"{row.key:<32} {row.get_state_display():<18} {version:<18} {row.name}")
    if not rows:
        typer.echo("No journey yet. Copy one from the gallery, or: stammkunde journeys import FILE.yaml")


@app.command(name="check")
def check(file: File) -> None:
    """Say whether a file is a journey that can be used.

    \b
    Example:
      stammkunde journeys check cart.yaml
    """
    server.load()
    found = _read(file)
    typer.echo(f"{file}: {found.definition.key}, {len(found.definition.steps)} steps, {len(found.mails)} mails.")


@app.command(name="export")
def export(key: Key, out: Out = None) -> None:
    """Write a journey as a file, with the mails it sends, as it is being written now.

    \b
    Example:
      stammkunde journeys export cart --out cart.yaml
    """
    server.load()
    server.with_tables()
    from stammkunde.server.journeys.actions.editing import export as as_file  # Django has to be ready

    text = as_file(_journey(key))
    if out is None:
        typer.echo(text, nl=False)
    else:
        Path(out).write_text(text, encoding="utf-8")
        typer.echo(f"Written: {out}")


@app.command(name="import")
def bring(file: File) -> None:
    """Take a journey in from a file, with the mails it brings that the shop has not yet. Nothing goes out by it.

    \b
    Example:
      stammkunde journeys import cart.yaml
    """
    server.load()
    server.with_tables()
    from django.utils import timezone  # Django has to be ready

    from stammkunde.server.journeys.actions.editing import import_file

    found = import_file(_text(file), now=timezone.now(), by=None)
    typer.echo(f"New: {found.journey.key}. Look at it, publish it, and switch it on.")
    if found.kept:
        typer.echo(f"Mails that were there already stay as they are: {', '.join(found.kept)}.")


@app.command(name="simulate")
def simulate(
    journey: What,
    begin: From = None,
    until: Until = None,
    every: Stroke = 60,
    alone: Alone = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say what a journey would have done over the shop's own past: how many mails, when, on top of which others, how
    many after a return, how many without a basis in law. Nothing is sent, and nothing of it stays.

    \b
    Example:
      stammkunde journeys simulate cart.yaml --from 2025-01-01 --until 2025-12-31
    """
    server.load()
    server.with_tables()
    from django.utils import timezone  # Django has to be ready

    from stammkunde.server.journeys.simulating.running import Question
    from stammkunde.server.journeys.simulating.running import simulate as run

    end = _midnight(until + timedelta(days=1)) if until else timezone.now()
    start = _midnight(begin) if begin else end - timedelta(days=365)
    if start >= end:
        raise InputError("It would end before it begins.", advice="Choose an earlier --from, or a later --until.")
    question = Question([_draft(journey)], start, end, timedelta(minutes=every), others=not alone)
    with progress(quiet=quiet) as tell:
        found = run(question, tell=lambda doing, done, total: tell(doing, done / total if total else None))
    if as_json:
        import json  # only here

        typer.echo(json.dumps(found.written(), indent=2))
    else:
        _show(found)


def _midnight(day: date) -> datetime:
    from django.conf import settings  # Django is ready by now

    from stammkunde.server.lib.local_time import resolve, zone_of

    return resolve(day, time(0), zone_of(settings.SHOP_ZONE)).astimezone(UTC)


def _journey(key: str) -> Any:
    from stammkunde.server.journeys.models import Journey  # Django is ready by now

    found = Journey.objects.filter(key=key).first()
    if found is None:
        raise InputError(f"There is no journey called {key}.", advice="See: stammkunde journeys list")
    return found


def _read(file: str) -> Any:
    from stammkunde.server.journeys.definitions.files import read_file  # Django is ready by now

    return read_file(_text(file))


def _text(file: str) -> str:
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{file} cannot be read: {error}.", advice="Name a YAML file in UTF-8.") from error


def _draft(what: str) -> "Draft":
    """What is tried: the file of that name, else the journey of that key as it is being written, else a flow."""
    from stammkunde.server.journeys.definitions.reading import written  # Django is ready by now
    from stammkunde.server.journeys.models import Journey
    from stammkunde.server.journeys.queries.library import flow as flow_called
    from stammkunde.server.journeys.simulating.staging import Draft
    from stammkunde.server.mail.rendering.documents import written as as_document

    if Path(what).is_file():
        found = _read(what)
        return Draft(written(found.definition), found.mails)
    journey = Journey.objects.filter(key=what).first()
    if journey is not None:
        return Draft(journey.draft, instead_of=journey.pk)
    flow = flow_called(what)
    if flow is None:
        raise InputError(f"{what} is no file, no journey and no flow.", advice="See: stammkunde journeys list")
    return Draft(written(flow.definition), {key: as_document(each) for key, each in flow.documents.items()})


def _show(found: "Findings") -> None:
    from rich.console import Console  # slow to import; only when there is something to show
    from rich.table import Table

    console = Console(highlight=False)
    days = (found.end - found.begin).days
    console.print(f"{found.begin:%Y-%m-%d} to {found.end:%Y-%m-%d}, {days} days, {found.customers:,} customers entered")
    table = Table(box=None, pad_edge=False)
    for name in ("journey", "entered", "sent", "put off", "no basis", "after a return", "on top of others"):
        table.add_column(name, justify="left" if name == "journey" else "right")
    for flow in found.flows:
        table.add_row(*_row(flow))
    console.print(table)
    for flow in found.flows:
        if flow.draft:
            _detail(console, flow)
    if found.weeks:
        busiest = max(found.weeks, key=lambda week: week[1])
        console.print(
            f"The busiest week, from {busiest[0]}: {busiest[1]:,} mails, and {busiest[2]:,} of other journeys."
        )


def _row(flow: "Flow") -> tuple[str, ...]:
    numbers = (flow.entered, flow.sent, flow.put_off, flow.without_basis, flow.after_return)
    return (flow.key, *(f"{each:,}" for each in numbers), f"{sum(flow.on_top_of.values()):,}")


def _detail(console: Any, flow: "Flow") -> None:
    told: list[tuple[str, Mapping[str, int]]] = [
        ("How it ended", flow.ended),
        ("Not sent, since", flow.reasons),
        ("Lost the slot to", flow.lost_to),
        ("Within two days of", flow.on_top_of),
    ]
    for name, counted in told:
        if counted:
            parts = sorted(counted.items(), key=lambda item: -item[1])
            console.print(f"{flow.key}. {name}: " + ", ".join(f"{what} {number:,}" for what, number in parts))
