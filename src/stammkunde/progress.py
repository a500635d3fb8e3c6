"""How long work tells how far it is: any function of a step's name and the share of it that is done.

An example::

    def tell(step: str, share: float | None) -> None:
        print(step, "…" if share is None else f"{share:.0%}")

    read_orders("orders.csv", progress=tell)
"""

from collections.abc import Callable

#: Called with the name of a step and the share of it that is done (0 to 1; None where it cannot be known).
Progress = Callable[[str, float | None], None]


def silent(step: str, share: float | None) -> None:
    """Say nothing: the default."""
    del step, share
