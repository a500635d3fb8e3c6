"""Work at the doors: deliveries are taken in, shops are pulled, raw payloads are forgotten."""

from datetime import timedelta

from django.utils import timezone

from stammkunde.server.lib.work import Running, enqueue, task
from stammkunde.server.shop import collecting, hearing, pulling
from stammkunde.server.shop.actions import doors
from stammkunde.server.shop.collector import carts, keys
from stammkunde.server.shop.models import Delivery, Source
from stammkunde.server.shop.sources import kinds


@task(doors.DELIVERIES, tries=5, lease=timedelta(minutes=5), every=timedelta(minutes=1))
def deliveries(running: Running) -> None:
    """Take in what one source delivered; by itself, see that no source was left out.

    A delivery that comes at the moment its job ends would wait for the next one.
    """
    if "source" not in running.payload:
        waiting = Delivery.objects.filter(state=Delivery.State.NEW, source__kind__in=kinds())
        for pk in waiting.values_list("source", flat=True).distinct():
            enqueue(doors.DELIVERIES, {"source": pk}, key=str(pk), now=running.now)
        for each in Source.objects.filter(kind=keys.KIND):
            carts.join_late(each, now=running.now)
        return
    source = Source.objects.filter(pk=running.payload["source"]).first()
    if source is not None:
        take = collecting.collect if source.kind == keys.KIND else hearing.hear
        take(source, now=running.now, beat=lambda done: running.progress("Taking deliveries in", done))


@task(doors.PULL, tries=5, lease=timedelta(minutes=5), every=timedelta(minutes=15))
def pull(running: Running) -> None:
    """Pull one source; by itself, every one that can be pulled."""
    if "source" not in running.payload:
        for source in Source.objects.filter(active=True, kind__in=kinds()):
            if pulling.readable(source):
                doors.pull_soon(source, now=running.now, wait=timedelta(0))
        return
    found = Source.objects.filter(pk=running.payload["source"]).first()
    if found is not None and pulling.readable(found):
        beat = _Beat(running)
        pulling.pull(found, now=running.now, clock=timezone.now, beat=beat.tell)


class _Beat:
    """Tells the row of the job what is being done, also between two pages."""

    def __init__(self, running: Running) -> None:
        self.running, self.doing = running, "Asking the shop"

    def tell(self, doing: str, done: int) -> None:
        """Note it, and hold the lease."""
        self.doing = doing or self.doing
        self.running.progress(self.doing, done)


@task("deliveries-forget", nightly=3)
def forget(running: Running) -> None:
    """Delete raw payloads whose time is over."""
    running.progress("Forgetting old deliveries", doors.forget_old(now=running.now))
