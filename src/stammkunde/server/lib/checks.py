"""What is judged at the start and by `stammkunde doctor`: every finding has an id and says what to do."""

import os
import shutil
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import DatabaseError

from stammkunde.server.lib.environment import PREFIX

LITTLE_SPACE = 2_000_000_000  # bytes


@checks.register("stammkunde")
def variables(**_: object) -> list[CheckMessage]:
    """Settings that cannot be used."""
    return [checks.Error(str(e), hint=e.hint, id="stammkunde.E001") for e in settings.ENVIRONMENT.problems]


@checks.register("stammkunde")
def values(**_: object) -> list[CheckMessage]:
    """Settings with values nobody can mean."""
    found: list[CheckMessage] = []
    if settings.SHOP_ZONE not in available_timezones():
        hint = f"Set {PREFIX}TIME_ZONE to a name such as Europe/Berlin."
        found.append(checks.Error(f"There is no time zone {settings.SHOP_ZONE!r}.", hint=hint, id="stammkunde.E002"))
    else:
        ZoneInfo(settings.SHOP_ZONE)
    if len(settings.SECRET_KEY) < 32:
        hint = f"Leave {PREFIX}SECRET_KEY out to have one made, or set 50 random characters."
        found.append(checks.Error("The secret key is short enough to guess.", hint=hint, id="stammkunde.E003"))
    if len(settings.CURRENCY) != 3 or not settings.CURRENCY.isalpha():
        hint = f"Set {PREFIX}CURRENCY to a code such as EUR."
        found.append(checks.Error(f"{settings.CURRENCY!r} is no currency.", hint=hint, id="stammkunde.E004"))
    if settings.DEBUG and not settings.PUBLIC_URL.startswith(("http://127.", "http://localhost")):
        hint = f"Set {PREFIX}DEBUG=0."
        found.append(checks.Error("Tracebacks would be shown to everybody.", hint=hint, id="stammkunde.E005"))
    if settings.PUBLIC_URL.startswith("http://") and "127.0.0.1" not in settings.PUBLIC_URL:
        hint = "Put it behind a proxy with https and name that address."
        found.append(checks.Warning("Passwords travel unencrypted.", hint=hint, id="stammkunde.W001"))
    return found


@checks.register("stammkunde")
def folder(**_: object) -> list[CheckMessage]:
    """The data folder: can be written, has room, is nobody else's."""
    found: list[CheckMessage] = []
    if not os.access(settings.DATA, os.W_OK):
        hint = f"Set {PREFIX}DATA to a folder this user may write."
        return [checks.Error(f"{settings.DATA} cannot be written.", hint=hint, id="stammkunde.E006")]
    free = shutil.disk_usage(settings.DATA).free
    if free < LITTLE_SPACE:
        hint = "Make room, or set another data folder."
        found.append(checks.Warning(f"{settings.DATA} has {free / 1e9:.1f} GB left.", hint=hint, id="stammkunde.W002"))
    if settings.DATA.stat().st_mode & 0o077:
        hint = f"chmod 700 {settings.DATA}"
        found.append(checks.Warning(f"Others can read {settings.DATA}.", hint=hint, id="stammkunde.W003"))
    return found


def database() -> list[CheckMessage]:
    """The database answers, with tables of this version. Asked by `doctor` and `/readyz`, not at import."""
    try:
        executor = MigrationExecutor(connection)
        behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        hint = f"Check {PREFIX}DATABASE_URL, and that the server runs."
        return [checks.Error(f"The database does not answer: {error}", hint=hint, id="stammkunde.E010")]
    if behind:
        hint = "Run `stammkunde migrate`; `serve` does it by itself."
        return [checks.Error(f"{len(behind)} changes of the tables are missing.", hint=hint, id="stammkunde.E011")]
    return []
