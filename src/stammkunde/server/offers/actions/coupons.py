"""Codes come in, are given to customers, and come back with orders."""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

import structlog
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from stammkunde.errors import InputError
from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.actions.outgoing import tell
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.lib import bulk
from stammkunde.server.offers.models import Coupon, Pool

Value = TypeVar("Value")
log = structlog.get_logger("stammkunde.offers")
SET = 400  # rows of one statement
FIT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{2,59}")
LETTERS = "BCDFGHJKMNPQRSTVWXZ23456789"  # none that reads like another, and no vowels: no word comes out
LENGTH = 9  # 27^9: of a hundred thousand codes one is guessed in 76 million tries
MOST = 1_000_000  # codes of one go
LATE = timedelta(days=60)  # how long after its end a code may still come back with an order told late


@dataclass(frozen=True)
class Reject:
    """A line that is no code of the pool now: where it stood, what, and why not."""

    line: int
    code: str
    reason: str


@dataclass(frozen=True)
class Loaded:
    """How many codes came in, and which did not."""

    codes: int
    rejects: Sequence[Reject]


def load(pool: Pool, codes: Iterable[str], *, now: datetime, by: User | Key | None) -> Loaded:
    """Take codes in that the shop has made, one a line; of a table the first column counts.

    Raises
    ------
    InputError : there are more than a million.
    """
    lines = list(islice(codes, MOST + 1))
    if len(lines) > MOST:
        raise InputError(_("More than a million codes at once."), advice=_("Split the file."))
    good, rejects = _sorted(lines)
    for part in _parts(sorted(good), SET):
        taken = Coupon.objects.filter(folded__in=part).values_list("folded", "pool__name")
        for folded, name in taken:
            line, code = good.pop(folded, (0, ""))
            if code:
                rejects.append(Reject(line, code, _("It is there already, in the pool %(name)s.") % {"name": name}))
    rows = [(pool.pk, code, folded, True, "") for folded, (_line, code) in good.items()]
    with transaction.atomic():
        count = _put(rows)
        change = {"codes": count, "rejects": len(rejects)}
        record("filled", "pool", now=now, by=by, subject_id=pool.pk, title=pool.name, change=change)
    return Loaded(count, sorted(rejects, key=lambda each: each.line))


def _sorted(lines: Sequence[str]) -> tuple[dict[str, tuple[int, str]], list[Reject]]:
    """Codes by their folded form, with their line; and what is none."""
    good: dict[str, tuple[int, str]] = {}
    rejects: list[Reject] = []
    for number, line in enumerate(lines, start=1):
        code = re.split(r"[;,\t]", line.strip().lstrip("\ufeff"), maxsplit=1)[0].strip().strip('"').strip()
        if not code or (number == 1 and code.lower() in {"code", "codes", "coupon", "gutschein", "gutscheincode"}):
            continue
        if not FIT.fullmatch(code):
            why = _("A code has 3 to 60 letters, digits, hyphens, dots or underscores.")
            rejects.append(Reject(number, code[:60], why))
        elif code.upper() in good:
            first = good[code.upper()][0]
            rejects.append(Reject(number, code, _("It stands in line %(line)s already.") % {"line": first}))
        else:
            good[code.upper()] = (number, code)
    return good, rejects


def _put(rows: Sequence[tuple[int, str, str, bool, str]]) -> int:
    """Insert codes that are not there; how many came in."""
    if not rows:
        return 0
    of_pool = Coupon.objects.filter(pool=rows[0][0])
    before = of_pool.count()
    bulk.insert(Coupon, ("pool_id", "code", "folded", "ready", "key"), rows, key=("pool_id", "folded"))
    return of_pool.count() - before


@transaction.atomic
def generate(pool: Pool, number: int, *, now: datetime, by: User | Key | None) -> int:
    """Make codes for the shop to import; they are given to nobody until `confirm` says that it did.

    Raises
    ------
    InputError : none, or more than a million.
    """
    if not 1 <= number <= MOST:
        raise InputError(_("One to a million codes can be made at once."), advice=_("Enter such a number."))
    Pool.objects.select_for_update().get(pk=pool.pk)
    missing = number
    while missing:
        made = {"".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(missing)}
        for part in _parts(sorted(made), SET):
            made -= set(Coupon.objects.filter(folded__in=part).values_list("folded", flat=True))
        missing -= _put([(pool.pk, code, code, False, "") for code in made])
    record("filled", "pool", now=now, by=by, subject_id=pool.pk, title=pool.name, change={"codes": number})
    return number


@transaction.atomic
def confirm(pool: Pool, *, up_to: int, now: datetime, by: User | Key | None) -> int:
    """The shop knows the codes that were made here, up to the one of this number: they may be given from now on."""
    count = Coupon.objects.filter(pool=pool, ready=False, pk__lte=up_to).update(ready=True)
    if count:
        record("confirmed", "pool", now=now, by=by, subject_id=pool.pk, title=pool.name, change={"codes": count})
    return count


