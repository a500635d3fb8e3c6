"""Whether an uploaded file is one that may be read at all: a file of a few bytes can claim to be of any size."""

from pathlib import Path
from typing import TYPE_CHECKING

from stammkunde.errors import InputError

if TYPE_CHECKING:
    import pyarrow.parquet as pq

COLUMNS = 1_000  # ten times the widest export of a shop that was seen
ROWS = 50_000_000
GROUPS = 5_000  # of rows, in Parquet; each costs as much as thousands of rows
FOOTER = 32_000_000  # bytes of what Parquet says of itself
CELL = 100_000  # bytes of a text; kept once, it can stand in every row
CHUNK = 1_000_000_000  # bytes of a column within a group, unpacked
FIRST = 1_000_000  # bytes, in which the first line has to end
PACKED = {b"\x1f\x8b": "packed (gzip)", b"PK": "a spreadsheet or a zip archive", b"BZ": "packed (bzip2)",
          b"\x28\xb5\x2f\xfd": "packed (zstd)", b"\xfd7zXZ": "packed (xz)"}  # fmt: skip


def judge(path: Path, *, name: str) -> None:
    """Look at the beginning of a file, and at what a Parquet file says of itself.

    Raises
    ------
    InputError : it is packed, or too wide, too long or too finely cut to be a list of orders.
    """
    with path.open("rb") as file:
        start = file.read(FIRST)
    refuse_packed(start, name=name)
    if start.startswith(b"PAR1"):
        _judge_parquet(path, name)
        return
    line = start.splitlines()[0] if start.strip() else b""
    if max(line.count(mark) for mark in (b",", b";", b"\t", b"|")) >= COLUMNS:
        raise _too_much(f"more than {COLUMNS:,} columns", name)


def refuse_packed(start: bytes, *, name: str) -> None:
    """Refuse what would have to be unpacked, by how it begins.

    Raises
    ------
    InputError : it is packed.
    """
    kind = next((kind for mark, kind in PACKED.items() if start.startswith(mark)), "")
    if kind:
        raise InputError(f"This is {kind}.", where=name, advice="Unpack it, or save the orders as CSV, and try again.")


def _judge_parquet(path: Path, name: str) -> None:
    import pyarrow as pa  # only a worker needs it, and only for Parquet
    import pyarrow.parquet as pq  # see above

    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - 8, 0))
        length = int.from_bytes(file.read(4), "little")
    try:
        if length > min(FOOTER, size):
            raise OSError("it says more of itself than it has")
        said = pq.read_metadata(path)
        _judge_size(said, name)
        _judge_texts(path, said, name)
    except (pa.ArrowException, OSError, MemoryError) as error:
        advice = "Export it again, or save it as CSV."
        raise InputError("This Parquet file cannot be read.", where=name, advice=advice) from error


def _judge_size(said: "pq.FileMetaData", name: str) -> None:
    for told, found, most in (
        ("columns", said.num_columns, COLUMNS),
        ("rows", said.num_rows, ROWS),
        ("groups of rows", said.num_row_groups, GROUPS),
    ):
        if found > most:
            raise _too_much(f"{found:,} {told}; {most:,} can be taken", name)


def _judge_texts(path: Path, said: "pq.FileMetaData", name: str) -> None:
    """Look at the dictionaries of texts, which stand before their rows: DuckDB writes a text out for every row."""
    import pyarrow.compute as pc  # see above
    import pyarrow.parquet as pq  # see above

    texts = [n for n in range(said.num_columns) if said.schema.column(n).physical_type == "BYTE_ARRAY"]
    with pq.ParquetFile(path, read_dictionary=[said.schema.column(n).path for n in texts], metadata=said) as file:
        for group in range(said.num_row_groups):
            for chunk in (said.row_group(group).column(n) for n in texts):
                if chunk.total_uncompressed_size > CHUNK:
                    raise _too_much("texts that are too long", name)
                if chunk.total_uncompressed_size <= CELL or not chunk.has_dictionary_page:
                    continue
                first = next(file.iter_batches(1, row_groups=[group], columns=[chunk.path_in_schema]))
                known = getattr(first.column(0), "dictionary", None)
                if known is not None and (pc.max(pc.binary_length(known)).as_py() or 0) > CELL:
                    raise _too_much(f"a text of more than {CELL:,} characters", name)


def _too_much(what: str, name: str) -> InputError:
    return InputError(f"This file has {what}.", where=name, advice="Keep the columns of orders, and split the file.")
