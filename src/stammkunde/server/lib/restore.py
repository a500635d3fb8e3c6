"""A backup put back: into an empty instance, of either database, of this version or an earlier one."""

import contextlib
import io
import os
import zipfile
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.management.color import no_style
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from stammkunde.errors import DataError, InputError
from stammkunde.progress import Progress, silent
from stammkunde.server.lib import backup, copytext, restored
from stammkunde.server.lib.backup import BLOCK, KEY, Contents
from stammkunde.server.lib.copytext import Table, quoted
from stammkunde.server.lib.environment import KEY_FILE
from stammkunde.server.lib.migrating import alone, migrate
from stammkunde.server.lib.models import Job

ROWS = 5000
ANOTHER_KEY = (
    "STAMMKUNDE_SECRET_KEY is another one than that of the backup: name the old one in STAMMKUNDE_OLD_SECRET_KEYS, "
    "or enter the credentials of sources again."
)
#: Filled by a start without anybody having done anything.
FRESH = frozenset(
    {"auth_permission", "django_content_type", "lib_job", "accounts_invitation", "accounts_entry", *copytext.PASSING}
)


def restore(path: Path, *, now: datetime, force: bool = False, tell: Progress = silent) -> tuple[Contents, list[str]]:
    """Put a backup in the place of what is here; it is read to its end before anything is changed.

    Returns what it held, and what is still to be done by hand.

    Raises
    ------
    InputError : something is here already, or somebody is at work; or the file is no backup.
    DataError : the backup is damaged, or of a newer version.
    """
    contents = backup.verify(path, tell=tell)
    _known(path, contents)
    migrate()
    if not force:
        _empty(now)
    with backup.opened(path) as (archive, _):
        here = {f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()}
        if here != set(contents.migrations):
            _rebuild(contents)
        _load(archive, contents, tell)
        migrate()
        restored.tell(made_at=datetime.fromisoformat(contents.made_at), now=now)
        _uploads(archive, contents)
        return contents, _secret(archive, contents)


def _known(path: Path, contents: Contents) -> None:
    loader = MigrationExecutor(connection).loader
    known = {f"{app}.{name}" for app, name in loader.disk_migrations}
    if strange := sorted(set(contents.migrations) - known):
        what = f"This backup is of Stammkunde {contents.version}, whose tables are not known here ({strange[-1]})."
        raise DataError(what, where=str(path), advice="Install that version, restore, and then update.")


def _empty(now: datetime) -> None:
    if Job.objects.filter(state=Job.State.RUNNING, lease_until__gt=now).exists():
        raise InputError("A worker is at work on this instance.", advice="Stop the server, then restore.")
    for table in copytext.tables():
        if table.name in FRESH:
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {quoted(table.name)} LIMIT 1")
            if cursor.fetchone():
                advice = "Restore into an empty data folder or database, or add --force to replace all that is here."
                raise InputError(f"This instance is not empty: there are rows in {table.name}.", advice=advice)


def _rebuild(contents: Contents) -> None:
    """Empty tables as they were in the version of the backup, so that what has changed since is done to its rows."""
    with alone():
        with connection.constraint_checks_disabled(), connection.cursor() as cursor:
            cascade = "CASCADE" if connection.vendor == "postgresql" else ""
            for name in connection.introspection.django_table_names(only_existing=True, include_views=False):
                cursor.execute(f"DROP TABLE {quoted(name)} {cascade}")
            cursor.execute("DROP TABLE django_migrations")
        executor = MigrationExecutor(connection)
        executor.migrate(_last_of(contents, executor))


def _last_of(contents: Contents, executor: MigrationExecutor) -> list[tuple[str, str | None]]:
    """Of every app, the last changes the backup had: those that none of its others stands on."""
    wanted = [(app, name) for app, _, name in (each.partition(".") for each in contents.migrations)]
    nodes = executor.loader.graph.node_map
    under = {(up.key[0], up.key[1]) for key in wanted for up in nodes[key].parents if up.key[0] == key[0]}
    return [(app, name) for app, name in wanted if (app, name) not in under]


def _load(archive: zipfile.ZipFile, contents: Contents, tell: Progress) -> None:
    """All rows in one transaction: where one cannot be taken, everything stays as it was."""
    with transaction.atomic(), connection.cursor() as cursor:
        names = [quoted(table.name) for table in contents.tables] + [quoted(name) for name in copytext.PASSING]
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(names)}")
        else:
            cursor.execute("PRAGMA defer_foreign_keys = ON")
            for name in names:
                cursor.execute(f"DELETE FROM {name}")
        for place, table in enumerate(contents.tables):
            tell(f"Restoring {table.name}", place / len(contents.tables))
            try:
                with connection.wrap_database_errors, archive.open(f"tables/{table.name}") as member:
                    _fill(cursor, table, member)
            except (DatabaseError, ValueError) as error:
                what = f"A row of {table.name} cannot be taken: {error}"
                raise DataError(what, advice="Nothing was changed. Report it, with the version of both.") from error
        tell("Comparing references", None)
        connection.check_constraints()
        _number_on(cursor)


def _fill(cursor: Any, table: Table, member: Any) -> None:
    names = ", ".join(quoted(name) for name, _ in table.columns)
    if connection.vendor == "postgresql":
        with cursor.cursor.copy(f"COPY {quoted(table.name)} ({names}) FROM STDIN") as copied:
            while block := member.read(BLOCK):
                copied.write(block)
        return
    lines = io.TextIOWrapper(member, encoding="utf-8", errors="surrogatepass", newline="\n")
    found = copytext.rows(table, lines)
    sql = copytext.insert_rows(table)
    while some := list(islice(found, ROWS)):
        cursor.cursor.connection.executemany(sql, some)


def _number_on(cursor: Any) -> None:
    """Let new rows be numbered after the restored ones; SQLite does so by itself."""
    from django.apps import apps  # the registry has to be ready

    for sql in connection.ops.sequence_reset_sql(no_style(), apps.get_models(include_auto_created=True)):
        cursor.execute(sql)


def _uploads(archive: zipfile.ZipFile, contents: Contents) -> None:
    folder = Path(settings.MEDIA_ROOT)
    for name in contents.members:
        inside = PurePosixPath(name)
        if inside.parts[0] != "uploads":
            continue
        if ".." in inside.parts or inside.is_absolute():
            raise DataError(f"{name} would be written outside the folder of uploads.", advice="Take another backup.")
        path = folder.joinpath(*inside.parts[1:])
        path.parent.mkdir(parents=True, exist_ok=True)
        with archive.open(name) as member, path.open("wb") as file:
            for block in _blocks(member):
                file.write(block)


def _blocks(member: Any) -> Iterator[bytes]:
    while block := member.read(BLOCK):
        yield block


def _secret(archive: zipfile.ZipFile, contents: Contents) -> list[str]:
    """Keep the key that the backup was sealed with; what to do where that is not possible."""
    if KEY not in contents.members:
        return ["The backup was made without its secret key: enter the credentials of sources again."]
    key = archive.read(KEY).decode()
    if key in {settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS}:
        return []
    if settings.ENVIRONMENT["SECRET_KEY"]:
        return [ANOTHER_KEY]
    kept = settings.DATA / KEY_FILE
    beside = kept.with_name(f"{KEY_FILE}.restored")
    with contextlib.suppress(FileNotFoundError):
        beside.unlink()
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key)
    beside.replace(kept)
    return []
