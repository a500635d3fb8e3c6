"""The bundled orders as if they were placed now: moved by whole weeks, so that the last of them is recent."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from stammkunde.server.clv.models import Run
from stammkunde.server.clv.queries.runs import current
from stammkunde.server.dashboards.actions.overview import renew
from stammkunde.server.dashboards.demo.living import Tell, live, silent
from stammkunde.server.journeys.models import Journey
from stammkunde.server.lib.work import run_due
from stammkunde.server.segments.actions import audiences
from stammkunde.server.shop.actions import importing
from stammkunde.server.shop.models import Customer, Import, Source

NAME = "Online Retail"
CURRENCY = "GBP"
ATTRIBUTION = (
    "Online Retail by Daqing Chen (2015), UCI Machine Learning Repository, doi 10.24432/C5BW33, CC BY 4.0; "
    "days moved to the present; addresses, consents, parcels and carts are made up, and no mail leaves."
)


def load(*, clock: Callable[[], datetime], tell: Tell = silent) -> Run | None:
    """Take the bundled shop in, compute its value and live through its last weeks, where nothing is in yet; takes a
    minute or two, and goes on where it was ended. Returns the run whose figures are shown."""
    found = Import.objects.filter(source__demo=True).first()
    if found is None and not Import.objects.exists():
        found = _laid_down(now=clock())
    if found and found.state != Import.State.DONE:
        _take_in(found, clock)
    if found and not Journey.objects.exists() and Customer.objects.exclude(email="").exists():
        live(found.source, titles(), now=clock(), tell=tell)
        while run_due(now=clock()):
            pass
        renew(now=clock())
    return current()


def _take_in(found: Import, clock: Callable[[], datetime]) -> None:
    run_due(now=clock())  # the dry run
    found.refresh_from_db()
    if found.state == Import.State.CHECKED:
        importing.start(found, now=clock(), by=None)
    audiences.starters(now=clock(), by=None)
    while run_due(now=clock()):  # what came in asks for values, and values for what is made of them
        pass
    renew(now=clock())  # else the Start page would wait for the worker to look


def _laid_down(*, now: datetime) -> Import:
    path = lay_down(settings.MEDIA_ROOT / "imports", today=now.date())
    source = Source.objects.create(kind="csv", name=NAME, token=hashlib.sha256(NAME.encode()).hexdigest(), demo=True,
                                   created_at=now)  # fmt: skip
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    found = importing.begin(path, name=f"{NAME}.parquet", digest=digest, now=now, by=None, source=source)
    Import.objects.filter(pk=found.pk).update(mapping={"currency": CURRENCY})
    return found


def lay_down(folder: Path, *, today: date) -> Path:
    """The bundled orders as a file of their own, the last of them in the week before `today`."""
    import pyarrow.compute as pc  # the web needs none of these
    import pyarrow.parquet as pq

    from stammkunde.facts import online_retail_path

    table = pq.read_table(online_retail_path())
    table = table.append_column("Email", _addresses(table["CustomerID"]))
    place = table.schema.get_field_index("InvoiceDate")
    last = pc.max(table["InvoiceDate"]).as_py().date()
    weeks = (today - timedelta(days=1) - last).days // 7
    moved = pc.add(table["InvoiceDate"], timedelta(weeks=weeks)).cast(table.schema.field(place).type)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "online-retail.parquet"
    pq.write_table(table.set_column(place, "InvoiceDate", moved), path)
    return path


def _addresses(numbers: Any) -> Any:
    """An address for each customer, at a domain that is nobody's (RFC 2606)."""
    import pyarrow as pa  # the web needs none of these
    import pyarrow.compute as pc

    return pc.binary_join_element_wise("customer-", numbers.cast(pa.string()), "@example.com", "")


def titles() -> dict[str, tuple[str, int]]:
    """What each article was called most often, and its lowest price in pence."""
    import pyarrow.compute as pc  # the web needs none of these
    import pyarrow.parquet as pq

    from stammkunde.facts import online_retail_path

    table = pq.read_table(online_retail_path(), columns=["StockCode", "Description", "UnitPrice"])
    table = table.filter(pc.and_(pc.is_valid(table["Description"]), pc.greater(table["UnitPrice"], 0)))
    counted = table.group_by(["StockCode", "Description"]).aggregate([("UnitPrice", "count"), ("UnitPrice", "min")])
    found = {}
    for row in counted.sort_by("UnitPrice_count").to_pylist():
        found[str(row["StockCode"])] = (str(row["Description"]).strip().capitalize(), round(100 * row["UnitPrice_min"]))
    return found
