"""The bundled shop as if it were open today: its days are moved by whole weeks, so that the last order is recent."""

import hashlib
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings

from stammkunde.server.lib.work import run_due
from stammkunde.server.shop.actions import importing
from stammkunde.server.shop.models import Import, Source

NAME = "Online Retail"
CURRENCY = "GBP"
ATTRIBUTION = (
    "Online Retail by Daqing Chen (2015), UCI Machine Learning Repository, doi 10.24432/C5BW33, CC BY 4.0; "
    "days moved to the present."
)


def load(*, now: datetime) -> bool:
    """Take the bundled shop in, where nothing is in yet. Returns whether it did; takes some seconds."""
    if Import.objects.exists():
        return False
    path = lay_down(settings.MEDIA_ROOT / "imports", today=now.date())
    source = Source.objects.create(kind="csv", name=NAME, token=hashlib.sha256(NAME.encode()).hexdigest(), demo=True,
                                   created_at=now)  # fmt: skip
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    found = importing.begin(path, name=f"{NAME}.parquet", digest=digest, now=now, by=None, source=source)
    Import.objects.filter(pk=found.pk).update(mapping={"currency": CURRENCY})
    run_due(now=now)
    found.refresh_from_db()
    importing.start(found, now=now, by=None)
    run_due(now=now)
    return True


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
