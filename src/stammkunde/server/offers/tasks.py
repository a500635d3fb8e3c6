"""What the room does by itself."""

from datetime import timedelta

from stammkunde.server.lib.work import Running, task
from stammkunde.server.offers.actions import counting, coupons


@task("redeem-coupons", every=timedelta(minutes=30))
def redeem(running: Running) -> None:
    """Join codes with the orders they came back with."""
    coupons.redeem(now=running.now)


@task("count-products", every=timedelta(hours=3), lease=timedelta(minutes=15))
def count(running: Running) -> None:
    """Count what sells and what is bought together."""
    counting.count(now=running.now)
