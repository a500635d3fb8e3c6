"""`stammkunde backup` and `restore`."""

from pathlib import Path
from typing import Annotated

import typer

from stammkunde.cli import server
from stammkunde.cli.console import progress
from stammkunde.cli.options import Quiet

To = Annotated[str | None, typer.Argument(metavar="[FILE]", help="Where to; else into the data folder.")]
From = Annotated[str, typer.Argument(metavar="FILE", help="A file that `stammkunde backup` wrote.")]
Bare = Annotated[bool, typer.Option("--without-secrets", help="Leave out the key that opens sealed credentials.")]
Verify = Annotated[bool, typer.Option("--verify", help="Write nothing: read FILE to its end and compare checksums.")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is there. All of it is gone then.")]


def backup(file: To = None, *, without_secrets: Bare = False, verify: Verify = False, quiet: Quiet = False) -> None:
    """Write tables, uploads and the secret key into one file, at one moment, while the server runs.

    It can be restored into SQLite and PostgreSQL, whichever it came from. Keep it as safe as the server itself.

    \b
    Example:
      stammkunde backup shop.zip
      stammkunde backup shop.zip --verify
    """
    if verify and file is None:
        raise typer.BadParameter("--verify needs the file to look at.")
    server.load()
    from django.utils import timezone  # Django has to be ready

    from stammkunde.server.lib import backup as writing

    now = timezone.now()
    with progress(quiet=quiet) as tell:
        if verify:
            found = writing.verify(Path(str(file)), tell=tell)
        else:
            server.with_tables()
            path = Path(file) if file else server.setting("DATA") / "backups" / f"stammkunde-{now:%Y%m%d-%H%M%S}.zip"
            found = writing.write(path.resolve(), now=now, with_secrets=not without_secrets, tell=tell)
    what = f"{sum(found.rows.values()):,} rows of {len(found.rows)} tables"
    if verify:
        typer.echo(f"{file} is whole: {what}, written by Stammkunde {found.version} at {found.made_at}.")
        return
    typer.echo(f"Written: {path.resolve()} ({what}, {path.stat().st_size / 1e6:,.1f} MB)")


def restore(file: From, *, force: Force = False, quiet: Quiet = False) -> None:
    """Put a backup into an empty instance, with the server stopped.

    \b
    Example:
      stammkunde restore shop.zip
    """
    server.load()
    from django.utils import timezone  # Django has to be ready

    from stammkunde.server.lib import restore as restoring

    server.judged()
    server.with_database()
    with progress(quiet=quiet) as tell:
        found, left = restoring.restore(Path(file), now=timezone.now(), force=force, tell=tell)
    typer.echo(f"Restored: {sum(found.rows.values()):,} rows of {len(found.rows)} tables, of {found.made_at}.")
    for each in left:
        typer.echo(each)
