"""What goes into a file that somebody opens in a spreadsheet."""

import re

#: How cells begin that spreadsheets take for formulas (OWASP, CSV injection), full-width signs included.
FORMULA = re.compile(r"^[\s\ufeff\x00]*[=+\-@\t\r\n＝＋－＠]")


def harmless(value: object) -> str:
    """A value as text that no spreadsheet runs; nothing for nothing."""
    text = "" if value is None else str(value)
    return f"'{text}" if FORMULA.match(text) else text
