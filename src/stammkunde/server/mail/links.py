"""The address under which a mail can be read in a browser: signed, and good for as long as the mail is kept."""

from django.conf import settings
from django.core.signing import BadSignature, Signer

VIEW = "mail.view"


def view_url(send_id: int) -> str:
    """The page that shows a message as it was sent."""
    return f"{settings.PUBLIC_URL}/p/m/{Signer(salt=VIEW).sign(str(send_id))}"


def viewing(token: str) -> int | None:
    """The message a link is for; None where nobody here made it."""
    try:
        return int(Signer(salt=VIEW).unsign(token))
    except (BadSignature, ValueError):
        return None
