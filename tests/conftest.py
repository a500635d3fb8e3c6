"""Real shops for every test: CDNOW (from a test dependency, it is not ours to ship) and the bundled Online Retail."""

import gzip
import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq
import pytest
from hypothesis import settings

from shops import carried_by_lifetimes

if TYPE_CHECKING:
    from stammkunde.facts import Engine

settings.register_profile("house", deadline=None)  # a busy machine is no bug; benchmarks look at speed
settings.load_profile("house")

#: On a database of its own they take long, as does every address with everything that strangers may send.
LONG = ("test_schemathesis.py", "test_simulating.py", "test_backup.py", "test_never_twice.py", "test_clients.py")
REPOSITORY = Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared" / "data"
FIELDS = {"customer_id": pa.string(), "date": pa.date32(), "quantity": pa.int64(), "amount": pa.float64()}


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets beside the repository, which do not belong to it."""
    if not SHARED.is_dir():
        pytest.skip("needs the data sets of ../shared/data, which are not part of the repository")
    return SHARED


@pytest.fixture(scope="session")
def cdnow() -> pa.Table:
    """CDNOW, master set: every order to 1998-06-30 of 23,570 people: customer_id, date, quantity, amount (dollars)."""
    beside = SHARED / "cdnow" / "cdnow_transactions.csv.gz"
    if beside.is_file():
        with gzip.open(beside) as file:
            return csv.read_csv(file, convert_options=csv.ConvertOptions(column_types=FIELDS))
    return carried_by_lifetimes("CDNOW_master.txt", ("customer_id", "date", "quantity", "amount"))


@pytest.fixture(scope="session")
def cdnow_sample(cdnow: pa.Table) -> pa.Table:
    """The 1/10 sample of CDNOW that published estimates use: 2,357 people, columns as in `cdnow`."""
    beside = SHARED / "cdnow" / "cdnow_sample_ids.csv.gz"
    if beside.is_file():
        with gzip.open(beside) as file:
            ids = csv.read_csv(file, convert_options=csv.ConvertOptions(column_types={"customer_id": pa.string()}))
        return cdnow.filter(pc.is_in(cdnow["customer_id"], ids["customer_id"]))
    return carried_by_lifetimes("CDNOW_sample.txt", ("customer_id", "sample_id", "date", "quantity", "amount"))


@pytest.fixture(scope="session")
def online_retail() -> pa.Table:
    """The bundled Online Retail data, 541,909 order lines as their source has them."""
    return pq.read_table(REPOSITORY / "data" / "online_retail" / "online_retail.parquet")


@pytest.fixture(scope="session")
def spark() -> "Iterator[Engine]":
    """The one local Spark, with one thread, whose Java does not polish code that runs for a minute."""
    from stammkunde.facts import engine as engine_called  # only tests on Spark pay for it

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_SUBMIT_OPTS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        engine = engine_called("spark", threads=1, memory="1g")
    yield engine
    engine.backend.disconnect()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip, with the reason, what this machine cannot run. On a database of its own run what asks for one: the rest has
    run on the embedded one."""
    if os.environ.get("STAMMKUNDE_TEST_DATABASE"):
        config.hook.pytest_deselected(items=[each for each in items if not _asks_for_rows(each)])
        items[:] = [each for each in items if _asks_for_rows(each)]
        for each in items:
            if each.path.match("server/security/*.py") or each.path.name in LONG:
                each.add_marker("thorough")
    lacking = {
        "spark": None if shutil.which("java") and importlib.util.find_spec("pyspark") else "needs Java 17 and pyspark",
        "browser": None if importlib.util.find_spec("playwright") else "needs playwright",
    }
    for item in items:
        for mark, reason in lacking.items():
            if reason and item.get_closest_marker(mark):
                item.add_marker(pytest.mark.skip(reason=reason))


def _asks_for_rows(item: pytest.Item) -> bool:
    """By a mark or a fixture; those of the collector start servers of their own on it."""
    if item.path.parent.name == "collector":
        return True
    asked = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(asked & {"db", "transactional_db", "instance"})
