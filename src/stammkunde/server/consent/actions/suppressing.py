"""Addresses nothing goes to: dead ones, those who complained, lists of others; and forgetting a person."""

import re
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.consent.models import Entry, Listed, Preference, Suppression, Use
from stammkunde.server.consent.queries.hashing import digest, digests
from stammkunde.server.lib import bulk
from stammkunde.server.shop.models import Customer

HASH = re.compile(r"[0-9a-f]{64}")
ERASED, SILENT = "erased", "silent"


@transaction.atomic
def suppress(address: str, *, scope: str, reason: str, now: datetime, detail: str = "") -> Suppression:
    """Let nothing of this scope reach an address from now on; said again, it is the same row.

    `scope` is "dead" or a topic ("all" for every advertising); `reason` a word: bounced, complained, erased, staff.
    """
    mark = digest(address)
    standing = Suppression.objects.filter(digest=mark, scope=scope, ended_at=None)
    there = standing.exclude(reason=SILENT).first()  # a complaint outlives what ends a silence
    return there or Suppression.objects.create(digest=mark, scope=scope, reason=reason, since=now, detail=detail[:300])


@transaction.atomic
def stop(addresses: Iterable[str], *, now: datetime) -> int:
    """Write no advertising to addresses any more from which nothing has come for long, in sets. What they say later
    ends it (`resume`)."""
    marks = set(digests([each for each in addresses if each]))
    there = set(
        Suppression.objects.filter(digest__in=marks, scope="all", ended_at=None).values_list("digest", flat=True)
    )
    rows = [Suppression(digest=mark, scope="all", reason=SILENT, since=now) for mark in sorted(marks - there)]
    return len(Suppression.objects.bulk_create(rows))


def resume(address: str, *, now: datetime) -> int:
    """Somebody who had been silent has said that they want mail: nothing but their silence is ended by it."""
    silent = Suppression.objects.filter(digest=digest(address), reason=SILENT, ended_at=None)
    return silent.update(ended_at=now)


@transaction.atomic
def lift(address: str, *, scope: str, now: datetime, by: User | Key, why: str) -> int:
    """Let mail of this scope through again, for a stated reason: the mailbox works again, it was a mistake."""
    count = Suppression.objects.filter(digest=digest(address), scope=scope, ended_at=None).update(ended_at=now)
    if count:
        record("lifted", "suppression", now=now, by=by, title=scope, change={"why": why})
    return count


def take_list(lines: Iterable[str], *, now: datetime) -> int:
    """Take a list of those who want no advertising: an address or a hash of this installation a line. The list
    replaces the one before, in one transaction."""
    said = [line.strip().lower() for line in lines if line.strip()]
    marks = {each for each in said if HASH.fullmatch(each)} | set(digests([each for each in said if "@" in each]))
    with transaction.atomic():
        Listed.objects.all().delete()
        return bulk.insert(Listed, ("digest", "taken_at"), [(mark, now) for mark in sorted(marks)])


@transaction.atomic
def forget(customer: Customer, *, now: datetime) -> None:
    """Erase somebody from the ledger (Art. 17 GDPR): what was said stays as counted facts without a person, and a hash
    keeps advertising from them should they come back with an import."""
    addresses = set(Entry.objects.filter(customer=customer).values_list("address", flat=True)) - {""}
    addresses |= {customer.email.lower()} - {""}
    for address in addresses:
        suppress(address, scope="all", reason=ERASED, now=now)
    blank = {"customer": None, "address": "", "ip": None, "page": "", "note": ""}
    Entry.objects.filter(customer=customer).update(**blank)
    Entry.objects.filter(address__in=addresses).update(**blank)
    Use.objects.filter(address__in=addresses).delete()
    Preference.objects.filter(customer=customer).delete()
