"""What the ground does by itself at night: forget what is done."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db import connection

from stammkunde.server.lib.bulk import count_anew
from stammkunde.server.lib.models import Job
from stammkunde.server.lib.work import TASKS, Running, task

DONE_KEPT = timedelta(days=7)
FAILED_KEPT = timedelta(days=90)
NOBODY_CAME = timedelta(days=7)
SET = 2000  # rows of one statement


@task("tidy", nightly=4)
def tidy(running: Running) -> None:
    """Delete jobs long done or given up, and logins that have run out; give up jobs of a kind that is gone."""
    now = running.now
    strange = Job.objects.filter(state=Job.State.WAITING, due_at__lt=now - NOBODY_CAME).exclude(kind__in=TASKS)
    strange.update(state=Job.State.FAILED, finished_at=now, error="No version of Stammkunde that runs knows this work.")
    for state, kept in ((Job.State.DONE, DONE_KEPT), (Job.State.FAILED, FAILED_KEPT)):
        old = Job.objects.filter(state=state, finished_at__lt=now - kept)
        while ids := list(old.values_list("pk", flat=True)[:SET]):
            Job.objects.filter(pk__in=ids).delete()
            running.progress("Forgetting old work")
    Session.objects.filter(expire_date__lt=now).delete()
    if connection.vendor == "sqlite":  # PostgreSQL keeps its statistics by itself
        count_anew()
