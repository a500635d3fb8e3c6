"""Mail that came back, fetched from a mailbox (IMAP). A mail is marked as read only after it is kept here: what happens
between the two is a mail that is taken twice, which is one."""

import imaplib
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from stammkunde.errors import StammkundeError
from stammkunde.server.lib.seal import unseal
from stammkunde.server.mail.actions.hearing import LARGEST, take
from stammkunde.server.mail.models import Sender

MOST = 500  # mails of one visit
TIMEOUT = 60.0


def fetch(*, now: datetime, tell: Callable[[str, int], None] = lambda _doing, _done: None) -> int:
    """Take what is unread in the mailbox that the sender names (`options["imap"]`: host, port, user, folder, security);
    how many. Nothing where none is named.

    Raises
    ------
    StammkundeError : the mailbox cannot be opened as it is set.
    OSError, imaplib.IMAP4.error : it does not answer, or not as a mailbox does.
    """
    sender = Sender.now()
    said = sender.options.get("imap") or {}
    if not said.get("host"):
        return 0
    count = 0
    with _mailbox(said, unseal(sender.secrets).get("imap_password", "")) as box:
        for uid in _unread(box):
            raw = _whole(box, uid)
            if raw is not None:
                take(raw, now=now)
                count += 1
            box.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)")
            tell("Fetching mail", count)
    return count


@contextmanager
def _mailbox(said: dict[str, Any], password: str) -> Iterator[imaplib.IMAP4]:
    box = _connected(said)
    try:
        try:
            box.login(str(said.get("user") or ""), password)
        except imaplib.IMAP4.error as error:
            advice = _("Look at user and password of the mailbox.")
            raise StammkundeError(_("The mailbox does not let us in."), advice=advice) from error
        state, _told = box.select(_quoted(str(said.get("folder") or "INBOX")))
        if state != "OK":
            raise StammkundeError(_("The mailbox has no such folder."), advice=_("INBOX is what most call it."))
        yield box
    finally:
        box.shutdown()


def _connected(said: dict[str, Any]) -> imaplib.IMAP4:
    """A connection, encrypted unless it was said that it need not be."""
    security = str(said.get("security") or "tls")
    host, port = str(said["host"]), int(said.get("port") or (993 if security == "tls" else 143))
    context = ssl.create_default_context()
    if security == "tls":
        return imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=TIMEOUT)
    box = imaplib.IMAP4(host, port, timeout=TIMEOUT)
    if security == "starttls":
        box.starttls(ssl_context=context)
    return box


def _quoted(folder: str) -> str:
    return '"{}"'.format(re.sub(r'[\\"\r\n]', "", folder))


def _unread(box: imaplib.IMAP4) -> list[str]:
    _state, found = box.uid("SEARCH", "UNSEEN")
    return [each.decode() for each in (found[0] or b"").split()[:MOST]]


def _whole(box: imaplib.IMAP4, uid: str) -> bytes | None:
    """A mail as it came, not marked by being looked at; nothing where it went away meanwhile."""
    _state, found = box.uid("FETCH", uid, f"(BODY.PEEK[]<0.{LARGEST}>)")
    return next((bytes(each[1]) for each in found if isinstance(each, tuple)), None)