def issue(pool_key: str, rows: Sequence[tuple[int, str]], *, now: datetime) -> dict[int, Coupon]:
    """Give each customer a code for a thing: `(customer, key)`. The same again gives the same code, redeemed or not.

    Who is missing in the answer got none, since the pool is unknown, switched off, over or empty; that is logged and
    shown on the pool's page. Never is one code given twice, however many ask at once: the pool is locked meanwhile.

    Raises
    ------
    ValueError : a customer stands in it with two keys.
    """
    wanted = dict(rows)
    if len(wanted) < len(set(rows)):
        raise ValueError("A customer can be given one code of a pool in one go.")
    found: dict[int, Coupon] = {}
    for part in _parts(sorted(wanted.items()), SET):
        with transaction.atomic():
            pool = Pool.objects.select_for_update().filter(key=pool_key).first()
            if pool is None:
                log.warning("coupons asked of a pool that is not there", pool=pool_key, lacking=len(part))
                continue
            found |= _issue(pool, dict(part), now)
    return found


def _issue(pool: Pool, wanted: Mapping[int, str], now: datetime) -> dict[int, Coupon]:
    """A set of customers, under the lock of the pool."""
    found = _given(pool, wanted)
    missing = sorted(wanted.keys() - found.keys())
    is_open = pool.active and (pool.ends_at is None or pool.ends_at > now)
    left = Coupon.objects.filter(pool=pool, issued_at=None, ready=True).order_by("pk").values_list("pk", flat=True)
    claimed = list(zip(left[: len(missing)], missing, strict=False)) if missing and is_open else []
    if claimed:
        ends = now + timedelta(days=pool.valid_days)
        _claim(claimed, wanted, (now, min(ends, pool.ends_at) if pool.ends_at else ends))
        found = _given(pool, wanted)
        _warn(pool, len(claimed), now)
    lacking = len(wanted) - len(found)
    if lacking:
        Pool.objects.filter(pk=pool.pk).update(lacking=F("lacking") + lacking, lacking_at=now)
        log.warning("coupons are lacking", pool=pool.key, lacking=lacking, active=pool.active)
    return found


def _warn(pool: Pool, given: int, now: datetime) -> None:
    """Tell it, once, when a pool falls below what was stated; no more codes are counted than that takes."""
    left = Coupon.objects.filter(pool=pool, issued_at=None, ready=True)[: pool.alarm_below].count()
    if left < pool.alarm_below <= left + given:
        log.warning("coupons run low", pool=pool.key, left=left)
        tell("coupon.low", {"pool": pool.pk, "key": pool.key, "left": left, "at": now}, now=now)


def _given(pool: Pool, wanted: Mapping[int, str]) -> dict[int, Coupon]:
    rows = Coupon.objects.filter(pool=pool, customer__in=wanted, key__in=set(wanted.values()))
    return {row.customer_id: row for row in rows if row.customer_id and wanted[row.customer_id] == row.key}


def _claim(claimed: Sequence[tuple[int, int]], wanted: Mapping[int, str], times: tuple[datetime, datetime]) -> None:
    """Mark the codes as given; one that is given already stays whose it is."""
    blanks = ", ".join(["(%s, %s, %s)"] * len(claimed))
    sql = f"""
        UPDATE offers_coupon SET customer_id = v.column2, key = v.column3, issued_at = %s, expires_at = %s
        FROM (VALUES {blanks}) AS v
        WHERE offers_coupon.id = v.column1 AND offers_coupon.issued_at IS NULL
    """
    values = [value for coupon, customer in claimed for value in (coupon, customer, wanted[customer])]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*map(connection.ops.adapt_datetimefield_value, times), *values])


def redeem(*, now: datetime) -> int:
    """Join codes that were given with the orders they came back with, of whomever; how many did.

    The first order after the code was given counts; those that were a test or cancelled do not.
    """
    still = Coupon.objects.filter(redeemed_at=None, expires_at__gte=now - LATE)
    first = still.order_by("issued_at").values_list("issued_at", flat=True).first()
    if first is None:
        return 0
    sql = """
        UPDATE offers_coupon SET order_id = v.order_id, redeemed_at = v.placed_at
        FROM (
            SELECT c.id AS coupon_id, o.id AS order_id, o.placed_at,
                ROW_NUMBER() OVER (PARTITION BY c.id ORDER BY o.placed_at, o.id) AS number
            FROM shop_order o JOIN offers_coupon c ON c.folded = UPPER(TRIM(o.coupon))
            WHERE o.coupon <> '' AND o.day >= %s AND NOT o.test AND o.cancelled_at IS NULL
                AND c.redeemed_at IS NULL AND c.issued_at IS NOT NULL AND o.placed_at >= c.issued_at
        ) AS v
        WHERE offers_coupon.id = v.coupon_id AND v.number = 1 AND offers_coupon.redeemed_at IS NULL
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [first.date() - timedelta(days=1)])  # the shop's day may be the one before
        return int(cursor.rowcount)


def _parts(values: Sequence[Value], size: int) -> Iterator[Sequence[Value]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
