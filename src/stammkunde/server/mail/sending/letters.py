"""Letters as people get them: read in sets, filled in one by one, from and to whom it is written on them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings

from stammkunde.server.mail.incoming.links import measured
from stammkunde.server.mail.incoming.return_path import address_for
from stammkunde.server.mail.models import Send, Sender
from stammkunde.server.mail.queries.measuring import levels
from stammkunde.server.mail.rendering import contexts, mime
from stammkunde.server.mail.rendering.contexts import Context, Gathered
from stammkunde.server.mail.rendering.rendering import Rendered, renderer
from stammkunde.server.mail.rendering.voices import language_of
from stammkunde.server.mail.sending.handing import Letter
from stammkunde.server.mail.sending.names import header_ids


class Letters:
    """Writes the letters of a set at a moment."""

    def __init__(self, sender: Sender, now: datetime) -> None:
        self.sender, self.now = sender, now
        self.gathered: dict[int, Gathered] = {}
        self.names: dict[int, str] = {}
        self.levels: dict[int, str] = {}
        self.host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"

    def look(self, sends: Sequence[Send]) -> Mapping[int, Collection[str]]:
        """See `preparing.Composer`."""
        found = contexts.gather(sends, now=self.now, sender=self.sender)
        self.gathered |= dict.fromkeys((each.pk for each in sends), found)
        self.names |= header_ids([each.pk for each in sends], sender=self.sender)
        if self.sender.tracking != Sender.Tracking.NONE:
            self.levels |= levels(sends, now=self.now, sender=self.sender)
        return found.goods

    def keep(self, sends: Sequence[Send]) -> None:
        """See `preparing.Composer`: codes are given to those that leave, not to all that were looked at."""
        left = {each.pk for each in sends}
        for found in {id(each): each for each in self.gathered.values()}.values():
            found.sends = [each for each in found.sends if each.pk in left]

    def write(self, send: Send) -> Letter:
        """See `preparing.Composer`."""
        found = self.gathered[send.pk]
        voice, context = found.voices[send.pk], found.context(send)
        mail = renderer(send.message.version, voice).render(context, contexts.shown(send))
        # A row that was handed over before keeps its name, though the address of the shop be another one by now.
        name = send.header_id if send.attempts and send.header_id.startswith("<") else self.names[send.pk]
        send.voice, send.subject, send.header_id = voice, mail.subject, name
        message = mime.build(self._letter(send, context, mail))
        return Letter(send, self._return_path(send), send.address, message)

    def _letter(self, send: Send, context: Context, mail: Rendered) -> mime.Letter:
        """What stands above the text; the list and the way out only where it is advertising, in whole or in part."""
        leave, message = context["links"]["unsubscribe"] or "", send.message
        return mime.Letter(
            from_address=self._from(context),
            from_name=self.sender.name or str(context["shop"]["name"]),
            reply_to=self.sender.reply_to,
            to_address=send.address,
            to_name=send.customer.name if send.customer else "",
            subject=send.subject,
            html=measured(mail.html, send=send, level=self.levels.get(send.pk, Sender.Tracking.NONE)),
            text=mail.text,
            message_id=send.header_id,
            date=self.now,
            language=language_of(send.voice),
            unsubscribe=leave,
            list_id=f"{message.purpose.replace('_', '-')}.{self.host}" if leave else "",
            list_name=str(context["shop"]["name"]) if leave else "",
            feedback_id=f"{message.pk}:{message.purpose}:{message.origin}:{self.host}",
        )

    def _from(self, context: Context) -> str:
        """Before anything is set up (nothing leaves then), the imprint's address or one that cannot be written to."""
        return self.sender.address or str(context["shop"]["email"] or "") or f"shop@{self.host}"

    def _return_path(self, send: Send) -> str:
        signed = address_for(send.pk, return_address=self.sender.return_address)
        return signed or self.sender.address
