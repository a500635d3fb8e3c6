"""What the room does by itself: it tells what is to be told, and forgets what was."""

from datetime import timedelta

from stammkunde.server.accounts.actions.delivering import Postman, deliver
from stammkunde.server.accounts.actions.outgoing import KIND
from stammkunde.server.accounts.models import Outgoing
from stammkunde.server.lib.work import Running, task

KEPT = timedelta(days=30)
SET = 2000  # rows of one statement


@task(KIND, every=timedelta(minutes=1), lease=timedelta(minutes=10))
def tell(running: Running) -> None:
    """Deliver the events that are due."""
    with Postman() as postman:
        worker = f"{running.job.worker}:{running.job.pk}"[-80:]
        deliver(worker=worker, clock=running.clock, postman=postman, beat=lambda: running.progress("Telling"))


@task("forget-webhooks", nightly=4)
def forget(running: Running) -> None:
    """Delete what was told a month ago: it holds data of customers."""
    old = Outgoing.objects.filter(at__lt=running.now - KEPT).order_by("pk")
    while ids := list(old.values_list("pk", flat=True)[:SET]):
        Outgoing.objects.filter(pk__in=ids).delete()
        running.progress("Forgetting what was told")
