"""Credentials at rest: sealed with a key derived from the secret key, readable after that key was changed."""

import base64
import hashlib
import hmac
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


def seal(secrets: dict[str, Any]) -> str:
    """Text that only this installation can open."""
    return _box().encrypt(json.dumps(secrets).encode()).decode()


def unseal(sealed: str) -> dict[str, Any]:
    """What was sealed; nothing of an empty text.

    Raises
    ------
    ValueError : it was sealed with a key that is no longer known.
    """
    if not sealed:
        return {}
    try:
        found: dict[str, Any] = json.loads(_box().decrypt(sealed.encode()))
    except InvalidToken as error:
        raise ValueError("Sealed with another secret key: name that in STAMMKUNDE_OLD_SECRET_KEYS.") from error
    return found


def same(one: str | bytes, other: str | bytes) -> bool:
    """Equality in constant time."""
    a, b = (part.encode() if isinstance(part, str) else part for part in (one, other))
    return hmac.compare_digest(a, b)


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"seal:" + k.encode()).digest())) for k in keys])
