"""Asking the name system. What is not there is an empty answer; not being told is an error of its own."""

import time
from typing import Any, Protocol

from dns.exception import DNSException
from dns.name import EmptyLabel, LabelTooLong, NameTooLong
from dns.resolver import NXDOMAIN, NoAnswer, NoNameservers, Resolver
from dns.reversename import from_address

EACH, ALL = 3.0, 20.0  # seconds for a question, and for all of a check


class SilentError(Exception):
    """The name system did not say: a time-out, or a server that fails. Nothing follows from it."""


class Names(Protocol):
    """What is asked. Names come without the dot at their end."""

    def txt(self, name: str) -> list[str]:
        """Texts, each put together from its parts."""

    def mx(self, name: str) -> list[tuple[int, str]]:
        """Preference and host of the servers that take mail."""

    def addresses(self, name: str) -> list[str]:
        """IPv4 and IPv6 addresses."""

    def back(self, address: str) -> list[str]:
        """Names that an address goes by."""


class Live:
    """The name system, asked through the servers of this machine; patient up to a limit for all questions together."""

    def __init__(self, resolver: Resolver | None = None) -> None:
        self.resolver = resolver
        self.ends = time.monotonic() + ALL

    def txt(self, name: str) -> list[str]:
        """See `Names`."""
        return [b"".join(each.strings).decode("utf-8", "replace") for each in self._ask(name, "TXT")]

    def mx(self, name: str) -> list[tuple[int, str]]:
        """See `Names`."""
        return sorted((each.preference, str(each.exchange).rstrip(".").lower()) for each in self._ask(name, "MX"))

    def addresses(self, name: str) -> list[str]:
        """See `Names`."""
        return [str(each.address) for kind in ("A", "AAAA") for each in self._ask(name, kind)]

    def back(self, address: str) -> list[str]:
        """See `Names`."""
        return [str(each.target).rstrip(".").lower() for each in self._ask(str(from_address(address)), "PTR")]

    def _ask(self, name: str, kind: str) -> list[Any]:  # rows of the kind that was asked for
        left = self.ends - time.monotonic()
        if left <= 0:
            raise SilentError(name)
        try:
            self.resolver = self.resolver or Resolver()
            return list(self.resolver.resolve(name, kind, lifetime=min(EACH, left), search=False))
        except (NXDOMAIN, NoAnswer, EmptyLabel, LabelTooLong, NameTooLong, UnicodeError):
            return []
        except (NoNameservers, DNSException) as error:
            raise SilentError(f"{name} {kind}: {error}"[:200]) from error
