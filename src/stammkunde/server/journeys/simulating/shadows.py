"""The past as the live code sees the present: under the names of its own tables.

The engine, the gate and the rules ask tables by their plain names. In the connection of a simulation these names mean
shadows: tables that are written are empty copies, tables that are read are views of what had happened by a set moment.
So no code has a second version for the past, and none can look ahead. Nothing of it is seen by other connections, and
all of it is gone with the connection.

On SQLite the shadows are a file of their own beside the database, which is attached read-only: live writers wait for
nothing. On PostgreSQL they are temporary tables and views, whose schema is searched first.

What was only known later is known here from when it happened. Of carts only the last change is kept, so a cart is seen
from then on. Names, addresses, countries and types of customers, products and stock are those of today.
"""

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Thread
from typing import Any, TypeVar

from django.apps import apps
from django.db import connection, connections

Tell = Callable[[str, int, int], None]
Answer = TypeVar("Answer")
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
PATIENCE = 0.2  # seconds between looks at what was told

#: Rooms whose rows a simulation writes: their tables are empty copies, but for those of `_TAKEN`.
_WRITTEN = ("journeys", "mail", "offers", "segments", "consent", "lib")
#: Tables of these rooms whose rows are there from the start.
_TAKEN = frozenset(
    {
        *("journeys_journey", "journeys_journeyversion"),
        *("mail_template", "mail_version", "mail_message", "mail_sender"),
        *("segments_segment", "offers_pool", "offers_coupon"),
        *("consent_entry", "consent_wording", "consent_notice", "consent_suppression", "consent_listed"),
        *("consent_preference", "consent_rulechange", "consent_pepper"),
    }
)
#: Further tables that are written, in rooms of which the others are read as they were.
_ALSO = ("clv_prediction", "shop_changed")
_CLOCK = "simulated_clock"
_NOW = f"(SELECT at FROM {_CLOCK})"

#: What the past looked like: for each table which rows were there, and what their columns held.
_VIEWS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "shop_order": (
        f"t.placed_at <= {_NOW}",
        {
            "paid_at": f"CASE WHEN t.paid_at <= {_NOW} THEN t.paid_at END",
            "cancelled_at": f"CASE WHEN t.cancelled_at <= {_NOW} THEN t.cancelled_at END",
            "refunded": f"""(CASE WHEN t.refunded = 0 THEN 0 ELSE COALESCE((SELECT SUM(r.amount)
                FROM {{past}}.shop_refund r WHERE r.order_id = t.id AND r.at <= {_NOW}), 0) END)""",
        },
    ),
    "shop_refund": (f"t.at <= {_NOW}", {}),
    "shop_event": (f"t.at <= {_NOW}", {}),
    "shop_parcel": (
        f"(t.shipped_at IS NULL OR t.shipped_at <= {_NOW})",
        {"delivered_at": f"CASE WHEN t.delivered_at <= {_NOW} THEN t.delivered_at END"},
    ),
    "shop_cart": (
        f"t.changed_at <= {_NOW}",
        {
            "order_id": f"""(SELECT o.id FROM {{past}}.shop_order o WHERE o.id = t.order_id
                AND o.placed_at <= {_NOW})"""
        },
    ),
    "shop_customer": (
        f"""(t.known_since <= {_NOW} OR EXISTS (SELECT 1 FROM {{past}}.shop_order o
            WHERE o.customer_id = t.id AND o.placed_at <= {_NOW}))""",  # of an import, known since it was made
        {},
    ),
}


#: Not a view but a table that is added to as the clock goes on: triggers ask it by a time that a view would have to
#: work out for every row there is.
_PARCELS = "shop_parcel"


class Past:
    """The connection of a simulation, and its clock; parcels are brought in as it goes on, where `parcels` says so."""

    def __init__(self, schema: str, *, parcels: bool = False) -> None:
        self.schema, self.parcels, self.last = schema, parcels, _BEGINNING

    def at(self, now: datetime) -> None:
        """Set the clock: from here on, what happened later has not."""
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {_CLOCK} SET at = %s", [connection.ops.adapt_datetimefield_value(now)])
            if self.parcels:
                self._bring(cursor, now)

    def _bring(self, cursor: Any, now: datetime) -> None:
        """Parcels that left since the clock was set last, and the arrival of those that arrived."""
        if now < self.last:
            cursor.execute(f"DELETE FROM {_PARCELS}")
            self.last = _BEGINNING
        since = connection.ops.adapt_datetimefield_value(self.last)
        left = f"t.shipped_at > %s AND t.shipped_at <= {_NOW}"
        left += " OR t.shipped_at IS NULL" if self.last == _BEGINNING else ""
        columns = _VIEWS[_PARCELS][1]
        named = ", ".join(f'"{each}"' for each in _columns(_PARCELS))
        rows = _select(_PARCELS, self.schema, left, columns)
        cursor.execute(f"INSERT INTO {_PARCELS} ({named}) {rows}", [since])
        cursor.execute(
            f"""UPDATE {_PARCELS} SET delivered_at =
                    (SELECT t.delivered_at FROM {self.schema}.{_PARCELS} t WHERE t.id = {_PARCELS}.id)
                WHERE id IN (SELECT t.id FROM {self.schema}.{_PARCELS} t
                    WHERE t.delivered_at > %s AND t.delivered_at <= {_NOW}) AND delivered_at IS NULL""",
            [since],
        )
        self.last = now


