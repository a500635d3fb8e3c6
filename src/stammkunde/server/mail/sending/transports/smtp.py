"""SMTP over a connection that is kept: one a thread. Commands go in groups where the server can take them (RFC 2920),
which saves two of four round trips a message.

Once the last line of a message has left, only the server knows whether it took it: without an answer it is unknown.
Before that, nothing was taken, whatever happens.
"""

import contextlib
import re
import smtplib
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from stammkunde.server.mail.models import Sender
from stammkunde.server.mail.sending.transports.base import ConfigurationError, Outcome, ProviderError, Receipt

TIMEOUT = 60.0  # seconds for an answer
ANSWER = 300.0  # for that to the message itself: servers look through it first (RFC 5321 4.5.3.2.6 asks for more)
AT_ONCE = 500  # messages of a connection; servers end those that go on for ever
NOT_OURS = frozenset({530, 534, 535, 538})  # about who we are, not about whom we write to
RELAY = re.compile(r"relay|authenticat", re.IGNORECASE)
ADDRESS = re.compile(r"[^\s<>\"@\x00-\x1f\x7f]+@[^\s<>\"@\x00-\x1f\x7f]+")
Reply = tuple[int, str]


class Smtp:
    """A session with a server; connects when the first message comes, and again after some."""

    provider = "smtp"

    def __init__(self, options: Mapping[str, Any], password: str) -> None:
        self.options, self.password = options, password
        self.server: smtplib.SMTP | None = None
        self.sent = 0
        self.dirty = False  # a transaction was begun that has to be reset

    def send(self, envelope_from: str, to: str, message: bytes) -> Receipt:
        """See `Session`."""
        try:
            recipient = ascii_address(to)
        except ValueError as error:
            return Receipt(Outcome.REFUSED, str(error), "address")
        if self.server is not None and self.sent >= int(self.options.get("per_connection") or AT_ONCE):
            self.close()
        server = self.server or self._connect()
        self.sent += 1
        try:
            stopped = self._announce(server, envelope_from, recipient)
            if stopped is None:
                server.send(whole(message))
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise ProviderError(f"The connection broke before the message had left: {_said(error)}") from error
        receipt = stopped or self._answer(server)
        if receipt.broken:
            self.close()
        return receipt

    def close(self) -> None:
        """See `Session`."""
        server, self.server = self.server, None
        if server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                _patient(server, 2.0)
                server.send(b"QUIT\r\n")
            server.close()

    def _connect(self) -> smtplib.SMTP:
        try:
            self.server = self._greet()
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError, ssl.SSLError) as error:
            if getattr(error, "smtp_code", 500) < 500:  # 454: cannot look the password up just now
                raise ProviderError(_said(error)) from error
            raise ConfigurationError(_said(error)) from error
        except (OSError, smtplib.SMTPException) as error:
            raise ProviderError(_said(error)) from error
        self.sent, self.dirty = 0, False
        return self.server

    def _greet(self) -> smtplib.SMTP:
        host, security = str(self.options.get("host") or "localhost"), self.options.get("security") or "starttls"
        port = int(self.options.get("port") or {"tls": 465, "starttls": 587}.get(str(security), 25))
        timeout = float(self.options.get("timeout") or TIMEOUT)
        about: dict[str, Any] = {"local_hostname": _own_name(), "timeout": timeout}
        if security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, context=ssl.create_default_context(), **about)
        else:
            server = smtplib.SMTP(host, port, **about)
        try:
            server.ehlo_or_helo_if_needed()
            if security == "starttls":
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            if self.options.get("user"):
                server.login(str(self.options["user"]), self.password)
        except BaseException:
            server.close()
            raise
        return server

    def _announce(self, server: smtplib.SMTP, envelope_from: str, to: str) -> Receipt | None:
        """Say from whom and to whom; None where the server now waits for the message."""
        lines = [*(["RSET"] if self.dirty else []), f"MAIL FROM:<{envelope_from}>", f"RCPT TO:<{to}>", "DATA"]
        self.dirty = True
        if not server.has_extn("pipelining"):
            return self._one_by_one(server, lines)
        server.send("".join(f"{line}\r\n" for line in lines).encode("ascii"))
        replies = [_reply(server) for _ in lines]
        if replies[0][0] >= 300 and lines[0] == "RSET":
            raise smtplib.SMTPServerDisconnected(replies[0][1])
        mail, rcpt, go = replies[-3:]
        stopped = _of_mail(mail) or _of_rcpt(rcpt) or _of_data(go)
        if stopped is not None and go[0] == 354:  # it waits for a message although it knows no recipient
            server.send(b".\r\n")
            _reply(server)
        return stopped

    def _one_by_one(self, server: smtplib.SMTP, lines: list[str]) -> Receipt | None:
        for line in lines:
            server.send(f"{line}\r\n".encode("ascii"))
            reply = _reply(server)
            judge = {"MAIL": _of_mail, "RCPT": _of_rcpt, "DATA": _of_data}.get(line[:4])
            stopped = judge(reply) if judge else None
            if stopped is not None:
                return stopped
        return None

    def _answer(self, server: smtplib.SMTP) -> Receipt:
        """What the server says to the message that it has."""
        try:
            _patient(server, float(self.options.get("answer_timeout") or ANSWER))
            code, text = _reply(server)
            _patient(server, float(self.options.get("timeout") or TIMEOUT))
        except (OSError, smtplib.SMTPException) as error:
            return Receipt(Outcome.UNKNOWN, _said(error), "no_answer", broken=True)
        self.dirty = code >= 300
        if code < 300:
            return Receipt(Outcome.SENT, f"{code} {text}")
        outcome = Outcome.LATER if code < 500 else Outcome.REFUSED
        return Receipt(outcome, f"{code} {text}", "put_off" if code < 500 else "content", broken=code == 421)


