"""The run of everybody's value: every night at three, and whenever somebody asks.

Other rooms ask with `stammkunde.server.lib.work.enqueue("value", now=…, key="asked")`, such as after an import.
"""

from datetime import timedelta

from stammkunde.server.clv.actions import KIND
from stammkunde.server.lib.work import Running, enqueue, task

SEGMENTS = "segments"  # rules ask for values; the task is named, not imported, since its room knows this one


@task(KIND, tries=3, lease=timedelta(minutes=10), nightly=3)
def value(running: Running) -> None:
    """Compute, telling how far it is."""
    from stammkunde.server.clv.computing.run import compute  # brings scipy and the library: only workers need them

    def tell(doing: str, done: int | None, total: int | None) -> None:
        running.progress(doing, done or 0, total)

    compute(now=running.now, tell=tell)
    enqueue(SEGMENTS, now=running.now, key="asked")
