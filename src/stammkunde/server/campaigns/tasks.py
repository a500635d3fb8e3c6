"""Newsletters that are due are put down in the ledger; those on their way are looked after every five minutes."""

from datetime import timedelta

import structlog

from stammkunde.server.campaigns.actions import assigning, sending
from stammkunde.server.campaigns.models import Campaign
from stammkunde.server.lib.work import Running, task

log = structlog.get_logger("stammkunde.campaigns")


@task(sending.PLAN, tries=10, lease=timedelta(minutes=10))
def plan(running: Running) -> None:
    """One newsletter: a row for everybody it is for, then the first hour of a test."""
    try:
        campaign = sending.start(int(running.payload["campaign"]), now=running.now)
        sending.plan_all(campaign, now=running.now, tell=running.progress)
    except sending.StoppedError as stopped:
        log.info("newsletter is not going out any more", campaign=running.payload["campaign"], state=str(stopped))
        return
    campaign.refresh_from_db()
    assigning.assign(campaign, now=running.now)


@task("campaigns.watch", tries=3, lease=timedelta(minutes=10), every=timedelta(minutes=5))
def watch(running: Running) -> None:
    """Give the next hour of every test to its texts; call done what has no open row."""
    for campaign in Campaign.objects.filter(state=Campaign.State.SENDING):
        running.progress(campaign.name)
        assigning.assign(campaign, now=running.now)
        sending.finish(campaign, now=running.now)