def session(sender: Sender, secrets: Mapping[str, str]) -> Smtp:
    """The server that the options name: host, port, security (starttls, tls, none), user, timeout, per_connection."""
    return Smtp(sender.options, secrets.get("password", ""))


def ascii_address(address: str) -> str:
    """An address as it may stand in a command: its domain in ASCII (IDNA), nothing in it that ends a line.

    Raises
    ------
    ValueError : it is none, or its local part is not in ASCII.
    """
    if not ADDRESS.fullmatch(address):
        raise ValueError("This is no address.")
    local, _, domain = address.rpartition("@")
    try:
        return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError as error:
        raise ValueError("This address has letters that servers cannot be told.") from error


def whole(message: bytes) -> bytes:
    """A message as it goes over the line: lines end in CRLF, those that begin with a dot get another, a dot ends it."""
    if not message.count(b"\n") == message.count(b"\r") == message.count(b"\r\n"):  # a lone one ends lines for some
        message = re.sub(rb"\r?\n|\r(?!\n)", b"\r\n", message)
    if b"\n." in message or message.startswith(b"."):
        message = re.sub(rb"(?m)^\.", b"..", message)
    return message + (b".\r\n" if message.endswith(b"\r\n") else b"\r\n.\r\n")


def _reply(server: smtplib.SMTP) -> Reply:
    code, text = server.getreply()
    return code, text.decode("utf-8", "replace").replace("\n", " ")


def _of_mail(reply: Reply) -> Receipt | None:
    """Nothing in it depends on the recipient: a no here is about us."""
    code, text = reply
    if code < 300:
        return None
    if code >= 500:
        raise ConfigurationError(f"{code} {text}")
    raise ProviderError(f"{code} {text}")


def _of_rcpt(reply: Reply) -> Receipt | None:
    code, text = reply
    if code < 300:
        return None
    if code == 421:
        raise ProviderError(f"{code} {text}")
    if code in NOT_OURS or (code >= 500 and RELAY.search(text)):
        raise ConfigurationError(f"{code} {text}")
    if code >= 500:
        return Receipt(Outcome.REFUSED, f"{code} {text}", "recipient")
    return Receipt(Outcome.LATER, f"{code} {text}", "put_off")


def _of_data(reply: Reply) -> Receipt | None:
    code, text = reply
    if code == 354:
        return None
    if code == 421:
        raise ProviderError(f"{code} {text}")
    if code in NOT_OURS:
        raise ConfigurationError(f"{code} {text}")
    outcome = Outcome.REFUSED if code >= 500 else Outcome.LATER
    return Receipt(outcome, f"{code} {text}", "content" if code >= 500 else "put_off")


def _patient(server: smtplib.SMTP, seconds: float) -> None:
    """How long to wait for what comes next."""
    if server.sock is None:
        raise smtplib.SMTPServerDisconnected("The line is closed.")
    server.sock.settimeout(seconds)


def _said(error: BaseException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        raw = error.smtp_error
        return f"{error.smtp_code} {raw.decode('utf-8', 'replace') if isinstance(raw, bytes) else raw}"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _own_name() -> str:
    """What we call ourselves: the name of the address that the shop's links lead to. Looking for it may take
    seconds."""
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"
