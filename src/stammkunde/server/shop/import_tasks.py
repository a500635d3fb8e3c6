"""Work on files of orders: the dry run, taking in, undoing. Each may be begun again at any point."""

import csv
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from stammkunde.errors import AmbiguousDateError, MappingError, StammkundeError
from stammkunde.server.lib.bulk import count_anew
from stammkunde.server.lib.sheets import harmless
from stammkunde.server.lib.work import LostLeaseError, Running, enqueue, task
from stammkunde.server.shop import exported, reading
from stammkunde.server.shop.actions import importing, judging, take
from stammkunde.server.shop.facts import ParcelFact
from stammkunde.server.shop.models import Customer, Import, Order, Refund, Source

if TYPE_CHECKING:
    from stammkunde.facts import Orders
    from stammkunde.server.shop.sources.files import File

VALUE = "value"  # the room of value computes anew; it is named, not imported, since it knows this room
SET = 500  # orders of one transaction: what other writers wait for
SHOWN = 20  # rejects on the page; the file of all of them is beside it


@task(importing.CHECK, tries=5, lease=timedelta(minutes=5))
def check(running: Running) -> None:
    """The dry run: what the columns are, what would come in, what would not and why."""
    found = Import.objects.select_related("source").get(pk=running.payload["import"])
    _drop_what_does_not_fit(found)
    try:
        mapping, outcome = _looked(found, running)
    except StammkundeError as error:
        Import.objects.filter(pk=found.pk).update(
            state=Import.State.FAILED, error=error.what, outcome=_fault(found, error), finished_at=timezone.now()
        )
        return
    Import.objects.filter(pk=found.pk).update(
        state=Import.State.CHECKED, outcome=outcome, mapping=mapping, error="", finished_at=timezone.now()
    )


def _drop_what_does_not_fit(found: Import) -> None:
    """Forget the mapping of an earlier file where this one has other columns."""
    if found.mapping.pop("inherited", False) and not _fits(found):
        found.mapping = {}
    Import.objects.filter(pk=found.pk).update(mapping=found.mapping)


def _fits(found: Import) -> bool:
    return set(found.mapping.get("columns", {}).values()) <= set(_headers(found))


def _looked(found: Import, running: Running) -> tuple[dict[str, Any], dict[str, Any]]:
    """The mapping and what would come of it."""
    judging.judge(found.file, name=found.filename)
    if file := exported.export_of(found):
        exported.belongs(found, file, taken=False)
        outcome, rejects = exported.looked(file, found, running)
        _write(rejects, importing.rejects_path(found))
        return {"preset": file.preset.name}, outcome | {"headers": _headers(found), "rejects": rejects[:SHOWN]}
    orders = _opened(found, running)
    currency = orders.currency or settings.CURRENCY
    return found.mapping | {"columns": orders.mapping.columns, "currency": currency}, _outcome(found, orders)


@task(importing.TAKE, tries=5, lease=timedelta(minutes=5))
def take_in(running: Running) -> None:
    """The orders of the file, set by set."""
    found = Import.objects.select_related("source").get(pk=running.payload["import"])
    if found.state not in {Import.State.RUNNING, Import.State.DONE}:
        return
    try:
        _take_in(found, running)
    except LostLeaseError:
        raise
    except StammkundeError as error:
        Import.objects.filter(pk=found.pk).update(state=Import.State.FAILED, error=error.what)
        raise


def _take_in(found: Import, running: Running) -> None:
    if "last_customer" not in found.outcome:  # what a restart must not move: whoever comes after is of this file
        last = Customer.objects.order_by("-pk").values_list("pk", flat=True).first()
        found.outcome["last_customer"] = last or 0
        Import.objects.filter(pk=found.pk).update(outcome=found.outcome)
    file = exported.export_of(found) if found.mapping.get("preset") else None
    if file:
        exported.belongs(found, file, taken=True)
    refused = _take_export(found, file, running) if file else _take_rows(found, running)
    outcome = found.outcome | {
        "orders": Order.objects.filter(batch=found).count(),
        "refunds": Refund.objects.filter(batch=found).count(),
        "refused": [list(each) for each in refused[:SHOWN]],
        "refused_count": len(refused),
    }
    done_at = timezone.now()
    Import.objects.filter(pk=found.pk).update(state=Import.State.DONE, outcome=outcome, finished_at=done_at, error="")
    Source.objects.filter(pk=found.source_id).update(heard_at=done_at)
    count_anew()
    enqueue(VALUE, now=done_at, key="asked")


