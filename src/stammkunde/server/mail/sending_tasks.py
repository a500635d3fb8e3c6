"""Sending is due work like any other: in slices, so that other jobs get their turn, by as
many workers as there are."""

from datetime import datetime, timedelta

from stammkunde.server.lib.restored import then
from stammkunde.server.lib.work import HandedBackError, Running, enqueue, task
from stammkunde.server.mail.actions import doubting
from stammkunde.server.mail.actions.planning import SENDING
from stammkunde.server.mail.sending import claiming

SLICE = 20.0  # seconds
HELPERS = 3  # further workers that are asked for when there is much to send
MUCH = 2000  # messages handed over in a slice


@task(SENDING, tries=5, lease=timedelta(minutes=2), every=timedelta(seconds=20))
def send(running: Running) -> None:
    """Send what is due. Where more is due than a slice takes, others are asked to help, and it goes on after them."""
    from stammkunde.server.mail.sending.letters import Letters  # slow: MJML and Liquid, which few processes need
    from stammkunde.server.mail.sending.slices import send_due  # slow: all transports

    def beat(handed: int) -> None:
        running.progress("Sending", handed)

    handed, more = send_due(
        worker=running.job.worker,
        clock=running.clock,
        seconds=SLICE,
        composing=Letters,
        beat=beat,
        stop=running.hurry.is_set,
    )
    if not more:
        return
    if handed >= MUCH:
        for number in range(HELPERS):
            enqueue(SENDING, now=running.clock(), key=f"helper {number + 1}")
    raise HandedBackError("more is due")  # the same job waits behind what is due by now: no second row, no race


@task("mail.sweep", every=timedelta(seconds=30))
def sweep(running: Running) -> None:
    """See to messages whose worker is gone."""
    waiting, unknown, again = claiming.sweep(now=running.now)
    running.progress("Sweeping", waiting + unknown + again)
    if waiting or again:
        enqueue(SENDING, now=running.now, key="asked")


@then
def restored(made_at: datetime, now: datetime) -> None:
    """A backup was put back: what was due when it was made may have left since."""
    doubting.restored(made_at=made_at, now=now)
