"""The address that what cannot be delivered comes back to: one for every message, signed, so that a report about it is
known to be about it, whatever the report itself names."""

import base64
import hashlib
import hmac
import re

from django.conf import settings

_TAG = re.compile(r"([0-9a-z]{1,13})\.([a-z2-7]{16})")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def address_for(send_id: int, *, return_address: str) -> str:
    """The return path of a message: `bounce+<message>.<signature>@shop`; nothing where the shop has no such address."""
    local, at, domain = return_address.strip().rpartition("@")
    if not at:
        return ""
    return f"{local}+{_written(send_id)}.{_signed(send_id, settings.SECRET_KEY)}@{domain}"


def send_of(address: str, *, return_address: str) -> int | None:
    """The message that an address was made for; nothing where it was not made here, or somebody changed it. Mail
    systems may write it in capitals."""
    local, _, domain = return_address.strip().lower().rpartition("@")
    said, _, where = address.strip().lower().rpartition("@")
    name, _, tag = said.rpartition("+")
    match = _TAG.fullmatch(tag)
    if not local or (name, where) != (local, domain) or match is None:
        return None
    send_id = int(match[1], 36)
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return send_id if any(hmac.compare_digest(_signed(send_id, key), match[2]) for key in keys) else None


def _signed(send_id: int, key: str) -> str:
    """Eighty bits, in letters that survive a change of case."""
    mark = hmac.new(f"mail.return_path:{key}".encode(), str(send_id).encode(), hashlib.sha256).digest()[:10]
    return base64.b32encode(mark).decode().lower()


def _written(number: int) -> str:
    said = ""
    while number:
        number, digit = divmod(number, 36)
        said = _DIGITS[digit] + said
    return said or "0"
