"""Exports of shops as people have them: small files, read and told row by row."""

import gzip
from pathlib import Path
from typing import Any

from stammkunde.facts import Engine, Orders, read_orders, summarize


def export(folder: Path, text: str | bytes, name: str = "orders.csv", *, encoding: str = "utf-8") -> Path:
    """A file in `folder`; packed if its name ends in .gz."""
    data = text if isinstance(text, bytes) else text.encode(encoding)
    path = folder / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def read(folder: Path, text: str | bytes, engine: Engine, **how: Any) -> Orders:
    """Orders of an export with this text."""
    return read_orders(export(folder, text), engine=engine, **how)


def accepted(orders: Orders) -> list[tuple[Any, ...]]:
    """Customer, day and revenue of every accepted row, in order."""
    rows = orders.engine.to_arrow(orders.lines.select("customer_id", "day", "revenue")).to_pylist()
    return sorted((row["customer_id"], row["day"].isoformat(), round(row["revenue"], 9)) for row in rows)


def rejected(orders: Orders) -> list[tuple[Any, ...]]:
    """Row, column, reason and value of every rejected row."""
    return [tuple(row[name] for name in ("row", "column", "reason", "value")) for row in orders.rejects.to_pylist()]


def worth(orders: Orders, column: str = "historic_value") -> dict[Any, float]:
    """What each customer was worth."""
    table = summarize(orders).table
    return dict(zip(table["customer_id"].to_pylist(), (round(x, 6) for x in table[column].to_pylist()), strict=True))


def balance(orders: Orders) -> None:
    """Rows and amounts read are those accepted and those rejected, reason by reason."""
    totals = orders.totals
    reasons = totals["by_reason"].values()
    assert totals["rows_read"] == totals["rows_accepted"] + totals["rows_rejected"]
    assert totals["rows_rejected"] == sum(rows for rows, _ in reasons) == orders.rejected
    close(totals["amount_read"], totals["amount_accepted"] + totals["amount_rejected"])
    close(totals["amount_rejected"], sum(amount or 0.0 for _, amount in reasons))
    close(totals["amount_accepted"], sum(row[2] for row in accepted(orders)))


def close(one: float, other: float) -> None:
    """Both are the same money, as far as sums of floating-point numbers in any order can be."""
    assert abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other)), (one, other)
