"""DMARC (RFC 7489, with the walk up the tree of its successor): what a domain asks of receivers, and which domains
count as one with it."""

from dataclasses import dataclass

from stammkunde.server.mail.deliverability.dkim import tags
from stammkunde.server.mail.deliverability.names import Names

DEEPEST = 8  # labels that are asked about
POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True)
class Policy:
    """What was found: where, what is asked, and how strictly names are compared. `many` records are none."""

    domain: str
    policy: str
    strict_spf: bool = False
    strict_dkim: bool = False
    reports: bool = False
    many: bool = False


def policy(names: Names, domain: str) -> Policy | None:
    """The policy of a domain, its own or of a domain above it; None where there is none."""
    labels = domain.split(".")
    above = [labels[start:] for start in range(1, len(labels) - 1)]
    for where in [domain, *[".".join(each) for each in above if len(each) < DEEPEST]]:
        found = [text for text in names.txt(f"_dmarc.{where}") if tags(text).get("v", "").upper() == "DMARC1"]
        if found:
            return _read(where, found, own=where == domain)
    return None


def _read(where: str, found: list[str], *, own: bool) -> Policy:
    said = tags(found[0])
    asked = said.get("p", "") if own else said.get("sp", said.get("p", ""))
    return Policy(
        where,
        asked.lower(),
        said.get("aspf", "r").lower() == "s",
        said.get("adkim", "r").lower() == "s",
        bool(said.get("rua")),
        len(found) > 1,
    )


def aligned(one: str, other: str, *, strict: bool, top: str) -> bool:
    """Whether two domains count as one: the same, or, where that is enough, both under the domain of the policy."""
    if strict or one == other:
        return one == other
    return all(each == top or each.endswith(f".{top}") for each in (one, other))
