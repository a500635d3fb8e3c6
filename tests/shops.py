"""Real shops that a test dependency carries: `lifetimes` has CDNOW, though its own loader no longer imports."""

import importlib.util
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest


def carried_by_lifetimes(name: str, columns: tuple[str, ...]) -> pa.Table:
    """Read a data file with these columns; skip the test where `lifetimes` is not installed."""
    package = importlib.util.find_spec("lifetimes")
    if package is None or not package.submodule_search_locations:
        pytest.skip("needs the CDNOW data, from ../shared/data/cdnow or the test dependency `lifetimes`")
    text = (Path(package.submodule_search_locations[0]) / "datasets" / name).read_text(encoding="ascii")
    rows = [fields for fields in map(str.split, text.splitlines()) if fields and fields[0].isdigit()]
    read = dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))
    days = np.array([f"{d[:4]}-{d[4:6]}-{d[6:]}" for d in read["date"]], dtype="datetime64[D]")
    return pa.table(
        {
            "customer_id": read["customer_id"],
            "date": pa.array(days),
            "quantity": pa.array(map(int, read["quantity"])),
            "amount": pa.array(map(float, read["amount"])),
        }
    )