def _take_rows(found: Import, running: Running) -> list[tuple[str, str]]:
    orders = _opened(found, running)
    currency = str(found.mapping.get("currency") or orders.currency or settings.CURRENCY)
    version, total, done = int(found.created_at.timestamp() * 1000), int(orders.totals["rows_accepted"]), 0
    refused: list[tuple[str, str]] = []
    for facts in reading.facts(orders, version=version, currency=currency):
        for start in range(0, len(facts), SET):
            some = facts[start : start + SET]
            refused += take(found.source, some, now=running.now, batch=found).refused
            done += sum(max(len(getattr(fact, "lines", ())), 1) for fact in some)
            running.progress("Taking the orders in", min(done, total), total)
    return refused


def _take_export(found: Import, file: "File", running: Running) -> list[tuple[str, str]]:
    total, done = sum(found.outcome.get("found", {}).values()), 0
    refused: list[tuple[str, str]] = []
    for page in exported.pages(file, found):
        refused += [*page.refused, *take(found.source, page.facts, now=running.now, batch=found).refused]
        done += sum(not isinstance(fact, ParcelFact) for fact in page.facts)
        running.progress("Taking the orders in", min(done, total), total)
    return refused


@task(importing.UNDO, tries=5, lease=timedelta(minutes=10))
def undo(running: Running) -> None:
    """What the file brought goes; what earlier files of its source had brought of the same orders comes back."""
    found = Import.objects.select_related("source").get(pk=running.payload["import"])
    running.progress("Taking the orders back")
    gone = importing.remove(found)
    exported.forget_customers(found)
    outcome = found.outcome | {"undone": gone}
    Import.objects.filter(pk=found.pk).update(state=Import.State.UNDONE, outcome=outcome, finished_at=timezone.now())
    enqueue(VALUE, now=timezone.now(), key="asked")
    for earlier in found.source.imports.filter(state=Import.State.DONE, pk__lt=found.pk).order_by("pk"):
        enqueue(importing.TAKE, {"import": earlier.pk}, key=str(earlier.pk), now=running.now)


def _opened(found: Import, running: Running) -> "Orders":
    def told(what: str, share: float | None) -> None:
        running.progress(what, None if share is None else round(share * 100), None if share is None else 100)

    judging.judge(found.file, name=found.filename)
    return reading.open_orders(str(found.file), found.mapping, today=timezone.localdate(), progress=told)


def _outcome(found: Import, orders: "Orders") -> dict[str, Any]:
    """What the page shows of a dry run."""
    rejects = orders.rejects.to_pylist()
    _write(rejects, importing.rejects_path(found))
    totals = {name: value for name, value in orders.totals.items() if name != "by_reason"}
    return {
        "headers": list(orders.headers),
        "totals": totals,
        "reasons": [[reason, rows, amount] for reason, (rows, amount) in orders.totals["by_reason"].items()],
        "rejects": [{name: str(value or "") for name, value in row.items()} for row in rejects[:SHOWN]],
        "notices": [_plain(notice.to_dict()) for notice in orders.warnings],
        "period": [day.isoformat() for day in orders.period],
        "currency": orders.currency,
        "basis": orders.basis,
    }


def _plain(notice: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in notice.items()}


def _fault(found: Import, error: StammkundeError) -> dict[str, Any]:
    """What the page needs to ask the right question."""
    asks = "dates" if isinstance(error, AmbiguousDateError) else "columns" if isinstance(error, MappingError) else ""
    return {"headers": _headers(found), "advice": error.advice, "asks": asks}


def _headers(found: Import) -> list[str]:
    from stammkunde.facts import headers  # brings DuckDB, for which web processes have no use

    try:
        return list(headers(str(found.file)))
    except StammkundeError:
        return []


def _write(rejects: list[dict[str, Any]], path: Path) -> None:
    """The rejects as a file that a spreadsheet opens without running what customers wrote."""
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(("row", "column", "reason", "value"))
        writer.writerows([[harmless(row[name]) for name in ("row", "column", "reason", "value")] for row in rejects])
