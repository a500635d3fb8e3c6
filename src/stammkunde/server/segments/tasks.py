"""Segments are computed every night and after every run of values; of customers who changed, every minute.

Other rooms ask with `stammkunde.server.lib.work.enqueue("segments", now=…, key="asked")`.
"""

from datetime import timedelta

from stammkunde.server.lib.models import Job
from stammkunde.server.lib.work import Running, enqueue, task
from stammkunde.server.segments.actions import recompute as computing

ALL, CHANGED = "segments", "segments-changed"
OVERVIEW = "overview"  # the Start page is made anew; it is named, not imported, since it knows this room


@task(ALL, tries=3, lease=timedelta(minutes=10), nightly=4)
def everybody(running: Running) -> None:
    """All customers, all segments."""
    computing.recompute(now=running.now, full=True, tell=running.progress)
    enqueue(OVERVIEW, now=running.now, key="asked")


@task(CHANGED, tries=3, lease=timedelta(minutes=5), every=timedelta(minutes=1))
def changed(running: Running) -> None:
    """Those who changed, unless all are being computed at this moment."""
    if computing.due() and not Job.objects.filter(kind=ALL, state=Job.State.RUNNING).exists():
        computing.recompute(now=running.now, full=False, tell=running.progress)
