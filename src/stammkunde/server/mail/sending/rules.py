"""The rules of a message, as they are looked at within the claim of every send.

`Message.rules` is a mapping; what it does not say holds as for messages of its kind:

    past_due    "skip", "send" or "reschedule": late, it goes within two days (advertising: skip), within seven
                (others: send), or within seven at the same hour of the next day
    max_age     that time in words ("24h", "2d") or seconds, where it is another
    quiet       whether it waits for the end of the customer's quiet hours (advertising: yes)
    unless      happenings since `Send.since` that make it pointless: the words of `sending.unless`
    categories  of the goods it advertises, beside those of the products it shows: § 7 (3) UWG asks for similar ones
    expected    what it brings, in the smallest unit, where the message itself says so (see `attention.expected`)
    request     what it answers, for mails somebody has asked for
    retry_unknown  whether one whose end is unknown may be handed over once more, under its name (order mails: yes)
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
SKIPPED_AFTER, SENT_UNTIL = timedelta(hours=48), timedelta(days=7)


@dataclass(frozen=True)
class Rules:
    """The rules of a message, with what holds where nothing was said."""

    max_age: timedelta
    quiet: bool
    unless: tuple[str, ...] = ()
    categories: frozenset[str] = frozenset()
    request: str = ""
    retry: bool = False
    reschedule: bool = False


def rules(said: Mapping[str, Any], *, marketing: bool) -> Rules:
    """Read them.

    >>> rules({"max_age": "24h", "unless": ["ordered"]}, marketing=True).max_age
    datetime.timedelta(days=1)

    Raises
    ------
    ValueError : a time is none, or `past_due` is another word.
    """
    policy = said.get("past_due", "skip" if marketing else "send")
    if policy not in ("send", "skip", "reschedule"):
        raise ValueError(f"past_due is send, skip or reschedule, not {policy!r}.")
    usual = SKIPPED_AFTER if policy == "skip" else SENT_UNTIL
    return Rules(
        max_age=duration(said["max_age"]) if said.get("max_age") else usual,
        quiet=bool(said.get("quiet", marketing)),
        unless=tuple(map(str, said.get("unless", ()))),
        categories=frozenset(map(str, said.get("categories", ()))),
        request=str(said.get("request", "")),
        retry=bool(said.get("retry_unknown", not marketing)),
        reschedule=policy == "reschedule",
    )


def duration(said: str | float) -> timedelta:
    """A time in words, 90m, 2h, 3d or 2w; or in seconds.

    >>> duration("90m").total_seconds()
    5400.0

    Raises
    ------
    ValueError : it is neither, or none at all.
    """
    if isinstance(said, int | float) and said > 0:
        return timedelta(seconds=said)
    found = re.fullmatch(r"(\d{1,4})([mhdw])", str(said))
    if not found or not int(found[1]):
        raise ValueError(f"{said!r} is no time such as 90m, 2h, 3d or 2w.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
