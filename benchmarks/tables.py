"""Plain tables in Markdown, columns aligned: what the benchmarks print."""

import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from os import cpu_count, sysconf


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; the first column to the left, all others to the right."""
    table = [head, *rows]
    width = [max(len(row[i]) for row in table) for i in range(len(head))]
    lines = [
        "| " + " | ".join(_cell(cell, w, i) for i, (cell, w) in enumerate(zip(row, width, strict=True))) + " |"
        for row in table
    ]
    rule = "|" + "|".join("-" * (w + 1) + ("-" if i == 0 else ":") for i, w in enumerate(width)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def where() -> str:
    """Date and kind of machine, without its name."""
    memory = sysconf("SC_PAGE_SIZE") * sysconf("SC_PHYS_PAGES") / 2**30
    now = datetime.now(UTC).date().isoformat()
    return f"{now}, {cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def _cell(text: str, width: int, column: int) -> str:
    return text.ljust(width) if column == 0 else text.rjust(width)
