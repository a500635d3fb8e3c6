"""What a check found."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """As it should be; could be better; mail to many would suffer; or nobody said."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class DnsRecord:
    """A record to be put into the name system, to the letter."""

    name: str
    type: str
    value: str


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: `code` names its words (`words.WORDS`), `about` fills them in."""

    code: str
    level: Level
    about: Mapping[str, str | int] = field(default_factory=dict)
    record: DnsRecord | None = None

    def plain(self) -> dict[str, Any]:
        """As it is kept."""
        return {**asdict(self), "level": str(self.level), "about": dict(self.about)}

    @staticmethod
    def of(kept: Mapping[str, Any]) -> "Finding":
        """As it was kept."""
        record = DnsRecord(**kept["record"]) if kept["record"] else None
        return Finding(kept["code"], Level(kept["level"]), kept["about"], record)


def good(code: str, /, **about: str | int) -> Finding:
    """As it should be."""
    return Finding(code, Level.GOOD, about)


def warn(code: str, record: DnsRecord | None = None, /, **about: str | int) -> Finding:
    """Could be better."""
    return Finding(code, Level.WARN, about, record)


def bad(code: str, record: DnsRecord | None = None, /, **about: str | int) -> Finding:
    """Mail to many would suffer."""
    return Finding(code, Level.BAD, about, record)


def unknown(code: str, /, **about: str | int) -> Finding:
    """Nobody said."""
    return Finding(code, Level.UNKNOWN, about)
