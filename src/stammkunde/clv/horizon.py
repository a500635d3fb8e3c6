"""How far ahead: "39w", "273d", "12m", "1y", or a number of the history's units."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from stammkunde.errors import InputError

_PATTERN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([dwmy])?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Horizon:
    """A span of `days` after the history's last day, and the words it was asked in."""

    days: float
    text: str

    @classmethod
    def of(cls, asked: "Horizon | str | float", *, until: date, days_per_unit: float) -> "Horizon":
        """Read a horizon; months and years are calendar ones from `until` (12m from 31 January is 365 or 366 days).

        Raises
        ------
        InputError : not a positive length of time.
        """
        if isinstance(asked, Horizon):
            return asked
        found = _PATTERN.fullmatch(str(asked))
        count = float(found[1]) if found else 0.0
        if found is None or count <= 0:
            raise InputError(
                f"{asked!r} is not a length of time.",
                advice='Write a number and d, w, m or y, such as "90d", "39w", "12m" or "1y".',
            )
        letter = (found[2] or "").lower()
        if letter in {"m", "y"}:
            months = count * (12 if letter == "y" else 1)
            return cls(_months_after(until, months), str(asked).strip())
        return cls(count * {"d": 1.0, "w": 7.0, "": days_per_unit}[letter], str(asked).strip())


def _months_after(until: date, months: float) -> float:
    whole = int(months)
    year, month = divmod(until.year * 12 + until.month - 1 + whole, 12)
    if year > date.max.year - 1:
        raise InputError("The horizon ends beyond the calendar.", advice="Ask for a few years at most, such as 5y.")
    end = date(year, month + 1, min(until.day, monthrange(year, month + 1)[1]))
    rest = (months - whole) * 365.25 / 12
    return float((end - until) / timedelta(days=1)) + rest
