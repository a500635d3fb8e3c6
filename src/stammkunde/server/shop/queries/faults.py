"""Faults in the words of a page: the library and the sources tell them in English, for a shell or a program."""

import re
from functools import cache

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

#: What is raised, with names where it has values; and what a page says instead. A sentence that is missing stays.
SENTENCES = (
    ("There is no host %(host)s.", _("There is no host %(host)s.")),
    ("Check the address of the shop.", _("Check the address of the shop.")),
    ("The shop does not answer: %(why)s", _("The shop does not answer: %(why)s")),
    ("%(url)s is no address of a shop.", _("%(url)s is no address of a shop.")),
    (
        "Enter an address that begins with https://, without user and password in it.",
        _("Enter an address that begins with https://, without user and password in it."),
    ),
    ("%(host)s is an address of the own network.", _("%(host)s is an address of the own network.")),
    (
        "If the shop stands in the own network, an owner can allow that by the API (allow_private).",
        _("If the shop stands in the own network, an owner can allow that by the API (allow_private)."),
    ),
    (
        "The shop does not accept the credentials: enter them again.",
        _("The shop does not accept the credentials: enter them again."),
    ),
    (
        "The shop accepts the credentials, but they may not read this: give them more rights.",
        _("The shop accepts the credentials, but they may not read this: give them more rights."),
    ),
    (
        "There is no such page: check the address of the shop.",
        _("There is no such page: check the address of the shop."),
    ),
    ("The shop answers %(status)s:", _("The shop answers %(status)s:")),
    ("The shop redirects to %(there)s.", _("The shop redirects to %(there)s.")),
    ("Enter that address instead.", _("Enter that address instead.")),
    (
        "The shop answered with something that is not JSON.",
        _("The shop answered with something that is not data. Check that its address is that of the shop."),
    ),
    (
        "A credential has a letter that none has: enter it again.",
        _("A credential has a letter that none has: enter it again."),
    ),
    (
        "The credentials of this source cannot be opened.",
        _("The credentials of this source cannot be opened: enter them again."),
    ),
    (
        "A delivery was refused, since its signature does not fit.",
        _("A delivery was refused, since its signature does not fit."),
    ),
    (
        "If the shop sent it, the secret here is not that of the shop: enter it again.",
        _("If the shop sent it, the secret here is not that of the shop: enter it again."),
    ),
    (
        "This takes more memory than DuckDB may have.",
        _("This file takes more memory than a file may."),
    ),
    (
        "Split the file, look for cells of unusual length, or raise `memory_limit`.",
        _("Split it, or look for cells of unusual length."),
    ),
    ("There is no column %(column)s for %(name)s.", _("There is no column %(column)s for %(name)s.")),
    ("No column was found for %(fields)s.", _("In this file no column was recognised for: %(fields)s.")),
    (
        "Name the columns yourself: customer=, date= and amount=, or --customer, --date and --amount.",
        _("Say below which column is what."),
    ),
    ("Columns are: %(columns)s.", _("Columns are: %(columns)s.")),
    (
        "Dates such as %(example)s may be read day first or month first; %(why)s.",
        _("Dates such as %(example)s may be read day first or month first."),
    ),
    (
        'Say which comes first: date_format="%d/%m/%Y" or "%m/%d/%Y" (or --date-format).',
        _("Say below which comes first."),
    ),
    ("Amounts are in %(number)s currencies: %(codes)s.", _("Amounts are in %(number)s currencies: %(codes)s.")),
    ("This is neither CSV nor Parquet.", _("This is neither CSV nor Parquet.")),
    ("Save it as CSV and try again.", _("Save it as CSV and try again.")),
    ("This file is empty.", _("This file is empty.")),
    ("The same file is in already.", _("The same file is in already.")),
    ("Nothing has to be done.", _("Nothing has to be done.")),
    ("This is a spreadsheet or a zip archive.", _("This is a spreadsheet or a zip archive.")),
    (
        "Unpack it, or save the orders as CSV, and try again.",
        _("Unpack it, or save the orders as CSV, and try again."),
    ),
)


def told(fault: str) -> str:
    """A fault in the reader's language, sentence by sentence."""
    for pattern, shown in _patterns():
        if found := pattern.search(fault):
            said = gettext(shown) % found.groupdict() if found.re.groups else gettext(shown)
            fault = fault[: found.start()] + said + fault[found.end() :]
    return fault


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(_pattern(raised)), shown) for raised, shown in SENTENCES]


def _pattern(raised: str) -> str:
    """The sentence with its values open; one that begins with a value begins where a sentence does."""
    parts = re.split(r"%\((\w+)\)s", raised)
    body = "".join(f"(?P<{part}>.+?)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
    before = r"(?:(?<=[.:]\s)|^)" if raised.startswith("%(") else r"(?:(?<=\s)|^)"
    return before + body + (r"(?=\s|$)" if not raised.endswith("s") else "$")
