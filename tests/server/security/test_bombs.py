"""Files and payloads that are small and claim to be large: refused with words, in little memory and little time."""

import gzip
import io
import json
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from instances import SOURCE
from server.shop.sources.case import Told, case_of
from server.shop.sources.conftest import place_of
from stammkunde.server.shop.hearing import Group, take_in
from stammkunde.server.shop.sources import kind_of, kinds
from stammkunde.server.shop.sources.base import dated, parsed
from stammkunde.server.shop.sources.payloads import PayloadError

HEADER, ROW = b"customer,date,amount\n", b"Anna,2026-01-03,10\n"
MEMORY, SECONDS = 3_000_000_000, 20.0  # of address space, for the interpreter and DuckDB's arenas too; of one file

#: Files by name, with a word of what is said of them.
SAID = {
    "gzip.csv": "packed", "gzip.parquet": "packed", "zip.csv": "zip archive", "line.csv": "no end within",
    "columns.csv": "more than 1,000 columns", "cells.csv": "no end within", "nul.csv": "bytes of zero",
    "cell.csv": "no end within", "cell-of-lines.csv": "CSV Error", "quote.csv": "CSV Error",
    "quotes.csv": "no end within", "empty-lines.csv": "no orders",
    "long-footer.parquet": "cannot be read", "odd-footer.parquet": "cannot be read", "columns.parquet": "1,001 columns",
    "rows.parquet": "50,000,001 rows", "groups.parquet": "5,001 groups", "text.parquet": "a text of more than",
    "nested.parquet": "cannot be read",
}  # fmt: skip

TRY = """
import json, pathlib, resource, sys, time
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000_000,) * 2)
import django
django.setup()
from django.core.files import File
from django.core.management import call_command
from django.utils import timezone
from stammkunde.errors import InputError
from stammkunde.server.lib.work import run_due
from stammkunde.server.shop import import_tasks
from stammkunde.server.shop.actions import importing
call_command("migrate", verbosity=0)
found = {}
for path in sorted(pathlib.Path(sys.argv[1]).iterdir()):
    began = time.monotonic()
    try:
        with path.open("rb") as file:
            made = importing.lay_down(File(file, name=path.name), now=timezone.now(), by=None)
        run_due(now=timezone.now())
        made.refresh_from_db()
        said = f"{made.state}: {made.error} {made.outcome.get('advice')}"
    except InputError as error:
        said = f"refused: {error}"
    found[path.name] = [said, time.monotonic() - began]
print(json.dumps(found))
"""


def files(folder: Path) -> None:
    """All of them; the largest is of twenty megabytes."""
    packed = gzip.compress(b"0" * 200_000_000, 9)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as inside:
        inside.writestr("orders.csv", "0" * 20_000_000)
    texts = {
        "gzip.csv": packed,
        "gzip.parquet": packed,
        "zip.csv": archive.getvalue(),
        "line.csv": HEADER + b"a" * 20_000_000,
        "columns.csv": b",".join([b"a"] * 1_000_000) + b"\n" + ROW,
        "cells.csv": HEADER + ROW + b"," * 8_000_000 + b"\n",
        "cell.csv": HEADER + ROW * 3000 + (b'"' + b"A" * 8_000_000 + b'",2026-01-03,10\n') * 3,
        "cell-of-lines.csv": HEADER + ROW * 3000 + (b'"' + b"Anna\n" * 1_600_000 + b'",2026-01-03,10\n') * 3,
        "nul.csv": HEADER + b"An\0na,2026-01-03,10\n",
        "quote.csv": HEADER + b'"' + ROW * 1_000_000,
        "quotes.csv": HEADER + b'"' * 20_000_000,
        "empty-lines.csv": HEADER + b"\n" * 20_000_000,
    }
    for name, content in texts.items():
        (folder / name).write_bytes(content)
    parquets(folder)


