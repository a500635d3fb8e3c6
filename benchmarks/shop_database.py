"""A server's database with a shop of any size in it, built in sets: what the load benchmarks measure on.

The orders of `synthetic.py` (a million customers make 5.7 million orders) with a line each and refunds for every
25th; customers with names, addresses, the words they are found by and two identities; an event for every second.
Names are as uneven as in life: the most frequent first name is that of every 20th, four addresses in five are with four
providers. Half of the costs are known, the rest comes from rates.
"""

import argparse
import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from phases import Run, Stopwatch, run

NOW = "2026-01-01 03:00:00+00:00"
CHANNELS = ("web", "app", "search", "social", "amazon", "newsletter")
COUNTRIES = ("DE", "AT", "CH", "NL")
PROVIDERS = ("gmail.com", "gmx.de", "web.de", "t-online.de", "shop.example")
FIRST = """
Anna Ben Clara Deniz Emma Finn Greta Hannes Ida Jonas Karla Lukas Mia Noah Olivia Paul Quirin Rosa Stefan Tilda Ute
Viktor Wanda Xaver Yasemin Zoe Aylin Bruno Carla David Elif Felix Gül Heike Ilse Jan Käthe Leon Maria Nils
""".split()  # noqa: SIM905  a line a name would be longer than the rest
LAST = """
Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer Richter Klein Wolf Schröder
Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Krause Meier Lehmann Köhler Herrmann
König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Schubert Vogel Keller Frank Berger
Winkler Roth Beck Lorenz Baumann Franke Albrecht Schuster Simon Ludwig Böhm Winter Kraus Martin Schumacher Krämer
Vogt Stein Jäger Otto Sommer Groß Seidel Heinrich Brandt Haas Schreiber Graf Dietrich Ziegler Kuhn Pohl Engel Horn
Busch Bergmann Voigt Sauer Arnold Wolff Pfeiffer
""".split()  # noqa: SIM905  a line a name would be longer than the rest
END = ["stein", "berg", "mann", "hof", "bach", "feld", "dorf", "au", "tal", "er"]

FILLED = {
    "customers": """
        INSERT INTO shop_customer (id, origin, name, email, phone, company, postcode, country, locale, zone, type,
            channel, known_since, changed_at)
        SELECT id, 'shop:1:' || id, name, email, '', '', '', 'DE', '', '', '', {channel}, {now}, {now} FROM staged_who
    """,
    "words": "INSERT INTO shop_word (customer_id, word) SELECT id, word FROM staged_word",
    "addresses": """
        INSERT INTO shop_identity (kind, scope, value, verified, customer_id, seen_at)
        SELECT 'email', 0, email, {yes}, id, {now} FROM staged_who""",
    "accounts": """
        INSERT INTO shop_identity (kind, scope, value, verified, customer_id, seen_at)
        SELECT 'shop', 1, CAST(id AS VARCHAR), {yes}, id, {now} FROM staged_who""",
    "orders": """
        INSERT INTO shop_order (id, source_id, external_id, version, number, customer_id, placed_at, day, test,
            currency, gross, discount, shipping, total, tax, goods_cost, uncosted, shipping_cost, payment_fee,
            other_cost, refunded, coupon, channel, country, cart_token)
        SELECT id, 1, 'order-' || id, 0, '#' || id, customer, {moment}, {date}, {no}, 'EUR', cents, 0, 490, cents + 490,
            CASE WHEN id % 2 = 0 THEN (cents + 490) * 19 / 119 END, CASE WHEN id % 3 > 0 THEN cents * 2 / 5 END,
            CASE WHEN id % 3 > 0 THEN 0 ELSE cents END, CASE WHEN id % 2 = 0 THEN 420 END,
            CASE WHEN id % 4 > 0 THEN cents / 50 + 25 END, 0, CASE WHEN id % 25 = 0 THEN cents / 2 ELSE 0 END, '',
            {channel}, {country}, '' FROM staged_order""",
    "lines": """
        INSERT INTO shop_orderline (id, order_id, external_id, sku, title, category, quantity, price, discount, total,
            returned)
        SELECT id, id, '1', 'sku-' || id % 200, 'Product ' || id % 200, 'Category ' || id % 12, 1, cents, 0, cents, 0
        FROM staged_order""",
    "refunds": """
        INSERT INTO shop_refund (source_id, external_id, version, order_key, order_id, customer_id, at, day, dated,
            amount, fee, reason)
        SELECT 1, 'refund-' || id, 0, 'order-' || id, id, customer, {moment}, {date}, {yes}, cents / 2, 0, ''
        FROM staged_order WHERE id % 25 = 0""",
    "events": """
        INSERT INTO shop_event (source_id, key, name, at, received_at, customer_id, currency, properties)
        SELECT 1, 'event-' || id, 'Product Viewed', {now}, {now}, id, '', '{{"sku": "sku-1"}}' FROM staged_who
        WHERE id % 2 = 0""",
}


