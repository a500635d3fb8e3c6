"""Bring the tables to this version, one process at a time."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

LOCK = 0x57A33  # of PostgreSQL's advisory locks; any number that nobody else takes
PATIENCE = 600  # seconds to wait for another process that migrates


@contextmanager
def alone() -> Iterator[None]:
    """Hold a lock that only one process of this installation can have; others wait for it.

    SQLite's lock is taken on a file of its own: a migration begins and ends transactions on the database itself.
    """
    if connection.vendor == "postgresql":
        with closing(connection.copy()) as apart, apart.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            yield
    else:
        path = settings.DATA / "migrating.sqlite3"
        with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as lock:
            lock.execute("BEGIN EXCLUSIVE")
            yield


def missing() -> int:
    """How many changes of the tables are not made yet."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def migrate() -> int:
    """Make the changes that are missing; returns how many those were."""
    with alone():
        count = missing()
        if count:
            call_command("migrate", interactive=False, verbosity=0)
    return count


def from_the_future(executor: MigrationExecutor) -> list[str]:
    """Changes in the database that this version does not know: a newer one was here."""
    loader = executor.loader
    known = set(loader.disk_migrations)
    for migration in loader.disk_migrations.values():
        known |= {(app, name) for app, name in migration.replaces}
    ours = {app for app, _ in loader.disk_migrations}
    return sorted(
        f"{app}.{name}" for app, name in loader.applied_migrations if app in ours and (app, name) not in known
    )
