"""What is judged at the start and by `stammkunde doctor`: every finding has an id and says what to do."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max
from django.db.utils import DatabaseError

from stammkunde.server.lib.environment import PREFIX
from stammkunde.server.lib.migrating import from_the_future
from stammkunde.server.lib.models import Job

LITTLE_SPACE = 2_000_000_000  # bytes
WAITS_LONG = timedelta(minutes=15)  # due work that nobody has begun
CLOCK_OFF = timedelta(seconds=30)  # between this machine and the database


@checks.register("stammkunde")
def variables(**_: object) -> list[CheckMessage]:
    """Settings that cannot be used."""
    return [
        checks.Error(f"{problem.name}: {problem.what}", hint=problem.hint, id="stammkunde.E001")
        for problem in settings.ENVIRONMENT.problems
    ]


@checks.register("stammkunde")
def values(**_: object) -> list[CheckMessage]:
    """Settings with values nobody can mean."""
    found: list[CheckMessage] = []
    if settings.SHOP_ZONE not in available_timezones():
        hint = f"Set {PREFIX}TIME_ZONE to a name such as Europe/Berlin."
        found.append(checks.Error(f"There is no time zone {settings.SHOP_ZONE!r}.", hint=hint, id="stammkunde.E002"))
    if len(settings.SECRET_KEY) < 32:
        hint = f"Leave {PREFIX}SECRET_KEY out to have one made, or set 50 random characters."
        found.append(checks.Error("The secret key is short enough to guess.", hint=hint, id="stammkunde.E003"))
    if len(settings.CURRENCY) != 3 or not settings.CURRENCY.isalpha():
        hint = f"Set {PREFIX}CURRENCY to a code such as EUR."
        found.append(checks.Error(f"{settings.CURRENCY!r} is no currency.", hint=hint, id="stammkunde.E004"))
    if settings.DEBUG and not _here(settings.PUBLIC_URL):
        hint = f"Set {PREFIX}DEBUG=0."
        found.append(checks.Error("Tracebacks would be shown to everybody.", hint=hint, id="stammkunde.E005"))
    if settings.PUBLIC_URL.startswith("http://") and not _here(settings.PUBLIC_URL):
        hint = "Put it behind a proxy with https and name that address."
        found.append(checks.Warning("Passwords travel unencrypted.", hint=hint, id="stammkunde.W001"))
    return found


def _here(url: str) -> bool:
    """Whether an address is only that of this machine."""
    return (urlsplit(url).hostname or "") in {"localhost", "127.0.0.1", "::1"}


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


def answers() -> list[CheckMessage]:
    """The database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        hint = f"Check {PREFIX}DATABASE_URL, and that the database runs."
        what = f"The database does not answer: {str(error).strip()}"
        return [checks.Error(what, hint=hint, id="stammkunde.E010")]
    return []


def database() -> list[CheckMessage]:
    """The database answers, with tables of this version. Asked by `doctor` and `/readyz`, not at import."""
    if silent := answers():
        return silent
    executor = MigrationExecutor(connection)
    behind = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if ahead := from_the_future(executor):
        hint = "Start the newer version again, or restore a backup of before."
        what = f"A newer version of Stammkunde has changed the tables: {ahead[-1]}."
        return [checks.Error(what, hint=hint, id="stammkunde.E014")]
    if behind:
        hint = "Run `stammkunde migrate`; `serve` does it by itself."
        return [checks.Error(f"{len(behind)} changes of the tables are missing.", hint=hint, id="stammkunde.E011")]
    return []


def queue(*, now: datetime) -> list[CheckMessage]:
    """Due work is being done: none waits long, no worker has gone, little failed since yesterday."""
    found: list[CheckMessage] = []
    waiting = Job.objects.filter(state=Job.State.WAITING, due_at__lt=now - WAITS_LONG).order_by("due_at")
    if oldest := waiting.first():
        minutes = (now - oldest.due_at).total_seconds() // 60
        what = f"{waiting.count()} jobs wait for a worker, the oldest ({oldest.kind}) for {minutes:.0f} minutes."
        hint = "See that `stammkunde serve` or `stammkunde work` runs; if it does, start further ones."
        found.append(checks.Warning(what, hint=hint, id="stammkunde.W010"))
    gone = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=now).count()
    if gone:
        what = f"{gone} jobs were left by a worker that has gone."
        hint = "The next free worker takes them over; the log of the old one says why it ended."
        found.append(checks.Warning(what, hint=hint, id="stammkunde.W011"))
    failed = Job.objects.filter(state=Job.State.FAILED, finished_at__gt=now - timedelta(days=1))
    if kinds := sorted(set(failed.values_list("kind", flat=True))):
        last = failed.order_by("-finished_at").values_list("error", flat=True)[0]
        hint = f"The last error: {last[:200]}"
        found.append(
            checks.Warning(f"Jobs failed since yesterday: {', '.join(kinds)}.", hint=hint, id="stammkunde.W012")
        )
    return found


def clock(*, now: datetime) -> list[CheckMessage]:
    """This machine's clock agrees with that of the database, and no row comes from the future."""
    hint = "Let the machine take its time from the network (timedatectl set-ntp true)."
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            there = cursor.fetchone()[0]
        if abs(there - now) > CLOCK_OFF:
            what = f"The clock of the database differs by {abs(there - now).total_seconds():.0f} seconds."
            return [checks.Error(what, hint=hint, id="stammkunde.E012")]
    newest = Job.objects.aggregate(newest=Max("created_at"))["newest"]
    if newest is not None and newest > now + CLOCK_OFF:
        what = f"Work was asked for at {newest:%Y-%m-%d %H:%M} UTC, which is in the future: a clock was wrong, or is."
        return [checks.Error(what, hint=hint, id="stammkunde.E013")]
    return []


@dataclass(frozen=True)
class Finding:
    """What one question of `doctor` found: nothing, or messages."""

    name: str
    messages: list[CheckMessage]

    @property
    def worst(self) -> str:
        """ok, warning or error."""
        level = max((int(each.level or 0) for each in self.messages), default=0)
        return "error" if level >= checks.ERROR else "warning" if level else "ok"


def everything(*, now: datetime) -> list[Finding]:
    """Every question there is, in the order in which to mend what is wrong; tables are asked only where they are."""
    found = [Finding(name, ask()) for name, ask in SETTINGS]
    tables = database()
    found.append(Finding("database", tables))
    if not tables:
        found += [Finding("clock", clock(now=now)), Finding("queue", queue(now=now))]
    return found


SETTINGS: tuple[tuple[str, Callable[[], list[CheckMessage]]], ...] = (
    ("settings", variables),
    ("values", values),
    ("data folder", folder),
)
