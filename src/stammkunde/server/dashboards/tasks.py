"""The Start page of the day and the shelves of the list, looked after every minute."""

from datetime import timedelta

from stammkunde.server.dashboards.actions.overview import renew
from stammkunde.server.lib.work import Running, task

KIND = "overview"


@task(KIND, tries=3, lease=timedelta(minutes=10), every=timedelta(minutes=1))
def overview(running: Running) -> None:
    """Make it anew where a run, states or spending have changed."""

    def tell(doing: str, done: int | None, total: int | None) -> None:
        running.progress(doing, done or 0, total)

    renew(now=running.now, tell=tell)
