"""What is known, as a mail says it: money, days, names and addresses, in the language of its voice."""

import re
from collections.abc import Collection
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings

from stammkunde.server.lib.money import major, places
from stammkunde.server.mail.rendering.voices import language_of

SPACE = "\N{NO-BREAK SPACE}"
SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}
MONTHS = {
    "en": (
        *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
        *("November", "December"),
    ),
    "de": (
        *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November"),
        "Dezember",
    ),
}
TITLES = frozenset(
    {"dr", "dr.", "prof", "prof.", "herr", "frau", "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "dipl.-ing."}
)
#: What makes a name an advertisement: forms are filled in by machines that have others' mails carry their links.
NOT_A_NAME = re.compile(r"https?:|www\.|[/\\<>{}@]|\d|\.\w{2,}\b", re.IGNORECASE)
#: What a program of mail would make a link of.
LINKED = re.compile(r"\S*(?:https?:|www\.|://)\S*", re.IGNORECASE)
LONGEST_NAME, LONGEST_TITLE = 60, 160


@lru_cache(maxsize=20_000)
def money(amount: int, currency: str, voice: str) -> str:
    """€12.90, or 12,90 €; a currency without a sign by its code."""
    digits = f"{abs(major(amount, currency)):,.{places(currency)}f}"
    sign = "−" if amount < 0 else ""
    symbol = SYMBOLS.get(currency, currency)
    if language_of(voice) == "de":
        return f"{sign}{digits.translate({ord(','): '.', ord('.'): ','})}{SPACE}{symbol}"
    return f"{sign}{symbol}{digits}" if currency in SYMBOLS else f"{sign}{digits}{SPACE}{symbol}"


def amount(said: int | None, currency: str, voice: str) -> str | None:
    """Money, or nothing where it is nothing or not known."""
    return money(said, currency, voice) if said else None


def day(when: datetime, voice: str) -> str:
    """3 May 2026, or 3. Mai 2026: the day it was in the shop."""
    there = when.astimezone(ZoneInfo(settings.SHOP_ZONE))
    language = language_of(voice)
    dot = "." if language == "de" else ""
    return f"{there.day}{dot} {MONTHS[language][there.month - 1]} {there.year}"


def moment(when: datetime, voice: str) -> str:
    """3 May 2026, 14:07, or 3. Mai 2026, 14:07 Uhr: as the clock stood in the shop."""
    there = when.astimezone(ZoneInfo(settings.SHOP_ZONE))
    return f"{day(when, voice)}, {there:%H:%M}{' Uhr' if language_of(voice) == 'de' else ''}"


def percent(share: int, voice: str) -> str:
    """10%, or 10 %."""
    return f"{share}{SPACE}%" if language_of(voice) == "de" else f"{share}%"


def name(said: str) -> str | None:
    """A name as it may stand in a mail; none where it carries a link or is no name."""
    clean = " ".join(said.split())
    return clean if clean and len(clean) <= LONGEST_NAME and not NOT_A_NAME.search(clean) else None


def first_name(said: str) -> str | None:
    """The first name: of "Dr. Anna Muster", and of "Muster, Anna"."""
    clean = name(said)
    if clean is None:
        return None
    last, comma, first = clean.partition(",")
    words = [each for each in (first if comma else last).split() if each.lower() not in TITLES]
    return words[0] if words and (len(words) > 1 or comma) else None


def title(said: str) -> str:
    """A title of somebody else's writing, without what would become a link."""
    clean = " ".join(LINKED.sub("", said).split())
    return clean if len(clean) <= LONGEST_TITLE else f"{clean[: LONGEST_TITLE - 1]}…"


def web(url: str, otherwise: str) -> str:
    """An address of the web, or another where it is none."""
    return url if url.startswith(("https://", "http://")) and not re.search(r"[\s\"<>\\]", url) else otherwise


def picture(url: str) -> str | None:
    """The address of a picture; none where it would be loaded without encryption, which mail programs refuse."""
    return url if url.startswith("https://") and not re.search(r"[\s\"<>\\]", url) else None


def of_hosts(url: str, hosts: Collection[str], otherwise: str) -> str:
    """An address at one of these hosts or below them, or another. Carts come from a door whose key is public: else
    anybody could have the shop send mails with a link to anywhere."""
    if web(url, "") == "":
        return otherwise
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return otherwise
    known = any(host == each or host.endswith(f".{each}") for each in hosts)
    return url if known and "@" not in parts.netloc else otherwise


def host_of(said: str) -> str:
    """The host that a setting names, as an address or by itself; empty where it names none."""
    text = said.strip().lower()
    try:
        host = urlsplit(text if "://" in text else f"https://{text}").hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("www.") if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", host) else ""
