"""`stammkunde serve`, and what keeps it: `work`, `migrate`, `invite`."""

import os
from typing import Annotated

import typer

from stammkunde.cli import bundled, server, values

Host = Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; 0.0.0.0 for every address.")]
Port = Annotated[int, typer.Option("--port", metavar="PORT", min=1, max=65535, help="Which port to listen on.")]
Web = Annotated[bool, typer.Option("--web/--no-web", help="Answer requests.")]
Worker = Annotated[bool, typer.Option("--worker/--no-worker", help="Do the work that is due.")]
WebProcesses = Annotated[int, typer.Option("--web-processes", metavar="N", min=1, help="How many answer requests.")]
WorkerProcesses = Annotated[int, typer.Option("--worker-processes", metavar="N", min=1, help="How many do the work.")]
Demo = Annotated[bool, typer.Option("--demo", help="With the bundled shop loaded, in a data folder of its own.")]
ROLES = ("owner", "marketing", "service", "analyst", "reader")


def serve(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    web: Web = True,
    worker: Worker = True,
    web_processes: WebProcesses = 1,
    worker_processes: WorkerProcesses = 1,
    demo: Demo = False,
) -> None:
    """Start Stammkunde: pages, API and the work behind them, with one command and no other service.

    Settings come from the environment; `stammkunde doctor` names them. Where there is no owner yet, a link for the
    first one is printed. Ctrl-C or SIGTERM stops within seconds, a second one at once.

    \b
    Example:
      stammkunde serve --port 8080
    """
    if not (web or worker):
        raise typer.BadParameter("--no-web and --no-worker leave nothing to start.")
    _address(host, port)
    if demo:
        _apart()
    server.load()
    from stammkunde.server.lib import serving  # with the server only

    server.judged()
    plan = serving.Plan(host, port, web_processes if web else 0, worker_processes if worker else 0)
    serving.free(plan)
    _migrated()
    if demo:
        bundled.load()
    raise typer.Exit(serving.serve(plan, announce=_welcome if web else lambda: typer.echo("Stammkunde works.")))


def _address(host: str, port: int) -> None:
    """Let links lead to where it listens, unless somebody has said where people reach it."""
    if not (os.environ.get("STAMMKUNDE_URL") or os.environ.get("STAMMKUNDE_URL_FILE")):
        name = "127.0.0.1" if host in {"0.0.0.0", "::"} else f"[{host}]" if ":" in host else host  # noqa: S104
        os.environ["STAMMKUNDE_URL"] = f"http://{name}:{port}"


def _apart() -> None:
    """The settings of a demo: a data folder of its own, the currency of the bundled shop, and a word on every page."""
    ours = {"DATA": "~/.local/share/stammkunde-demo", "CURRENCY": "GBP", "DEMO": "1"}
    for name, value in ours.items():
        os.environ.setdefault(f"STAMMKUNDE_{name}", value)


def _migrated() -> None:
    from django.db import connection  # Django has to be ready

    from stammkunde.server.lib.migrating import migrate as bring_up

    server.with_database()
    count = bring_up()
    if count:
        typer.echo(f"Tables brought up to date: {count} changes.")
    server.with_tables()
    connection.close()  # children have their own


def _welcome() -> None:
    from django.db import connection  # Django has to be ready

    link = server.owners_link()
    connection.close()
    typer.echo(f"Stammkunde answers at {server.setting('PUBLIC_URL')}")
    if link:
        typer.echo(f"Nobody is owner yet. This link makes the first one, once, within seven days:\n\n    {link}\n")
    typer.echo(f"Its data lie in {server.setting('DATA')}. Ctrl-C stops it.")


def work(*, worker_processes: WorkerProcesses = 1) -> None:
    """Do work that is due, beside `serve`: any number of these, on any machine with the same database and data folder.

    \b
    Example:
      stammkunde work --worker-processes 2
    """
    server.load()
    from stammkunde.server.lib import serving  # with the server only

    server.judged()
    server.with_tables()
    plan = serving.Plan(web=0, workers=worker_processes)
    raise typer.Exit(serving.serve(plan, announce=lambda: typer.echo("Stammkunde works.")))


def migrate() -> None:
    """Bring the tables to this version; `serve` does it by itself.

    \b
    Example:
      stammkunde migrate
    """
    server.load()
    from stammkunde.server.lib.migrating import migrate as bring_up  # with the server only

    server.judged()
    server.with_database()
    typer.echo(f"Tables brought up to date: {bring_up()} changes.")
    server.with_tables()


def invite(
    *,
    role: Annotated[
        str,
        typer.Option("--role", metavar="ROLE", parser=values.one_of(*ROLES), help=f"One of {', '.join(ROLES)}."),
    ],
    email: Annotated[str, typer.Option("--email", metavar="ADDRESS", help="For whom it is.")] = "",
) -> None:
    """Print a link that lets one person in, once, within seven days. Also for an owner who cannot log in any more.

    \b
    Example:
      stammkunde invite --role owner
    """
    server.load()
    from django.utils import timezone  # Django has to be ready

    from stammkunde.server.accounts import actions
    from stammkunde.server.lib.environment import KNOWN

    server.judged()
    server.with_tables()
    secret = actions.invite(role=role, now=timezone.now(), email=email)
    typer.echo(f"{server.setting('PUBLIC_URL')}/join/{secret}")
    if server.setting("PUBLIC_URL") == KNOWN["URL"][0]:
        typer.echo("Does the server listen elsewhere? Set STAMMKUNDE_URL to its address.", err=True)
