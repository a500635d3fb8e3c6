"""Sources are connected, set anew, switched off and on."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.lib.seal import seal, unseal
from stammkunde.server.shop.models import Source


@transaction.atomic
def connect(kind: str, *, name: str, now: datetime, by: User | Key | None) -> Source:
    """A source with an address of its own for what it is to hear: a new one, or the one of its kind that only files
    have come from."""
    waiting = Source.objects.filter(kind=kind, demo=False, sealed="", options={}, imports__isnull=False)
    found = waiting.order_by("pk").first() or Source(kind=kind, token=secrets.token_urlsafe(32), created_at=now)
    found.name = name
    found.save()
    record("connected", "source", now=now, by=by, subject_id=found.pk, title=name, change={"kind": kind})
    return found


@transaction.atomic
def configure(
    source: Source,
    *,
    name: str,
    options: Mapping[str, Any],
    given: Mapping[str, str],
    now: datetime,
    by: User | Key | None,
) -> None:
    """Set a source anew: `options` are added to what stands open, the secrets `given` to what is sealed; an empty
    secret keeps the one that is there. The log tells which secrets changed, never what they are."""
    kept = Source.objects.select_for_update().get(pk=source.pk)
    told = {field: value for field, value in given.items() if value}
    before = {field: kept.options.get(field) for field in options}
    kept.options |= options
    Source.objects.filter(pk=source.pk).update(
        name=name, options=kept.options, sealed=seal(unseal(kept.sealed) | told), error="", error_at=None
    )
    change = {"from": before, "to": dict(options), "secrets": sorted(told)}
    record("set", "source", now=now, by=by, subject_id=source.pk, title=name, change=change)


@transaction.atomic
def switch(source: Source, *, on: bool, now: datetime, by: User | Key | None) -> None:
    """Take nothing more from a source, or take from it again."""
    Source.objects.filter(pk=source.pk).update(active=on)
    record("switched on" if on else "switched off", "source", now=now, by=by, subject_id=source.pk, title=source.name)
