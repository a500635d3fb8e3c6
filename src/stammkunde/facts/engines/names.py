"""Names of columns as every engine can tell them apart."""

from collections.abc import Iterable


def unlike(names: Iterable[str | None]) -> list[str]:
    """The names of a header: empty ones named by position, repeated ones numbered.

    >>> unlike(["Datum", "", "datum"])
    ['Datum', 'column_2', 'datum_2']
    """
    taken: set[str] = set()
    found = []
    for place, name in enumerate(names):
        plain = (name or "").strip().removeprefix("\ufeff") or f"column_{place + 1}"
        number, free = 1, plain
        while free.casefold() in taken:
            number += 1
            free = f"{plain}_{number}"
        taken.add(free.casefold())  # engines take "Date" and "date" for the same column
        found.append(free)
    return found
