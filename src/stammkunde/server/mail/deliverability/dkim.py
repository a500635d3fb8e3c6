"""DKIM (RFC 6376): whether the key that a signature would be checked by stands in the name system, and is good."""

import base64
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from stammkunde.server.mail.deliverability.names import Names

LEAST, WANTED = 1024, 2048  # bits (RFC 8301: at least 1024, should be 2048)


@dataclass(frozen=True)
class Key:
    """A key by its selector; `wrong` is a code where it is none: broken, revoked, old."""

    selector: str
    bits: int = 0
    kind: str = "rsa"
    testing: bool = False
    wrong: str = ""


def key(names: Names, domain: str, selector: str) -> Key | None:
    """The key of a selector; None where there is none."""
    for text in names.txt(f"{selector}._domainkey.{domain}"):
        said = tags(text)
        if "p" in said and said.get("v", "DKIM1") == "DKIM1":
            return _read(selector, said)
    return None


def tags(text: str) -> dict[str, str]:
    """A list of tags, as DKIM and DMARC have it: `v=DKIM1; k=rsa; p=…`."""
    parts = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): value.strip() for name, sign, value in parts if sign}


def _read(selector: str, said: dict[str, str]) -> Key:
    kind, text = said.get("k", "rsa").lower(), "".join(said["p"].split())
    testing = "y" in said.get("t", "").split(":")
    if not text:
        return Key(selector, kind=kind, wrong="revoked")
    if "sha256" not in said.get("h", "sha256").lower().split(":"):
        return Key(selector, kind=kind, wrong="old")
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:  # letters that base64 has not
        return Key(selector, kind=kind, wrong="broken")
    bits = 256 * (len(raw) == 32) if kind == "ed25519" else _bits(raw)
    return Key(selector, bits, kind, testing, "" if bits else "broken")


def _bits(raw: bytes) -> int:
    """Bits of an RSA key; 0 where it is none."""
    try:
        found = load_der_public_key(raw)
    except (ValueError, UnsupportedAlgorithm):
        return 0
    return found.key_size if isinstance(found, RSAPublicKey) else 0
