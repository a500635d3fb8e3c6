"""Chance that comes out the same each time: what is made up of a customer depends on their number alone."""

from zlib import crc32

RANGE = 2**32


def share(what: str, who: object) -> float:
    """A number from 0 up to 1, even over people, and in no step with those for other things."""
    return crc32(f"{who}:{what}:{who}".encode()) / RANGE


def whole(what: str, who: object, low: int, high: int) -> int:
    """A whole number from one up to and with another."""
    return low + int(share(what, who) * (high - low + 1))
