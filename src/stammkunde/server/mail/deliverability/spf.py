"""SPF (RFC 7208): which servers may send in a domain's name, and what it costs to find out."""

import ipaddress
import re
from dataclasses import dataclass, field

from stammkunde.server.mail.deliverability.names import Names

MOST = 10  # questions a receiver asks (4.6.4); beyond it nothing passes
VOID = 2  # of them without an answer
SERVERS = 10  # of one MX
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_LENGTHS = r"((?:/\d{1,3})?(?://\d{1,3})?)"
_TERM = re.compile(rf"([+\-~?])?(all|include|a|mx|ptr|exists)(?::([^/]+))?{_LENGTHS}", re.IGNORECASE)
_NETWORK = re.compile(r"([+\-~?])?ip[46]:(\S+)", re.IGNORECASE)
_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(\S*)")
RESULTS = {"+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}


class WrongError(Exception):
    """The record cannot be read, or asks too much: receivers treat it as if it allowed nobody."""


@dataclass
class Walk:
    """Reading a record and all it names: whom it lets pass, how many questions that took, which records it named."""

    names: Names
    address: Address
    asked: int = 0
    empty: int = 0
    named: set[str] = field(default_factory=set)

    def result(self, domain: str) -> str:
        """pass, fail, softfail, neutral, or none where there is no record.

        Raises
        ------
        WrongError : there are several, or one that cannot be read, or it takes more than ten questions.
        """
        found = records(self.names, domain)
        if not found:
            return "none"
        if len(found) > 1:
            raise WrongError(f"{domain}: {len(found)} records")
        self.named.add(domain.lower())
        onward = ""
        for term in found[0].split()[1:]:
            modifier = _MODIFIER.fullmatch(term)
            if modifier:
                onward = modifier[2] if modifier[1].lower() == "redirect" else onward
                continue
            told = self._term(term, domain)
            if told:
                return told
        if not onward:
            return "neutral"
        self._ask()
        told = self.result(onward)
        if told == "none":
            raise WrongError(f"redirect={onward}")
        return told

    def _term(self, term: str, domain: str) -> str:
        """What a term says of the address; nothing where it is not about it."""
        network = _NETWORK.fullmatch(term)
        if network:
            return RESULTS[network[1] or "+"] if self._within(network[2], term) else ""
        found = _TERM.fullmatch(term)
        if not found or (not found[3] and found[2].lower() in ("include", "exists")):
            raise WrongError(term)
        sign, kind, target, lengths = found[1] or "+", found[2].lower(), found[3] or domain, found[4]
        if "%" in target:  # depends on the single mail
            self._ask()
            return ""
        hit = {"all": self._all, "include": self._include, "a": self._a, "mx": self._mx}.get(kind, self._other)
        return RESULTS[sign] if hit(target, lengths) else ""

    def _within(self, text: str, term: str) -> bool:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError as error:
            raise WrongError(term) from error
        return self.address in network

    def _all(self, _target: str, _lengths: str) -> bool:
        return True

    def _include(self, target: str, _lengths: str) -> bool:
        self._ask()
        told = self.result(target)
        if told == "none":
            raise WrongError(f"include:{target}")
        return told == "pass"

    def _a(self, target: str, lengths: str) -> bool:
        self._ask()
        return self._among(self._answers(self.names.addresses(target)), lengths)

    def _mx(self, target: str, lengths: str) -> bool:
        self._ask()
        hosts = self.names.mx(target)
        self._answers([host for _, host in hosts])
        if len(hosts) > SERVERS:
            raise WrongError(f"mx:{target}: {len(hosts)} servers")
        return any(self._among(self.names.addresses(host), lengths) for _, host in hosts)

    def _other(self, target: str, _lengths: str) -> bool:
        """`exists`, and `ptr`, which nobody should use any more; neither decides here."""
        self._ask()
        self._answers(self.names.addresses(target))
        return False

    def _among(self, addresses: list[str], lengths: str) -> bool:
        four, _, six = lengths.partition("//")
        length = (six or "128") if self.address.version == 6 else (four.lstrip("/") or "32")
        same = [each for each in addresses if ipaddress.ip_address(each).version == self.address.version]
        return any(self._within(f"{each}/{length}", lengths) for each in same)

    def _ask(self) -> None:
        self.asked += 1
        if self.asked > MOST:
            raise WrongError(f"more than {MOST} questions")

    def _answers(self, found: list[str]) -> list[str]:
        self.empty += not found
        if self.empty > VOID:
            raise WrongError(f"more than {VOID} questions without an answer")
        return found


def records(names: Names, domain: str) -> list[str]:
    """The SPF records of a domain: more than one is a fault."""
    return [text for text in names.txt(domain) if re.match(r"v=spf1(\s|$)", text, re.IGNORECASE)]


def questions(names: Names, domain: str) -> int:
    """How many questions the whole record takes, in the worst case: for an address that nothing matches.

    Raises
    ------
    WrongError : more than ten, or it cannot be read.
    """
    walk = Walk(names, ipaddress.ip_address("192.0.2.1"))  # of documentation (RFC 5737): nobody sends from there
    walk.result(domain)
    return walk.asked


def allowing(existing: list[str], terms: list[str]) -> str:
    """A record that says what the existing ones say, and the terms: to be put in the place of all of them."""
    said = [term for text in existing for term in text.split()[1:]]
    ends = [term.lower() for term in said if re.fullmatch(r"[+\-~?]?all", term, re.IGNORECASE)]
    redirects = [term for term in said if term.lower().startswith("redirect=")]
    kept = [term for term in said if term not in redirects and term.lower() not in ends]
    kept += [f"include:{term.partition('=')[2]}" for term in redirects]
    end = "-all" if ends and set(ends) == {"-all"} else "~all"
    return " ".join(dict.fromkeys(["v=spf1", *kept, *terms, end]))
