"""What rooms do once a backup was put back: what happened after it was made has happened, though no row tells of it."""

from collections.abc import Callable
from datetime import datetime

Then = Callable[[datetime, datetime], object]
THEN: list[Then] = []


def then(function: Then) -> Then:
    """Have a function called after a backup was put back, with the moment it was made and now. Modules named `tasks`
    are the place for it: they are loaded when Django starts."""
    THEN.append(function)
    return function


def tell(*, made_at: datetime, now: datetime) -> None:
    """Tell all rooms."""
    for each in THEN:
        each(made_at, now)
