"""Pools with how many codes are left, given and redeemed, and which of them need somebody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q

from stammkunde.server.offers.models import Coupon, Pool

RECENT = timedelta(days=7)  # how long it is told that codes were lacking
NONE = dict.fromkeys(("left", "waiting", "given", "redeemed", "waiting_to"), 0)


@dataclass(frozen=True)
class Standing:
    """A pool and its codes: `left` may be given, `waiting` are not known to the shop yet."""

    pool: Pool
    left: int
    waiting: int
    given: int
    redeemed: int
    waiting_to: int
    alarm: str

    @property
    def share(self) -> float | None:
        """Redeemed of those given; None where none was."""
        return self.redeemed / self.given if self.given else None


def standings(*, now: datetime, pool: Pool | None = None) -> list[Standing]:
    """All pools, those in use first; or one."""
    pools = Pool.objects.order_by("-active", "name")
    pools = pools.filter(pk=pool.pk) if pool else pools
    ready, waiting = Q(issued_at=None, ready=True), Q(issued_at=None, ready=False)
    rows = Coupon.objects.filter(pool__in=pools).order_by().values("pool")
    rows = rows.annotate(
        left=Count("pk", filter=ready),
        waiting=Count("pk", filter=waiting),
        given=Count("issued_at"),
        redeemed=Count("redeemed_at"),
        waiting_to=Max("pk", filter=waiting),
    )
    counts = {row["pool"]: {name: int(row[name] or 0) for name in NONE} for row in rows.values("pool", *NONE)}
    found = []
    for each in pools:
        numbers = counts.get(each.pk, NONE)
        found.append(Standing(each, **numbers, alarm=_alarm(each, numbers["left"], now)))
    return found


def _alarm(pool: Pool, left: int, now: datetime) -> str:
    """What is wrong with it: over, empty, running low, or nothing."""
    if not pool.active:
        return "lacking" if pool.lacking_at and now - pool.lacking_at < RECENT else ""
    if pool.ends_at and pool.ends_at <= now:
        return "over"
    return "empty" if not left else "low" if left < pool.alarm_below else ""


def waiting(pool: Pool, *, up_to: int) -> Iterator[str]:
    """The codes made here that the shop does not know yet, up to one."""
    rows = Coupon.objects.filter(pool=pool, ready=False, issued_at=None, pk__lte=up_to).order_by("pk")
    yield from rows.values_list("code", flat=True).iterator(2000)
