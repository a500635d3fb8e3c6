"""Both engines, for promises that hold on either. One Spark session serves all; one worker of xdist owns it."""

from collections.abc import Iterator

import pytest

from stammkunde.facts import Engine
from stammkunde.facts import engine as engine_called

ON_SPARK = (pytest.mark.spark, pytest.mark.xdist_group("spark"))


@pytest.fixture(scope="session")
def duckdb() -> Engine:
    """An embedded DuckDB."""
    return engine_called("duckdb", threads=1)


@pytest.fixture(scope="session")
def spark() -> Iterator[Engine]:
    """A local Spark with one thread, whose Java does not polish code that runs for a minute."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        engine = engine_called("spark", threads=1, memory="1g")
    yield engine
    engine.backend.disconnect()


@pytest.fixture(scope="session", params=["duckdb", pytest.param("spark", marks=ON_SPARK)])
def engine(request: pytest.FixtureRequest) -> Engine:
    """DuckDB, and then Spark."""
    found: Engine = request.getfixturevalue(request.param)
    return found
