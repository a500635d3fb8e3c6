"""The shop's own past lived through for good: what the engine does at each moment stays, on the tables themselves.

For shops whose past is made up anyway, such as the demo. Only what is known of customers (facts, states, values,
members of segments) is kept apart, in tables that are gone with `reliving`: of today the shop has its own.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection

from stammkunde.server.journeys.simulating.shadows import Past, look_ahead, look_back

_KEYS = re.compile(
    r'\s+(CONSTRAINT "\w+"\s+)?REFERENCES "\w+" \("\w+"\)( ON DELETE \w+)?( DEFERRABLE INITIALLY DEFERRED)?'
)


@contextmanager
def reliving() -> Iterator[Past]:
    """Within it, this connection sees the record as of the moment its clock is set to; use no other, and no thread."""
    schema = "public" if connection.vendor == "postgresql" else "main"
    with connection.cursor() as cursor:
        for table in _known():
            _aside(cursor, schema, table)
        look_back(cursor, schema)
    try:
        yield Past(schema)
    finally:
        with connection.cursor() as cursor:
            look_ahead(cursor)
            for table in _known():
                cursor.execute(f'DROP TABLE {_TEMP[connection.vendor]}."{table}"')


_TEMP = {"postgresql": "pg_temp", "sqlite": "temp"}
_SEGMENTS = "segments_segment"


def _known() -> list[str]:
    """What is computed of customers, and the segments, which keep when they were computed."""
    rooms = [each._meta.db_table for each in apps.get_app_config("segments").get_models()]
    return [*rooms, "clv_prediction", "shop_changed"]


def _aside(cursor: Any, schema: str, table: str) -> None:
    """An empty table of the same name and shape, which this connection finds first; segments there are in it too."""
    if connection.vendor == "postgresql":
        cursor.execute(f'CREATE TEMP TABLE "{table}" (LIKE {schema}."{table}" INCLUDING ALL)')
    else:
        _like(cursor, schema, table)
    if table == _SEGMENTS:
        cursor.execute(f'INSERT INTO "{table}" SELECT * FROM {schema}."{table}"')


def _like(cursor: Any, schema: str, table: str) -> None:
    cursor.execute(f"SELECT sql FROM {schema}.sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL", [table])
    for (sql,) in sorted(cursor.fetchall(), key=lambda row: not row[0].upper().startswith("CREATE TABLE")):
        own = re.sub(r"^CREATE (UNIQUE )?(TABLE|INDEX) ", r"CREATE \1\2 temp.", _KEYS.sub("", sql), count=1)
        cursor.execute(own.replace("%", "%%"))