def parquets(folder: Path) -> None:
    """Parquet that tells of much, and one whose end tells of more than there is."""
    small = pa.table({"customer": ["a"], "date": ["2026-01-03"], "amount": [1.0]})
    whole = io.BytesIO()
    pq.write_table(small, whole)
    (folder / "long-footer.parquet").write_bytes(whole.getvalue()[:-8] + struct.pack("<I", 2**31 - 1) + b"PAR1")
    odd = b"\x15\x04\x19\xfc\xff\xff\xff\xff\x07" * 100_000  # a list of two thousand million, as Thrift writes it
    (folder / "odd-footer.parquet").write_bytes(b"PAR1" + odd + struct.pack("<I", len(odd)) + b"PAR1")
    pq.write_table(pa.table({f"c{n}": [1] for n in range(1001)}), folder / "columns.parquet")
    nothing = pa.nulls(50_000_001, pa.int8())
    pq.write_table(pa.table({"customer": nothing}), folder / "rows.parquet", row_group_size=50_000_001)
    with pq.ParquetWriter(folder / "groups.parquet", small.schema) as writer:
        for _ in range(5001):
            writer.write_table(small)
    many = pa.array(np.zeros(100_000, np.int32))
    long = pa.DictionaryArray.from_arrays(many, ["x" * 5_000_000])  # half a terabyte, written out
    days, amounts = pa.DictionaryArray.from_arrays(many, ["2026-01-03"]), pa.array(np.ones(100_000))
    pq.write_table(pa.table({"customer": long, "date": days, "amount": amounts}), folder / "text.parquet")
    deep: pa.Array = pa.array([1.0])
    for _ in range(200):
        deep = pa.ListArray.from_arrays(pa.array([0, 1], pa.int32()), deep)
    pq.write_table(small.append_column("deep", deep), folder / "nested.parquet")


@pytest.mark.thorough
def test_files_that_claim_to_be_large_are_told_so_in_bounded_memory_and_time(tmp_path: Path) -> None:
    bombs, data = tmp_path / "bombs", tmp_path / "data"
    bombs.mkdir()
    files(bombs)
    environment = {
        "PYTHONPATH": str(SOURCE), "PATH": os.environ["PATH"], "STAMMKUNDE_DATA": str(data),
        "STAMMKUNDE_LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "stammkunde.server.settings",
    }  # fmt: skip
    command = [sys.executable, "-c", TRY, str(bombs), str(MEMORY)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert found.keys() == SAID.keys()
    for name, (said, seconds) in found.items():
        assert SAID[name] in said, f"{name}: {said}"
        assert said.startswith(("failed", "refused")), f"{name}: {said}"
        assert seconds < SECONDS, f"{name} took {seconds} s"


#: In the place of every value of a payload.
ODD: tuple[Any, ...] = (
    "1e999999999", 10**400, "9" * 4000, -(2**63), "NaN", "Infinity", {"a": {"a": {}}}, [[[]]], True, "x" * 100_000,
    "\x00\x1b[31m", "²", "0000-00-00T00:00:00", "9999-12-31T23:59:59+14:00", "\ud800",
)  # fmt: skip


def odd_ones(payload: Any) -> Iterator[Any]:
    """The payload many times, each with another value that cannot be meant."""
    inside = payload.items() if isinstance(payload, dict) else enumerate(payload)
    for name, value in inside:
        for odd in ODD:
            yield put(payload, name, odd)
        if isinstance(value, dict | list):
            for each in odd_ones(value):
                yield put(payload, name, each)


def put(payload: Any, name: Any, value: Any) -> Any:
    made = payload.copy()
    made[name] = value
    return made


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(kinds()))
def test_values_that_cannot_be_are_refused_by_the_reader_and_never_break_the_record(name: str, now: datetime) -> None:
    case = case_of(name)
    if case is None:
        pytest.skip("takes no payloads of orders")
    place, kind, groups, wrong = place_of(case, now), kind_of(name), [], []
    for payload in odd_ones(case.order(Told())):
        try:
            read = parsed(json.dumps(payload, default=str))
            groups.append(Group([dated(fact, 1) for fact in kind.facts(case.topic, read, place)]))
        except PayloadError:
            continue
        except Exception as error:  # noqa: BLE001  any other is what is looked for
            wrong.append(f"{type(error).__name__} {error}: {str(payload)[:200]}")
    assert wrong == []
    for group in groups:
        take_in(place, [group], now=now)
    assert [group.error for group in groups if group.error.startswith("The record refuses")] == []


@pytest.mark.parametrize("body", ["[" * 100_000, '{"a":' * 50_000, "1" * 100_000, '"\\ud800"', "nul", "{" * 2])
def test_documents_without_end_are_no_json(body: str) -> None:
    try:
        parsed(body)
    except PayloadError as error:
        assert len(str(error)) < 400  # noqa: PT017  some are read, none may break
