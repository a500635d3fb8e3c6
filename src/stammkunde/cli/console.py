"""Progress on standard error while work is long and somebody is looking; silence otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager

from stammkunde.progress import Progress, silent


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress]:
    """A progress line with what is being done and, where known, how much of it."""
    from rich.console import Console  # slow to import; only when a command runs
    from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield silent
        return
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def tell(step: str, share: float | None) -> None:
            bar.update(task, description=step, total=None if share is None else 1.0, completed=share or 0.0)

        yield tell
