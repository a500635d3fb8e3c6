"""A mailbox that speaks as much of IMAP as is needed to fetch what is unread, on a port of this machine."""

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Mailbox(socketserver.ThreadingTCPServer):
    """Mails by number, those that were seen, and what is to break: the connection before a mark is taken."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, mails: list[bytes], *, password: str = "secret", breaks: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), Talk)
        self.mails = dict(enumerate(mails, 1))
        self.seen: set[int] = set()
        self.password, self.breaks = password, breaks

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])


class Talk(socketserver.StreamRequestHandler):
    """One conversation."""

    server: Mailbox

    def handle(self) -> None:
        """Greet, and answer line by line."""
        self.say("* OK here")
        for raw in iter(self.rfile.readline, b""):
            tag, _, rest = raw.decode().strip().partition(" ")
            if not self.answer(tag, rest):
                return

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def answer(self, tag: str, rest: str) -> bool:
        word, box = rest.split(" ", 2)[:2], self.server
        if word[0] == "CAPABILITY":
            self.say("* CAPABILITY IMAP4rev1")
        elif word[0] == "LOGIN" and not rest.endswith(f'"{box.password}"'):
            self.say(f"{tag} NO wrong")
            return True
        elif word[0] == "SELECT":
            self.say(f"* {len(box.mails)} EXISTS")
        elif word == ["UID", "SEARCH"]:
            self.say("* SEARCH " + " ".join(str(n) for n in sorted(box.mails) if n not in box.seen))
        elif word == ["UID", "FETCH"]:
            self.fetch(int(re.findall(r"\d+", rest)[0]))
        elif word == ["UID", "STORE"]:
            if box.breaks:
                return False
            box.seen.add(int(re.findall(r"\d+", rest)[0]))
        self.say(f"{tag} OK done")
        return True

    def fetch(self, number: int) -> None:
        mail = self.server.mails[number]
        self.wfile.write(b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n%b)\r\n" % (number, number, len(mail), mail))


@contextmanager
def mailbox(mails: list[bytes], **more: Any) -> Iterator[Mailbox]:
    """One that is open for a while."""
    with Mailbox(mails, **more) as box:
        threading.Thread(target=box.serve_forever, args=(0.05,), daemon=True).start()
        yield box
        box.shutdown()
