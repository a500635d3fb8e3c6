"""Mail servers of every temper: accepting, refusing, greylisting, dropping the line, stalling."""

import asyncio
import email
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Answers = dict[str, str]


@dataclass
class PostOffice:
    """What came to it, in order: (recipient, Message-ID). `at_rcpt` and `at_data` are answers by recipient; an answer
    "drop" ends the line, "keep and drop" takes the message first, "stall" says nothing for a while."""

    came: list[tuple[str, str]] = field(default_factory=list)
    at_mail: str = ""
    at_rcpt: Answers = field(default_factory=dict)
    at_data: Answers = field(default_factory=dict)
    stalls: float = 5.0
    hello: int = 0
    port: int = 0

    @property
    def host(self) -> dict[str, Any]:
        """The options of a sender for it."""
        return {"host": "127.0.0.1", "port": self.port, "security": "none", "timeout": 2, "answer_timeout": 1}

    async def handle_EHLO(  # noqa: N802  the name aiosmtpd calls it by
        self, server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count greetings, and say that commands may come in groups."""
        del server
        session.host_name, self.hello = hostname, self.hello + 1
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer to the sender."""
        if self.at_mail:
            return self.at_mail
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Answer to a recipient."""
        answer = self.at_rcpt.get(address, "250 OK")
        if answer == "drop":
            hang_up(server)
        if answer == "stall":
            await asyncio.sleep(self.stalls)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer to a message."""
        to, content = envelope.rcpt_tos[0], envelope.content or b""
        answer = self.at_data.get(to, "250 OK")
        if answer == "stall":
            await asyncio.sleep(self.stalls)
        if answer.startswith("250") or answer in ("keep and drop", "stall"):
            text = content if isinstance(content, bytes) else content.encode()
            self.came.append((to, str(email.message_from_bytes(text)["message-id"])))
        if "drop" in answer:
            hang_up(server)
        return answer if answer[:1].isdigit() else "250 OK"


def hang_up(server: SMTP) -> None:
    """End a line in the middle of a word."""
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()


@contextmanager
def post_office(**tempers: Any) -> Iterator[PostOffice]:
    """A server of these tempers on a port of its own, while the block lasts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    office = PostOffice(**tempers, port=port)
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()
