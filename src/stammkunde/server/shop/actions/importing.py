"""Files of orders: laid down, looked at, taken in, undone."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from stammkunde.errors import InputError
from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.lib.work import enqueue
from stammkunde.server.shop.actions.judging import refuse_packed
from stammkunde.server.shop.actions.people import changed, claims
from stammkunde.server.shop.facts import Who
from stammkunde.server.shop.models import Customer, Import, Order, Refund, Source
from stammkunde.server.shop.queries.people import known

CHECK, TAKE, UNDO = "import-check", "import-take", "import-undo"
KINDS = (".csv", ".tsv", ".txt", ".parquet")


def lay_down(
    upload: "UploadedFile[Any]", *, now: datetime, by: User | Key | None, source: Source | None = None
) -> Import:
    """Keep an uploaded file and ask for a dry run.

    Raises
    ------
    InputError : it is empty, too large, packed, or neither CSV nor Parquet.
    """
    name = Path(upload.name or "orders.csv").name[:200]
    size = upload.size or 0
    if Path(name).suffix.lower() not in KINDS:
        raise InputError("This is neither CSV nor Parquet.", where=name, advice="Save it as CSV and try again.")
    if not 0 < size <= settings.UPLOAD_LIMIT:
        what = "This file is empty." if not size else f"This file has {size / 1e6:,.0f} MB."
        advice = f"Files up to {settings.UPLOAD_LIMIT / 1e6:,.0f} MB can be taken; split it, or raise the limit."
        raise InputError(what, where=name, advice=advice)
    refuse_packed(upload.read(16), name=name)
    upload.seek(0)
    folder = settings.MEDIA_ROOT / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(8)}{Path(name).suffix.lower()}"
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for chunk in upload.chunks():
            digest.update(chunk)
            file.write(chunk)
    with transaction.atomic():
        found = begin(path, name=name, digest=digest.hexdigest(), now=now, by=by, source=source)
        record("uploaded", "file", now=now, by=by, subject_id=found.pk, title=name)
    return found


@transaction.atomic
def begin(
    path: Path, *, name: str, digest: str, now: datetime, by: User | Key | None, source: Source | None = None
) -> Import:
    """An import of a file that is there. The mapping is that of the last file of the source, or to be found out."""
    source = source or files(now=now)
    last = source.imports.filter(state=Import.State.DONE).order_by("-id").first()
    mapping: dict[str, Any] = {**last.mapping, "inherited": True} if last and last.mapping.get("columns") else {}
    found = Import.objects.create(
        source=source, filename=name, path=path.relative_to(settings.MEDIA_ROOT).as_posix(), digest=digest,
        mapping=mapping, by=by.by if isinstance(by, Key) else by, created_at=now,
    )  # fmt: skip
    enqueue(CHECK, {"import": found.pk}, key=str(found.pk), now=now)
    return found


def rejects_path(found: Import) -> Path:
    """Where the rows that were left out are listed."""
    folder: Path = settings.MEDIA_ROOT / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{found.pk}.rejects.csv"


def files(*, now: datetime) -> Source:
    """The source that files without another come from."""
    found = Source.objects.filter(kind="csv", demo=False).order_by("id").first()
    return found or Source.objects.create(kind="csv", name="Files", token=secrets.token_hex(16), created_at=now)


@transaction.atomic
def look_again(found: Import, *, mapping: dict[str, Any], now: datetime, by: User | Key | None = None) -> None:
    """Another dry run, with other columns.

    Raises
    ------
    InputError : it is being taken in, or is in already.
    """
    states = (Import.State.UPLOADED, Import.State.CHECKED, Import.State.FAILED, Import.State.UNDONE)
    if not Import.objects.filter(pk=found.pk, state__in=states).update(mapping=mapping, state=Import.State.UPLOADED):
        raise InputError("This file has been taken in.", where=found.filename, advice="Undo it first.")
    change = {"from": found.mapping, "to": mapping}
    record("mapped", "file", now=now, by=by, subject_id=found.pk, title=found.filename, change=change)
    enqueue(CHECK, {"import": found.pk}, key=str(found.pk), now=now)


@transaction.atomic
def start(found: Import, *, now: datetime, by: User | Key | None) -> None:
    """Take the file in, in the background.

    Raises
    ------
    InputError : it was not looked at, or the same file is in already.
    """
    same = Import.objects.filter(source=found.source, digest=found.digest, state__in=["done", "running"])
    if same.exclude(pk=found.pk).exists():
        raise InputError("The same file is in already.", where=found.filename, advice="Nothing has to be done.")
    if not Import.objects.filter(pk=found.pk, state=Import.State.CHECKED).update(state=Import.State.RUNNING):
        raise InputError("This file is not ready to be taken in.", where=found.filename, advice="Wait for its check.")
    record("imported", "file", now=now, by=by, subject_id=found.pk, title=found.filename)
    enqueue(TAKE, {"import": found.pk}, key=str(found.pk), now=now)


@transaction.atomic
def undo(found: Import, *, now: datetime, by: User | Key | None) -> None:
    """Take back what the file brought, in the background.

    Raises
    ------
    InputError : it is not in.
    """
    if not Import.objects.filter(pk=found.pk, state=Import.State.DONE).update(state=Import.State.UNDOING):
        raise InputError("This file is not in.", where=found.filename, advice="There is nothing to undo.")
    record("undid", "file", now=now, by=by, subject_id=found.pk, title=found.filename)
    enqueue(UNDO, {"import": found.pk}, key=str(found.pk), now=now)


def remove(found: Import) -> int:
    """Delete what the file brought: its orders and refunds, and customers who then have nothing left. Orders that a
    later file brought again stay. Returns how many orders went."""
    gone = 0
    while ids := list(Order.objects.filter(batch=found).values_list("pk", flat=True)[:500]):
        with transaction.atomic():
            whose = _customers(Order.objects.filter(pk__in=ids).values_list("customer", flat=True))
            whose |= _customers(Refund.objects.filter(order__in=ids).values_list("customer", flat=True))
            Refund.objects.filter(order__in=ids).exclude(batch=found).update(order=None)
            Refund.objects.filter(order__in=ids).delete()
            Order.objects.filter(pk__in=ids).delete()
            _forget(whose)
        gone += len(ids)
    with transaction.atomic():
        left = Refund.objects.filter(batch=found)
        whose = _customers(left.values_list("customer", flat=True))
        left.delete()
        _forget(whose)
    return gone


def forget_new(source: Source, whos: Iterable[Who], *, after: int) -> None:
    """Delete those of whom a file told for the first time, with ids above `after`, and nothing else is known."""
    some = {claim for who in whos for claim in claims(who, source.pk)}
    whose = {person.customer for person in known(some).values()}
    with transaction.atomic():
        _forget({one for one in whose if one > after})


def _customers(ids: Iterable[int | None]) -> set[int]:
    return {one for one in ids if one is not None}


def _forget(customers: set[int]) -> None:
    """Remove customers of whom nothing is known any more; of the others, less is."""
    nothing = Customer.objects.filter(
        pk__in=customers, orders=None, refunds=None, carts=None, events=None, absorbed=None, merges=None
    )
    nothing.delete()
    changed(set(Customer.objects.filter(pk__in=customers).values_list("pk", flat=True)))
