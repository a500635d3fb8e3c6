"""What several kinds of shop need to compose an order: shares that add up, and articles made of articles."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

Row = TypeVar("Row")


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """An amount in shares by weight, that add up to it exactly; the largest remainders get what is left over.

    Negative weights count as none, and where all are none each share is alike.
    """
    parts = [max(weight, 0) for weight in weights]
    if not parts:
        return []
    parts = parts if any(parts) else [1] * len(parts)
    whole, sign = sum(parts), -1 if amount < 0 else 1
    shares = [abs(amount) * part // whole for part in parts]
    remainders = sorted(range(len(parts)), key=lambda i: (-(abs(amount) * parts[i] % whole), i))
    for i in remainders[: abs(amount) - sum(shares)]:
        shares[i] += 1
    return [sign * share for share in shares]


def once(
    rows: Sequence[Row],
    *,
    key: Callable[[Row], Hashable],
    parent: Callable[[Row], Hashable | None],
    priced: Callable[[Row], bool],
) -> list[tuple[Row, list[Row]]]:
    """Rows that count, each with the rows it stands for: a bundle or its components, whichever carry the price.

    A configurable article and its bundle stand in an order beside their components. Where any component has a price
    the components count and the parent does not, else the parent counts and the components do not.
    """
    known = {key(row) for row in rows}
    children: dict[Hashable, list[Row]] = {}
    for row in rows:
        above = parent(row)
        if above is not None and above in known and above != key(row):
            children.setdefault(above, []).append(row)
    below = {id(row) for group in children.values() for row in group}
    counted: list[tuple[Row, list[Row]]] = []
    for row in rows:
        group = children.get(key(row), [])
        if id(row) in below:
            continue
        if any(priced(child) for child in group):
            counted += [(child, []) for child in group]
        else:
            counted.append((row, group))
    return counted
