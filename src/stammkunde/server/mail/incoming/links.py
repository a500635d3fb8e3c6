"""Links and pictures by which a shop that measures learns of clicks and openings. Off by default (§ 25 TDDDG).

A link leads nowhere but where it was signed for. Where sums are measured it names the message that went to many, and
nobody; where persons are, who have agreed to it, it names the message that went to them. Ways out (unsubscribe,
preferences, confirmation) are never measured, nor is the plain-text part.
"""

import html
import re
from dataclasses import dataclass

from django.conf import settings
from django.core.signing import BadSignature, Signer

from stammkunde.server.mail.models import Send, Sender

SALT = "mail.measured"
NONE, AGGREGATE, INDIVIDUAL = Sender.Tracking.NONE, Sender.Tracking.AGGREGATE, Sender.Tracking.INDIVIDUAL
LONGEST = 1000  # characters of a link that is measured
_HREF = re.compile(r'(<a\b[^<>]{0,2000}?\bhref=")(https?://[^"<>\s]{1,4000})(")', re.IGNORECASE)
_END = re.compile(r"</body\s*>", re.IGNORECASE)


@dataclass(frozen=True)
class Measured:
    """What a link or picture is about: a message to one (`send_id`) or to many (`message_id`), and where it leads. One
    that leads nowhere is the trap, which no person sees."""

    send_id: int | None
    message_id: int | None
    url: str = ""


def wrap(url: str, *, send: Send, level: str) -> str:
    """The address that leads to `url` and tells of it; `url` itself where nothing is measured, or of it nothing is."""
    ours = url.startswith(f"{settings.PUBLIC_URL}/p/")
    if level == NONE or ours or len(url) > LONGEST or not url.lower().startswith(("https://", "http://")):
        return url
    return f"{settings.PUBLIC_URL}/p/l/{_signed(send, level, url)}"


def picture(*, send: Send, level: str) -> str:
    """The address of the picture that tells of an opening."""
    return f"{settings.PUBLIC_URL}/p/o/{_signed(send, level, '')}.gif"


def measured(page: str, *, send: Send, level: str) -> str:
    """A mail with its links measured, the picture, and where persons are measured the trap for programs."""
    if level == NONE:
        return page

    def put(match: "re.Match[str]") -> str:
        led = wrap(html.unescape(match[2]), send=send, level=level)
        return f"{match[1]}{html.escape(led)}{match[3]}"

    trap = ""
    if level == INDIVIDUAL:
        where = f"{settings.PUBLIC_URL}/p/l/{_signed(send, level, '')}"
        trap = f'<a href="{where}" style="display:none" aria-hidden="true" tabindex="-1" rel="nofollow"></a>'
    seen = f'<img src="{picture(send=send, level=level)}" width="1" height="1" alt="" style="display:block">'
    page, end = _HREF.sub(put, page), trap + seen
    place = _END.search(page)
    return page[: place.start()] + end + page[place.start() :] if place else page + end


def read(token: str) -> Measured | None:
    """What a token is about; None where nobody here made it."""
    try:
        kind, number, url = Signer(salt=SALT).unsign_object(token)
        found = int(number)
    except (BadSignature, ValueError, TypeError):
        return None
    return Measured(found, None, str(url)) if kind == "s" else Measured(None, found, str(url))


def _signed(send: Send, level: str, url: str) -> str:
    about = ["s", send.pk] if level == INDIVIDUAL else ["m", send.message_id]
    return Signer(salt=SALT).sign_object([*about, url])
