"""A message that left, shown again to whoever has its link: the version, voice and blocks it was sent with.

Its texts are filled in anew: an order that was changed since shows as it is today, and so do products.
"""

from datetime import datetime

from stammkunde.server.mail.models import Send
from stammkunde.server.mail.rendering import contexts
from stammkunde.server.mail.rendering.rendering import Rendered, renderer

LEFT = (Send.State.SENT, Send.State.UNKNOWN, Send.State.HANDING)


def shown_again(pk: int, *, now: datetime) -> Rendered | None:
    """The message; None where it never left, or its customer was forgotten. Nothing is written, no code is given.

    Raises
    ------
    FillingError : what it spoke of is no longer there.
    """
    rows = Send.objects.filter(pk=pk, state__in=LEFT).exclude(customer=None)
    send = rows.select_related("message__version", "customer").first()
    if send is None:
        return None
    gathered = contexts.gather([send], now=now)
    gathered.coupons = contexts.given_before([send])
    voice = gathered.voices[send.pk] = send.voice or gathered.voices[send.pk]
    return renderer(send.message.version, voice).render(gathered.context(send), contexts.shown(send))
