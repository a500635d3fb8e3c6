"""How a language writes numbers, money, shares, dates and lengths of time."""

import math
import re
from dataclasses import dataclass
from datetime import date

NARROW = "\u00a0"  # no line break between a number and its unit
MINUS = "\u2212"
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥", "CHF": "CHF"}
#: Currencies without minor units (ISO 4217) are never shown with decimal places.
WHOLE = frozenset({"JPY", "KRW", "CLP", "VND", "ISK", "HUF"})


@dataclass(frozen=True)
class Locale:
    """The habits of one language; `spans` names d, w, m and y as they follow "in", `lone_days` the days alone."""

    code: str
    point: str
    comma: str
    percent: str
    million: tuple[str, str]
    months: tuple[str, ...]
    spans: dict[str, tuple[str, str]]
    lone_days: tuple[str, str]
    day_pattern: str
    symbol_first: bool

    def number(self, value: float, places: int = 0) -> str:
        """1,234.5 or 1.234,5; a true minus sign; – for what is not a number."""
        if not math.isfinite(value):
            return "–"
        text = f"{abs(value):,.{places}f}"
        text = text.translate({ord(","): self.comma, ord("."): self.point})
        negative = value < 0 and any(digit in "123456789" for digit in text)
        return MINUS + text if negative else text

    def count(self, value: float) -> str:
        """A whole number."""
        return self.number(round(value) if math.isfinite(value) else value)

    def money(self, value: float, currency: str | None) -> str:
        """An amount as a reader needs it: cents below 100, whole units above, millions in words."""
        if not math.isfinite(value):
            return "–"
        size = abs(value)
        if size >= 9_995_000_000:
            return self._unit(f"{self.number(value / 1e9, 1)}{NARROW}{self.million[1]}", currency)
        if size >= 999_500:
            return self._unit(f"{self.number(value / 1e6, 2)}{NARROW}{self.million[0]}", currency)
        places = 2 if 0 < size < 100 and currency not in WHOLE else 0
        return self._unit(self.number(value, places), currency)

    def exact(self, value: float, currency: str | None) -> str:
        """An amount to the cent, for ledgers that must add up."""
        return self._unit(self.number(value, 0 if currency in WHOLE else 2), currency)

    def share(self, part: float, *, signed: bool = False) -> str:
        """58% or 58 %; one decimal place near the ends, where it matters."""
        if not math.isfinite(part):
            return "–"
        size = abs(part) * 100
        places = 1 if 0 < size < 9.95 or 99 < size < 100 else 0
        text = self.number(100 * part, places)
        if size and not text.strip(f"{MINUS}0{self.point}"):
            text = f"<{NARROW}{self.number(0.1, 1)}"
        elif 99.95 <= size < 100:
            text = f"{MINUS if part < 0 else ''}>{NARROW}{self.number(99.9, 1)}"
        return f"{'+' if signed and part > 0 else ''}{text}{self.percent}"

    def day(self, day: date) -> str:
        """30 Sep 1997 or 30.09.1997."""
        if "%b" in self.day_pattern:
            return f"{day.day}{NARROW}{self.months[day.month - 1]}{NARROW}{day.year}"
        return f"{day.day:02d}.{day.month:02d}.{day.year}"

    def month(self, day: date) -> str:
        """Sep 1997."""
        return f"{self.months[day.month - 1]}{NARROW}{day.year}"

    def days(self, number: float) -> str:
        """A number of days, standing alone."""
        return self._plural(number, self.lone_days)

    def span(self, text: str) -> str:
        """The text "12m" as 12 months, in the case that follows "in"; what is no such text stays as it is."""
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([dwmy])\s*", text, re.IGNORECASE)
        return self._plural(float(found[1]), self.spans[found[2].lower()]) if found else text

    def tick(self, value: float) -> str:
        """A number on an axis: short, with only the places it needs."""
        if abs(value) >= 1e6:
            return f"{self._short(value / 1e6)}{NARROW}{self.million[0]}"
        return self._short(value)

    def _short(self, value: float) -> str:
        places = next((p for p in range(4) if math.isclose(round(value, p), value, abs_tol=1e-9)), 4)
        return self.number(value, places)

    def _plural(self, number: float, words: tuple[str, str]) -> str:
        one, many = words
        written = self._short(round(number, 1))
        return f"{written}{NARROW}{one if written == '1' else many}"

    def _unit(self, written: str, currency: str | None) -> str:
        if currency is None:
            return written
        symbol = SYMBOLS.get(currency, currency)
        if not self.symbol_first or symbol.isalpha():
            return f"{written}{NARROW}{symbol}"
        return f"{MINUS}{symbol}{written[1:]}" if written.startswith(MINUS) else f"{symbol}{written}"


ENGLISH = Locale(
    code="en",
    point=".",
    comma=",",
    percent="%",
    million=("million", "billion"),
    months=("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    spans={"d": ("day", "days"), "w": ("week", "weeks"), "m": ("month", "months"), "y": ("year", "years")},
    lone_days=("day", "days"),
    day_pattern="%d %b %Y",
    symbol_first=True,
)
GERMAN = Locale(
    code="de",
    point=",",
    comma=".",
    percent=f"{NARROW}%",
    million=("Mio.", "Mrd."),
    months=("Jan.", "Feb.", "März", "April", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez."),
    spans={"d": ("Tag", "Tagen"), "w": ("Woche", "Wochen"), "m": ("Monat", "Monaten"), "y": ("Jahr", "Jahren")},
    lone_days=("Tag", "Tage"),
    day_pattern="%d.%m.%Y",
    symbol_first=False,
)
