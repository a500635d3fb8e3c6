"""Birthdays as sources write them. Only month and day matter: where the year is not told, it is 1904, a leap year."""

import re
from datetime import date

NO_YEAR = 1904
OLDEST = 1900  # before it, a year is one that a form has put there
_FORMS = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d\d?)-(?P<d>\d\d?)(?:[T ].*)?"),
    re.compile(r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)"),
    re.compile(r"(?:--)?(?P<m>\d\d)-(?P<d>\d\d)"),  # --05-17, as vCards have it
    re.compile(r"(?P<d>\d\d?)\.\s?(?P<m>\d\d?)\.\s?(?P<y>\d{4})?"),
)


def birthday(text: str) -> date | None:
    """The day of a text such as 1990-05-17, 17.05.1990, 05-17 or a moment, whose day counts as it is written; None for
    what is none. Nothing is guessed of 3/4/1990, which is one day in London and another in New York."""
    for form in _FORMS:
        found = form.fullmatch(text.strip())
        if found:
            parts = found.groupdict()
            year = int(parts.get("y") or NO_YEAR)
            try:
                return date(year if year >= OLDEST else NO_YEAR, int(parts["m"]), int(parts["d"]))
            except ValueError:  # the 30th of February, or nothing but zeros
                return None
    return None