def started() -> None:
    """Django, with what the environment says."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stammkunde.server.settings")
    import django  # reads settings from the environment that the caller has set

    django.setup()


def fill(customers: int) -> None:
    """Make the tables and fill them, a statement each."""
    started()
    from django.core.management import call_command  # after setup
    from django.db import connection

    call_command("migrate", verbosity=0)
    _stated()
    _stage(customers)
    with connection.cursor() as cursor, _without_indexes(cursor, connection.vendor):
        for name, sql in FILLED.items():
            print(name, file=sys.stderr, flush=True)
            cursor.execute(sql.format(**_blanks(connection.vendor)))
    with connection.cursor() as cursor:
        for staged in ("who", "word", "order"):
            cursor.execute(f"DROP TABLE staged_{staged}")
        _numbered(cursor, connection)
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    Stopwatch().report()


def _stated() -> None:
    from stammkunde.server.clv.models import Rates  # after setup
    from stammkunde.server.shop.models import Source

    Source.objects.create(pk=1, kind="csv", name="Benchmark", token="b" * 32, created_at=NOW)
    Rates.objects.create(
        valid_from="2024-01-01", vat=1900, goods=4500, resale=8000, shipping=490, payment=190, payment_fixed=25,
        marketplace=1500, marketplaces=["amazon"], handling=350, created_at=NOW,
    )  # fmt: skip


def _blanks(vendor: str) -> dict[str, str]:
    postgres = vendor == "postgresql"
    day = "DATE '1970-01-01' + day::int" if postgres else "DATE(day * 86400, 'unixepoch')"
    return {
        "now": f"TIMESTAMPTZ '{NOW}'" if postgres else f"'{NOW[:19]}'",
        "date": day,
        "moment": f"({day}) + TIME '10:00' AT TIME ZONE 'UTC'" if postgres else f"{day} || ' 10:00:00'",
        "no": "FALSE" if postgres else "0",
        "yes": "TRUE" if postgres else "1",
        "channel": _word(CHANNELS),
        "country": _word(COUNTRIES),
    }


def _word(words: tuple[str, ...]) -> str:
    return "CASE " + " ".join(f"WHEN id % {len(words)} = {k} THEN '{w}'" for k, w in enumerate(words)) + " END"


@contextmanager
def _without_indexes(cursor: Any, vendor: str) -> Iterator[None]:
    """Indexes are built when the rows are there: sorted at once, not grown row by row."""
    postgres = vendor == "postgresql"
    if postgres:
        cursor.execute("SET session_replication_role = replica")  # keys are right by the way they are made
        cursor.execute("SET maintenance_work_mem = '512MB'")
        asked = """SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename LIKE 'shop_%'
            AND indexname NOT IN (SELECT conname FROM pg_constraint)"""
    else:
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-2000000"):
            cursor.execute(f"PRAGMA {pragma}")
        asked = (
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name LIKE 'shop_%' AND sql IS NOT NULL"
        )
    cursor.execute(asked)
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f'DROP INDEX "{name}"')
    yield
    for name, sql in indexes:
        print(name, file=sys.stderr, flush=True)
        cursor.execute(sql)


def _numbered(cursor: Any, connection: Any) -> None:
    """What comes later gets numbers of its own."""
    if connection.vendor == "postgresql":
        for table in ("shop_source", "shop_customer", "shop_order", "shop_orderline"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), MAX(id)) FROM {table}")


def _stage(customers: int) -> None:
    import numpy as np  # only the process that fills needs them
    import pyarrow as pa

    import synthetic
    from stammkunde.server.lib import arrow

    found = synthetic.orders(customers)
    ordered = {
        "id": np.arange(1, len(found) + 1),
        "customer": found["customer_id"],
        "day": found["date"].cast(pa.int32()).cast(pa.int64()),
        "cents": np.rint(found["amount"].to_numpy() * 100).astype(np.int64) + 1,
    }
    with arrow._connected() as adbc, adbc.cursor() as cursor:
        cursor.adbc_ingest("staged_order", pa.table(ordered), mode="create")
        for table, rows in _people(customers):
            cursor.adbc_ingest(table, rows, mode="create")
        adbc.commit()


def _people(customers: int) -> Iterator[tuple[str, Any]]:
    """Who they are, and by which words they are found, as `shop.queries.people.words` makes them."""
    import numpy as np  # only the process that fills needs them
    import pyarrow as pa

    rng, ids = np.random.default_rng(2), np.arange(1, customers + 1)
    last = [*LAST, *(name.removesuffix("er") + end for name in LAST for end in END)]
    chosen = [_uneven(rng, words, customers) for words in (FIRST, last)]
    plain = [[_folded(word) for word in words] for words in (FIRST, last)]
    first, family = (pa.array(words).take(pa.array(code)) for words, code in zip(plain, chosen, strict=True))
    numbered = pa.compute.binary_join_element_wise(family, pa.array(ids).cast(pa.string()), "")
    provider = pa.array(PROVIDERS).take(pa.array(rng.integers(0, len(PROVIDERS), customers)))
    local = pa.compute.binary_join_element_wise(first, numbered, ".")
    email = pa.compute.binary_join_element_wise(local, provider, "@")
    shown = [pa.array(words).take(pa.array(code)) for words, code in zip((FIRST, last), chosen, strict=True)]
    name = pa.compute.binary_join_element_wise(*shown, " ")
    yield "staged_who", pa.table({"id": ids, "name": name, "email": email})
    words = [first, family, email, numbered, provider]
    yield "staged_word", pa.table({"id": np.tile(ids, len(words)), "word": pa.chunked_array(words)})


def _uneven(rng: Any, words: list[str], size: int) -> Any:
    import numpy as np  # only the process that fills needs it

    weight = 1 / (np.arange(len(words)) + 5.0)
    return rng.choice(len(words), size, p=weight / weight.sum())


def _folded(text: str) -> str:
    from stammkunde.server.shop.queries.people import words  # after setup

    return next(iter(words(text)))


# --- which database ---------------------------------------------------------------------------------------------------


def asked(about: str | None) -> argparse.ArgumentParser:
    """The options that say where the database is, and how large."""
    options = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--customers", type=int, default=1_000_000)
    options.add_argument("--database", default="", help="an empty PostgreSQL database; none: SQLite")
    options.add_argument("--keep", type=Path, help="folder to fill once and use again")
    return options


@contextmanager
def beside(named: str) -> Iterator[str]:
    """The address of an empty database beside the one that is named, which goes away afterwards; none for SQLite."""
    if not named:
        yield ""
        return
    import psycopg  # SQLite needs none

    name = f"stammkunde_load_{secrets.token_hex(4)}"
    with psycopg.connect(named, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        try:
            yield urlunsplit(urlsplit(named)._replace(path=f"/{name}"))
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def prepared(given: argparse.Namespace) -> Iterator[Path]:
    """The folder of a server whose database is filled; the environment names both."""
    with tempfile.TemporaryDirectory() as folder:
        place = given.keep or Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        os.environ.update(
            STAMMKUNDE_DATA=str(place), STAMMKUNDE_DATABASE_URL=given.database, STAMMKUNDE_LOG_LEVEL="ERROR"
        )
        filled = place / "filled"
        if not filled.exists():
            done(__file__, "fill", given.customers)
            filled.touch()
        done(__file__, "migrate")
        yield place


def done(script: str, *words: object) -> Run:
    """A job of a script as a process of its own, measured."""
    found = run([sys.executable, Path(script), *map(str, words)])
    if isinstance(found, str):
        sys.exit(f"{words[0]}: {found}")
    return found


def migrate() -> None:
    """Bring a database that was kept to the tables of today."""
    started()
    from django.core.management import call_command  # after setup

    call_command("migrate", verbosity=0)
    Stopwatch().report()


if __name__ == "__main__":
    {"fill": lambda: fill(int(sys.argv[2])), "migrate": migrate}[sys.argv[1]]()
