"""`stammkunde doctor`: what is wrong with an installation, and what to do about it."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stammkunde import __version__
from stammkunde.cli import server

if TYPE_CHECKING:
    from stammkunde.server.lib.checks import Finding

Json = Annotated[bool, typer.Option("--json", help="Print the findings as JSON instead of a table.")]


def doctor(*, as_json: Json = False) -> None:
    """Ask everything there is to ask: settings, data folder, disk, database, tables, clock, work that waits.

    The exit code is 1 where something has to be mended, 0 where nothing is wrong or there are only warnings.

    \b
    Example:
      stammkunde doctor --json
    """
    server.load()
    from django.utils import timezone  # Django has to be ready

    from stammkunde.server.lib.checks import everything

    found = everything(now=timezone.now())
    if as_json:
        typer.echo(json.dumps(_document(found), indent=2))
    else:
        _table(found)
    if any(each.worst == "error" for each in found):
        raise typer.Exit(1)


def _document(found: "list[Finding]") -> dict[str, Any]:
    return {
        "version": __version__,
        "database": _database(),
        "settings": {name: whence for name, whence, _ in _settings()},
        "checks": [
            {
                "name": each.name,
                "status": each.worst,
                "messages": [
                    {"id": message.id, "what": message.msg, "hint": message.hint, "error": message.is_serious()}
                    for message in each.messages
                ],
            }
            for each in found
        ],
    }


def _table(found: "list[Finding]") -> None:
    typer.echo(f"Stammkunde {__version__} on {_database()}")
    for name, whence, value in _settings():
        if whence != "default":
            typer.echo(f"  STAMMKUNDE_{name} = {value} ({whence})")
    typer.echo()
    for each in found:
        typer.echo(f"{each.worst:<8} {each.name}")
        for message in each.messages:
            typer.echo(f"         {message.id}: {message.msg}")
            if message.hint:
                typer.echo(f"         {message.hint}")


def _database() -> str:
    from django.db import connection  # Django has to be ready

    return str(connection.display_name)


def _settings() -> list[tuple[str, str, str]]:
    """Every setting: where it comes from, and what it is unless that is a secret."""
    from stammkunde.server.lib.environment import KNOWN  # with the server only
    from stammkunde.server.lib.logs import SECRET, VEIL, veiled

    environment = server.setting("ENVIRONMENT")
    found = []
    for name, (default, _) in KNOWN.items():
        value = environment[name]
        whence = "file" if name in environment.from_files else "default" if value == default else "environment"
        hidden = SECRET.search(name) or name.endswith(("_KEY", "_KEYS"))
        found.append((name, whence, VEIL if hidden else veiled(value)))
    return found
