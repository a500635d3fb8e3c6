"""Pools are made and changed; the log keeps what."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from stammkunde.errors import InputError
from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.offers.models import SECOND, Pool


@dataclass(frozen=True)
class Terms:
    """What a code of a pool is worth, for whom, and how long."""

    name: str
    kind: str
    worth: int
    second_purchase: bool = False
    valid_days: int = 30
    minimum_order: int = 0
    alarm_below: int = 100
    active: bool = True
    ends_at: datetime | None = None


def judge(terms: Terms) -> None:
    """See that the terms make sense.

    Raises
    ------
    InputError : they do not; the text says why.
    """
    percent = terms.kind == Pool.Kind.PERCENT
    low, high = SECOND
    if terms.worth < 1 or (percent and terms.worth > 100):
        raise InputError(
            _("What a code is worth is 1 to 100 per cent, or an amount."), advice=_("Enter another worth.")
        )
    if terms.second_purchase and percent and not low <= terms.worth <= high:
        what = _("A code for the second purchase takes %(low)s to %(high)s per cent off.") % {"low": low, "high": high}
        raise InputError(what, advice=_("Enter another worth, or take the mark of the second purchase off."))
    if terms.valid_days < 1:
        raise InputError(_("A code has to be good for a day at least."), advice=_("Enter how many days."))


@transaction.atomic
def make(key: str, terms: Terms, *, source: str, now: datetime, by: User | Key | None) -> Pool:
    """A pool, without codes yet.

    Raises
    ------
    InputError : the terms make no sense, or the key is taken.
    """
    judge(terms)
    try:
        with transaction.atomic():
            pool = Pool.objects.create(key=key, source=source, created_at=now, **asdict(terms))
    except IntegrityError as error:
        raise InputError(_("There is a pool of this key already."), advice=_("Enter another key.")) from error
    record("made", "pool", now=now, by=by, subject_id=pool.pk, title=pool.name, change=_plain(asdict(terms)))
    return pool


@transaction.atomic
def change(pool: Pool, terms: Terms, *, now: datetime, by: User | Key | None) -> Pool:
    """Other terms, from now on; codes that were given keep theirs.

    Raises
    ------
    InputError : the terms make no sense.
    """
    judge(terms)
    kept = Pool.objects.select_for_update().get(pk=pool.pk)
    before, after = {name: getattr(kept, name) for name in asdict(terms)}, asdict(terms)
    if before != after:
        Pool.objects.filter(pk=pool.pk).update(**after)
        told = {"from": _plain(before), "to": _plain(after)}
        record("changed", "pool", now=now, by=by, subject_id=pool.pk, title=pool.name, change=told)
    return Pool.objects.get(pk=pool.pk)


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, datetime) else value for name, value in values.items()}
