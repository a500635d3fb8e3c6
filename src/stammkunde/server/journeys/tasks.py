"""Journeys move every half minute; what came late, those who wait and days that begin are looked at every ten."""

from datetime import timedelta

from stammkunde.server.journeys.actions import simulating
from stammkunde.server.journeys.models import Simulation
from stammkunde.server.journeys.running.ticking import RECENT, tick
from stammkunde.server.lib.work import Running, task


@task("journeys.tick", tries=3, lease=timedelta(minutes=5), every=timedelta(seconds=25))
def soon(running: Running) -> None:
    """What is due now."""
    tick(running.now, since=running.now - RECENT, beat=lambda: running.progress("Moving people on"))


@task("journeys.sweep", tries=3, lease=timedelta(minutes=5), every=timedelta(minutes=10))
def now_and_then(running: Running) -> None:
    """Everything, also what may wait some minutes."""
    tick(running.now, beat=lambda: running.progress("Looking at everybody on the way"))


@task(simulating.JOB, tries=2, lease=timedelta(minutes=10))
def live_through(running: Running) -> None:
    """A draft over the shop's past."""
    asked = Simulation.objects.filter(pk=running.payload["simulation"]).first()
    if asked is not None and asked.done_at is None:
        simulating.answer(asked, now=running.clock, tell=running.progress)
