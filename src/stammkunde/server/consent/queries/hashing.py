"""Addresses as hashes that outlive erasure: the same address is always the same hash, here and nowhere else."""

import hashlib
import hmac
import secrets

from stammkunde.server.consent.models import Pepper


def digest(address: str) -> str:
    """The hash of an address, however it is written."""
    return hmac.new(_pepper().encode(), address.strip().lower().encode(), hashlib.sha256).hexdigest()


def _pepper() -> str:
    found = Pepper.objects.order_by("pk").values_list("value", flat=True).first()
    if found is None:
        Pepper.objects.create(value=secrets.token_hex(32))
        found = str(Pepper.objects.order_by("pk").values_list("value", flat=True).first())
    return found


def digests(addresses: list[str]) -> dict[str, str]:
    """Hash to address, for many: the pepper is read once."""
    pepper = _pepper().encode()
    return {hmac.new(pepper, each.strip().lower().encode(), hashlib.sha256).hexdigest(): each for each in addresses}
