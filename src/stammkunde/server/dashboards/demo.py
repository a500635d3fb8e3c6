"""The bundled shop as if it were open today: its days are moved by whole weeks, so that the last order is recent."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings

from stammkunde.server.clv.models import Run
from stammkunde.server.clv.queries.runs import current
from stammkunde.server.dashboards.actions.overview import renew
from stammkunde.server.lib.work import run_due
from stammkunde.server.segments.actions import audiences
from stammkunde.server.shop.actions import importing
from stammkunde.server.shop.models import Import, Source

NAME = "Online Retail"
CURRENCY = "GBP"
ATTRIBUTION = (
    "Online Retail by Daqing Chen (2015), UCI Machine Learning Repository, doi 10.24432/C5BW33, CC BY 4.0; "
    "days moved to the present."
)


def load(*, clock: Callable[[], datetime]) -> Run | None:
    """Take the bundled shop in and compute its value, where nothing is in yet; takes some seconds, and goes on where it
    was ended. Returns the run whose figures are shown."""
    found = Import.objects.filter(source__demo=True).first()
    if found is None and not Import.objects.exists():
        found = _laid_down(now=clock())
    if found and found.state != Import.State.DONE:
        run_due(now=clock())  # the dry run
        found.refresh_from_db()
        if found.state == Import.State.CHECKED:
            importing.start(found, now=clock(), by=None)
        audiences.starters(now=clock(), by=None)
        while run_due(now=clock()):  # what came in asks for values, and values for what is made of them
            pass
        renew(now=clock())  # else the Start page would wait for the worker to look
    return current()


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
    place = table.schema.get_field_index("InvoiceDate")
    last = pc.max(table["InvoiceDate"]).as_py().date()
    weeks = (today - timedelta(days=1) - last).days // 7
    moved = pc.add(table["InvoiceDate"], timedelta(weeks=weeks)).cast(table.schema.field(place).type)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "online-retail.parquet"
    pq.write_table(table.set_column(place, "InvoiceDate", moved), path)
    return path
