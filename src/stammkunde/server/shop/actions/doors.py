"""What happens at the doors of the record: deliveries are kept, given another try, and forgotten; sources end."""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.db.models import F

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.lib.logs import VEIL, veiled
from stammkunde.server.lib.models import Job
from stammkunde.server.lib.seal import seal, unseal
from stammkunde.server.lib.work import enqueue
from stammkunde.server.shop.actions.orders import owners, settle, shop_day
from stammkunde.server.shop.actions.people import changed
from stammkunde.server.shop.models import Delivery, Identity, Order, Refund, Source

DELIVERIES, PULL = "deliveries", "pull"
HEARD = timedelta(minutes=1)  # how exactly it is noted when a source was heard
SOON = timedelta(seconds=20)  # until a source is pulled because a webhook only says that something changed
KEPT, FAILED_KEPT = timedelta(days=30), timedelta(days=180)  # raw payloads hold names and addresses
SET = 2000
_WORD = re.compile(r"[!-~]{6,}")  # of a secret, as it is looked for in texts; a shorter one is a word of any sentence


@transaction.atomic
def keep(
    source: Source,
    *,
    topic: str,
    key: str,
    body: bytes,
    headers: Mapping[str, str],
    now: datetime,
    entity: str = "",
    version: int | None = None,
    error: str = "",
) -> None:
    """Keep a delivery and ask for it to be taken in. The same one again changes nothing."""
    digest = hashlib.sha256(body).hexdigest()
    found = Delivery(
        source=source,
        topic=topic,
        key=key or digest,
        digest=digest,
        entity=entity,
        version=version,
        body=body,
        headers=dict(headers),
        received_at=now,
        state=Delivery.State.FAILED if error else Delivery.State.NEW,
        error=error,
    )
    Delivery.objects.bulk_create([found], ignore_conflicts=True)
    if source.heard_at is None or now - source.heard_at > HEARD:
        Source.objects.filter(pk=source.pk).update(heard_at=now)
    waiting = Job.objects.filter(kind=DELIVERIES, key=str(source.pk), state=Job.State.WAITING)
    if not waiting.exists():  # in a burst it mostly does, and to look costs less than to try
        enqueue(DELIVERIES, {"source": source.pk}, key=str(source.pk), now=now)


def keep_refused(source: Source, *, topic: str, entity: str, body: bytes, error: str, now: datetime) -> None:
    """Keep an entity that was pulled and could not be used, as if it had been delivered, to be replayed."""
    found = Delivery(
        source=source,
        topic=topic[:80],
        key=f"pull:{entity}"[:200],
        digest=hashlib.sha256(body).hexdigest(),
        entity=entity[:120],
        body=body,
        received_at=now,
        state=Delivery.State.FAILED,
        error=error[:4000],
    )
    Delivery.objects.bulk_create([found], ignore_conflicts=True)


@transaction.atomic
def replay(source: Source, *, now: datetime, by: User | Key | None, only: Collection[int] | None = None) -> int:
    """Let deliveries that were not understood be read once more: all of a source, or some. Returns how many."""
    failed = source.deliveries.filter(state=Delivery.State.FAILED)
    if only is not None:
        failed = failed.filter(pk__in=only)
    count = failed.update(state=Delivery.State.NEW, error="", settled_at=None)
    record("replayed", "source", now=now, by=by, subject_id=source.pk, title=source.name, change={"deliveries": count})
    enqueue(DELIVERIES, {"source": source.pk}, key=str(source.pk), now=now)
    return count


@transaction.atomic
def pull_again(source: Source, *, now: datetime, by: User | Key | None, since: datetime | None = None) -> None:
    """Pull now, and everything that changed since a moment (all there is, where there is none) once more."""
    Source.objects.filter(pk=source.pk).update(pulled_to=since)
    change = {"since": since.isoformat() if since else "the beginning"}
    record("pulled", "source", now=now, by=by, subject_id=source.pk, title=source.name, change=change)
    pull_soon(source, now=now, wait=timedelta(0))


def pull_soon(source: Source, *, now: datetime, wait: timedelta = SOON) -> None:
    """Ask for a pull of one source, unless one waits or runs."""
    enqueue(PULL, {"source": source.pk}, key=str(source.pk), now=now, due_at=now + wait)


@transaction.atomic
def keep_secrets(source: Source, secrets: Mapping[str, str], *, now: datetime) -> None:
    """Secrets that a shop handed over itself, beside those that are there."""
    kept = Source.objects.select_for_update().get(pk=source.pk)
    sealed = seal(unseal(kept.sealed) | dict(secrets))
    Source.objects.filter(pk=source.pk).update(sealed=sealed)
    change = {"secrets": sorted(secrets)}
    record("connected", "source", now=now, subject_id=source.pk, title=source.name, change=change)


