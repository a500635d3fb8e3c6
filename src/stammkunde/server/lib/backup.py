"""A backup while the server runs: every table, the uploads and the secret key in one file, at one moment.

The file is a zip archive: `tables/<name>` as lines of `lib.copytext`, `uploads/…`, `secret-key`, and last
`manifest.json` with the version, the state of the tables, and a checksum of every member. What it holds can be put into
either database.
"""

import hashlib
import json
import os
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from stammkunde import __version__
from stammkunde.errors import DataError, InputError
from stammkunde.progress import Progress, silent
from stammkunde.server.lib import copytext
from stammkunde.server.lib.copytext import Table

FORMAT = 1
MANIFEST, KEY = "manifest.json", "secret-key"
BLOCK = 1 << 20
LINES = 5000


@dataclass
class Contents:
    """What is in a backup, as its manifest says."""

    version: str
    made_at: str
    database: str
    migrations: list[str]
    tables: list[Table]
    rows: dict[str, int] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """As it is written."""
        tables = {table.name: table.columns for table in self.tables}
        return json.dumps({"format": FORMAT, **vars(self), "tables": tables}, indent=1)

    @classmethod
    def of_json(cls, text: bytes) -> "Contents":
        """As it was written.

        Raises
        ------
        KeyError, ValueError, TypeError : it is none.
        """
        said = json.loads(text)
        if said.pop("format") != FORMAT:
            raise ValueError("another format")
        columns = {name: tuple((str(c), str(kind)) for c, kind in found) for name, found in said.pop("tables").items()}
        return cls(**said, tables=[Table(name, found) for name, found in columns.items()])


def write(path: Path, *, now: datetime, with_secrets: bool = True, tell: Progress = silent) -> Contents:
    """Write a backup; the file appears whole or not at all, for nobody else to read.

    Raises
    ------
    InputError : the file cannot be written.
    """
    applied = sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())
    made = Contents(__version__, now.isoformat(), connection.vendor, applied, copytext.tables())
    beside = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
                _fill(archive, made, with_secrets=with_secrets, tell=tell)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise InputError(
            f"The backup cannot be written: {error}.", where=str(path), advice="Name another file."
        ) from error
    finally:
        beside.unlink(missing_ok=True)
    return made


def _fill(archive: zipfile.ZipFile, made: Contents, *, with_secrets: bool, tell: Progress) -> None:
    with _snapshot() as lines_of:
        for place, table in enumerate(made.tables):
            tell(f"Copying {table.name}", place / len(made.tables))
            made.rows[table.name] = 0
            counted = _counted(lines_of(table), made.rows, table.name)
            _add(archive, made, f"tables/{table.name}", counted)
    tell("Copying uploads", None)
    uploads = Path(settings.MEDIA_ROOT)
    for path in sorted(found for found in uploads.rglob("*") if found.is_file()):
        try:
            with path.open("rb") as file:
                _add(archive, made, f"uploads/{path.relative_to(uploads).as_posix()}", _blocks(file))
        except FileNotFoundError:  # deleted since it was listed, and then no row names it
            continue
    if with_secrets:
        _add(archive, made, KEY, [settings.SECRET_KEY.encode()])
    archive.writestr(MANIFEST, made.to_json())


def _add(archive: zipfile.ZipFile, made: Contents, name: str, blocks: Iterable[bytes]) -> None:
    digest = hashlib.sha256()
    with archive.open(name, "w", force_zip64=True) as member:
        for block in blocks:
            digest.update(block)
            member.write(block)
    made.members[name] = digest.hexdigest()


def _counted(blocks: Iterable[bytes], rows: dict[str, int], name: str) -> Iterator[bytes]:
    for block in blocks:
        rows[name] += block.count(b"\n")
        yield block


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        yield block


@contextmanager
def _snapshot() -> Iterator[Any]:
    """A function that gives the lines of a table, all tables as they were at one moment."""
    if connection.vendor == "postgresql":
        with closing(connection.copy()) as apart, apart.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            cursor.execute("SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL bytea_output = 'hex'")
            yield lambda table: _from_postgres(cursor, table)
    else:
        # One step: in smaller ones it would begin anew whenever somebody writes.
        with (
            tempfile.TemporaryDirectory(dir=settings.DATA, prefix="backup-") as folder,
            closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=60)) as source,
            closing(sqlite3.connect(Path(folder) / "copy")) as copy,
        ):
            source.backup(copy)
            yield lambda table: _from_sqlite(copy, table)


def _from_postgres(cursor: Any, table: Table) -> Iterator[bytes]:
    names = ", ".join(copytext.quoted(name) for name, _ in table.columns)
    with cursor.cursor.copy(f"COPY {copytext.quoted(table.name)} ({names}) TO STDOUT") as copied:
        yield from (bytes(block) for block in copied)


def _from_sqlite(copy: sqlite3.Connection, table: Table) -> Iterator[bytes]:
    cursor = copy.execute(copytext.select_lines(table))
    while found := cursor.fetchmany(LINES):
        # PostgreSQL has no place for the sign with number 0, and no text has a use for it.
        yield "".join(f"{line}\n" for (line,) in found).replace("\0", "").encode("utf-8", "surrogatepass")


@contextmanager
def opened(path: Path) -> Iterator[tuple[zipfile.ZipFile, Contents]]:
    """A backup to read from.

    Raises
    ------
    InputError : it cannot be read, or is no backup of a format known here.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (OSError, zipfile.BadZipFile) as error:
        advice = "Name a file that `stammkunde backup` wrote; one that was cut off cannot be used."
        raise InputError(f"This is no whole backup: {error}.", where=str(path), advice=advice) from error
    with archive:
        try:
            contents = Contents.of_json(archive.read(MANIFEST))
        except (KeyError, ValueError, TypeError) as error:
            advice = f"Stammkunde {__version__} reads backups of format {FORMAT}."
            raise InputError("This is no backup that can be read here.", where=str(path), advice=advice) from error
        yield archive, contents


def verify(path: Path, *, tell: Progress = silent) -> Contents:
    """Read a backup to its end and compare every checksum.

    Raises
    ------
    InputError : it is none.
    DataError : a member is missing, was added, or is not as it was written.
    """
    with opened(path) as (archive, contents):
        there = set(archive.namelist()) - {MANIFEST}
        if there != set(contents.members):
            raise _spoilt(path, min(there ^ set(contents.members)))
        for place, (name, stated) in enumerate(contents.members.items()):
            tell(f"Reading {name}", place / len(contents.members))
            digest = hashlib.sha256()
            try:
                with archive.open(name) as member:
                    for block in _blocks(member):
                        digest.update(block)
            except (zipfile.BadZipFile, OSError, EOFError, zlib.error) as error:
                raise _spoilt(path, name) from error
            if digest.hexdigest() != stated:
                raise _spoilt(path, name)
    return contents


def _spoilt(path: Path, member: str) -> DataError:
    advice = "The file has changed since it was written; take an earlier backup."
    return DataError(f"{member} is not as it was written.", where=str(path), advice=advice)
