"""Both engines, for promises that hold on either. One worker of xdist owns Spark."""

import pytest

from stammkunde.facts import Engine
from stammkunde.facts import engine as engine_called

ON_SPARK = (pytest.mark.spark, pytest.mark.xdist_group("spark"))


@pytest.fixture(scope="session")
def duckdb() -> Engine:
    """An embedded DuckDB."""
    return engine_called("duckdb", threads=1)


@pytest.fixture(scope="session", params=["duckdb", pytest.param("spark", marks=ON_SPARK)])
def engine(request: pytest.FixtureRequest) -> Engine:
    """DuckDB, and then Spark."""
    found: Engine = request.getfixturevalue(request.param)
    return found