@transaction.atomic
def end(source: Source, reason: str, *, now: datetime) -> None:
    """Take nothing more from a source and forget its credentials. What came from it stays, it is the shop's own."""
    Source.objects.filter(pk=source.pk).update(active=False, sealed="", error=reason, error_at=now)
    record("ended", "source", now=now, subject_id=source.pk, title=source.name, change={"reason": reason})


def note(source: Source, error: str, *, now: datetime) -> None:
    """What staff should know of a source. Shops repeat in a refusal what they were shown: secrets are taken out."""
    said = veiled(unspoken(source, error))[:4000]
    Source.objects.filter(pk=source.pk).update(error=said, error_at=now if error else None)


def unspoken(source: Source, text: str) -> str:
    """A text without the secrets of a source, however they stand in it."""
    try:
        secrets = unseal(source.sealed)
    except ValueError:  # nobody can know them
        return text
    # Runs of ASCII: whatever else is in a secret, each way of writing it writes otherwise.
    words = {word for value in secrets.values() for word in _WORD.findall(str(value))}
    forms = {form for word in words for form in (word, quote(word, safe=""), json.dumps(word)[1:-1])}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, VEIL)
    return text


@transaction.atomic
def cancel_deleted(source: Source, deleted: Mapping[str, int], *, now: datetime) -> None:
    """Orders the shop threw away, by id with the version of that: cancelled, and no older word brings them back.

    One that is not known yet is put down cancelled and empty, for its payload may still be on its way.
    """
    known = dict(Order.objects.filter(source=source, external_id__in=deleted).values_list("external_id", "version"))
    for key, version in deleted.items():
        at = datetime.fromtimestamp(version / 1000, tz=now.tzinfo)
        if key in known:
            older = Order.objects.filter(source=source, external_id=key, version__lt=version)
            older.filter(cancelled_at=None).update(cancelled_at=at)
            older.update(version=version)
            changed(owners(source, [key]))
            continue
        empty: dict[str, Any] = {"gross": 0, "total": 0, "currency": settings.CURRENCY, "cancelled_at": at}
        Order.objects.create(
            source=source, external_id=key, version=version, placed_at=at, day=shop_day(at), number=key, **empty
        )


def forget_undated(source: Source, orders: Collection[str]) -> None:
    """Drop the undated sum that a file told of an order's refunds, where they are known by their days."""
    undated = Refund.objects.filter(source=source, dated=False, order_key__in=orders, external_id__endswith="/refund")
    told = set(undated.values_list("order_key", flat=True))
    if told:
        dated = set(
            Refund.objects.filter(source=source, dated=True, order_key__in=told).values_list("order_key", flat=True)
        )
        undated.filter(order_key__in=dated).delete()
        settle(source, dated)


def forget_payloads(source: Source, customers: Iterable[str]) -> None:
    """Empty what was delivered of customers whom the shop erased, and of their orders."""
    ids = list(customers)
    theirs = Order.objects.filter(
        source=source, identity__kind=Identity.Kind.SHOP, identity__scope=source.pk, identity__value__in=ids
    )
    entities = [*ids, *theirs.values_list("external_id", flat=True)]
    for start in range(0, len(entities), SET):
        some = source.deliveries.filter(entity__in=entities[start : start + SET]).exclude(state=Delivery.State.NEW)
        some.update(body=b"", headers={})


def forget_old(*, now: datetime) -> int:
    """Delete raw deliveries that nobody will ask for any more; returns how many."""
    settled = (Delivery.State.DONE, Delivery.State.STALE, Delivery.State.IGNORED)
    old = Delivery.objects.filter(state__in=settled, settled_at__lt=now - KEPT)
    failed = Delivery.objects.filter(state=Delivery.State.FAILED, received_at__lt=now - FAILED_KEPT)
    count = 0
    for rows in (old, failed):
        while ids := list(rows.values_list("pk", flat=True)[:SET]):
            Delivery.objects.filter(pk__in=ids).delete()
            count += len(ids)
    return count


def settle_deliveries(states: Mapping[str, Collection[int]], errors: Mapping[int, str], *, now: datetime) -> None:
    """Write what became of deliveries: ids by state, and why some failed."""
    for state, ids in states.items():
        rows = Delivery.objects.filter(pk__in=list(ids))
        rows.update(state=state, settled_at=now, attempts=F("attempts") + 1, error="")
    for pk, error in errors.items():
        Delivery.objects.filter(pk=pk).update(error=error[:4000])
