"""Links people may use without a login, for ever and as often as they like: signed, and telling nothing to others.

A scanner that follows one burns nothing, and who has the link can do no more than its owner: leave, choose, confirm.
"""

from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer

LEAVE, CHOOSE, CONFIRM = "consent.leave", "consent.choose", "consent.confirm"


@dataclass(frozen=True)
class Token:
    """Whom a link is for: the customer, the message it stood in (0: none), and what that was for."""

    customer_id: int
    send_id: int = 0
    purpose: str = "newsletter"


def unsubscribe_url(customer_id: int, send_id: int = 0, purpose: str = "newsletter") -> str:
    """One-click unsubscribe (RFC 8058): a POST leaves, a GET shows a page with a button."""
    return f"{settings.PUBLIC_URL}/p/u/{_sign(LEAVE, [customer_id, send_id, purpose])}"


def preferences_url(customer_id: int, send_id: int = 0) -> str:
    """The page on which somebody chooses what reaches them."""
    return f"{settings.PUBLIC_URL}/p/preferences/{_sign(CHOOSE, [customer_id, send_id])}"


def confirm_url(entry_id: int) -> str:
    """The page on which an address confirms its sign-up."""
    return f"{settings.PUBLIC_URL}/p/confirm/{_sign(CONFIRM, [entry_id])}"


def leaving(token: str) -> Token | None:
    """Whom an unsubscribe link is for; None where nobody here made it."""
    found = _read(LEAVE, token)
    return Token(int(found[0]), int(found[1]), str(found[2])) if found and len(found) == 3 else None


def choosing(token: str) -> Token | None:
    """Whom a link to preferences is for."""
    found = _read(CHOOSE, token)
    return Token(int(found[0]), int(found[1])) if found and len(found) == 2 else None


def confirming(token: str) -> int | None:
    """The entry that a link confirms."""
    found = _read(CONFIRM, token)
    return int(found[0]) if found and len(found) == 1 else None


def _sign(salt: str, what: list[int | str]) -> str:
    return Signer(salt=salt).sign("~".join(str(each) for each in what))


def _read(salt: str, token: str) -> list[str] | None:
    try:
        return Signer(salt=salt).unsign(token).split("~")
    except BadSignature:
        return None