def apart(work: Callable[[Tell], Answer], tell: Tell = lambda *_: None) -> Answer:
    """Run `work` in a thread of its own, which has a connection of its own, and give back what it gives; what it raises
    is raised here. What it tells is told here too, where the tables are the real ones; who is told may raise to end it.
    """
    told: Queue[tuple[str, int, int]] = Queue()
    found: dict[str, Any] = {}
    ended = Event()

    def say(doing: str, done: int, total: int) -> None:
        if ended.is_set():
            raise _EndedError
        told.put((doing, done, total))

    def run() -> None:
        try:
            found["answer"] = work(say)
        except BaseException as error:  # noqa: BLE001  raised again where it was asked for
            found.setdefault("error", error)
        finally:
            connections.close_all()

    thread = Thread(target=run, name="simulation")
    thread.start()
    while thread.is_alive():
        thread.join(PATIENCE)
        try:
            _latest(told, tell)
        except BaseException as error:
            found["error"] = error
            ended.set()
            thread.join()
            raise
    if "error" in found:
        raise found["error"]
    answer: Answer = found["answer"]
    return answer


class _EndedError(Exception):
    """Nobody waits for the answer any more."""


def _latest(told: "Queue[tuple[str, int, int]]", tell: Tell) -> None:
    """Tell what was said last; what came before is old by now."""
    last = None
    with suppress(Empty):
        while True:
            last = told.get_nowait()
    if last is not None:
        tell(*last)


@contextmanager
def past() -> Iterator[Past]:
    """Let the plain names of tables mean the past, in this thread; its connection must be its own (see `apart`)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            _shadow(cursor, "public")
        yield Past("public", parcels=True)
        connection.close()
        return
    real = connections["default"]
    real.close()
    with tempfile.TemporaryDirectory(prefix="stammkunde-simulation-") as folder:
        connections["default"] = _beside(real, Path(folder) / "shadows.sqlite3")
        try:
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA foreign_keys = OFF")  # rows point to tables of the other file
                cursor.execute("PRAGMA synchronous = OFF")
                cursor.execute(f"ATTACH DATABASE 'file:{real.settings_dict['NAME']}?mode=ro' AS past")
                _shadow(cursor, "past")
            yield Past("past", parcels=True)
        finally:
            connections["default"].close()
            connections["default"] = real


def _beside(real: Any, path: Path) -> Any:
    stated = dict(real.settings_dict, NAME=f"file:{path}?mode=rwc")
    stated["OPTIONS"] = {**stated["OPTIONS"], "uri": True}
    return type(real)(stated, alias="default")


def _shadow(cursor: Any, schema: str) -> None:
    postgres = connection.vendor == "postgresql"
    for table in _written():
        (_like if postgres else _same)(cursor, schema, table)
        if table in _TAKEN:
            cursor.execute(f'INSERT INTO "{table}" SELECT * FROM {schema}."{table}"')
            _numbers_go_on(cursor, table)
    (_like if postgres else _same)(cursor, schema, _PARCELS)
    look_back(cursor, schema, but=_PARCELS)


def look_back(cursor: Any, schema: str, *, but: str = "") -> None:
    """Let the names of the record's tables mean what had happened by the moment of a clock (see `Past.at`)."""
    cursor.execute(f"CREATE TEMP TABLE {_CLOCK} (at {'timestamptz' if connection.vendor == 'postgresql' else 'text'})")
    cursor.execute(f"INSERT INTO {_CLOCK} VALUES (NULL)")
    for table, (rows, columns) in _VIEWS.items():
        if table != but:
            cursor.execute(f'CREATE TEMP VIEW "{table}" AS {_select(table, schema, rows, columns)}')


def _select(table: str, schema: str, rows: str, columns: Mapping[str, str]) -> str:
    """Rows of a table as they were, all columns in their order."""
    shown = (f'{columns[each]} AS "{each}"' if each in columns else f't."{each}"' for each in _columns(table))
    return f'SELECT {", ".join(shown)} FROM {{past}}."{table}" t WHERE {rows}'.format(past=schema)


def _columns(table: str) -> list[str]:
    return [each.column for each in _model(table)._meta.concrete_fields]


def look_ahead(cursor: Any) -> None:
    """The names mean the tables again."""
    for table in _VIEWS:
        cursor.execute(f'DROP VIEW "{table}"')
    cursor.execute(f"DROP TABLE {_CLOCK}")


def _written() -> list[str]:
    tables = [m._meta.db_table for room in _WRITTEN for m in apps.get_app_config(room).get_models()]
    return [*tables, *_ALSO, *(m._meta.db_table for m in apps.get_app_config("accounts").get_models() if _tells(m))]


def _tells(model: Any) -> bool:
    """Rows of the log and of webhooks that leave: a simulation tells nobody."""
    return model.__name__ not in {"User", "Key"} and "user" not in model._meta.db_table


def _model(table: str) -> Any:
    return next(model for model in apps.get_models() if model._meta.db_table == table)


def _like(cursor: Any, schema: str, table: str) -> None:
    """With its defaults, keys and indexes; foreign keys are not taken over."""
    cursor.execute(f'CREATE TEMP TABLE "{table}" (LIKE {schema}."{table}" INCLUDING ALL)')


def _same(cursor: Any, schema: str, table: str) -> None:
    cursor.execute(f"SELECT sql FROM {schema}.sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL", [table])
    for (sql,) in sorted(cursor.fetchall(), key=lambda row: not row[0].upper().startswith("CREATE TABLE")):
        cursor.execute(re.sub(r"%", "%%", sql))


def _numbers_go_on(cursor: Any, table: str) -> None:
    """New rows of a table that was copied begin after the last: its own numbers are rows that are pointed to."""
    if connection.vendor != "postgresql":
        return
    column = _model(table)._meta.pk.column
    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'pg_temp."{table}"', column])
    (sequence,) = cursor.fetchone()
    if sequence:
        cursor.execute(f'SELECT setval(\'{sequence}\', (SELECT COALESCE(MAX("{column}"), 0) + 1 FROM "{table}"))')
