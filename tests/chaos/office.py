"""A mail server of every temper, as a process of its own: what it took is in its book before it says so.

    python tests/chaos/office.py PORT BOOK

Its temper towards an address follows from the address: most are served; some are refused, put off the first time, or
cut off in the middle of a word: before the message, or after it was taken and before the answer; some wait for an
answer for longer than anybody would. Every line of the book is "taken ADDRESS MESSAGE-ID".
"""

import hashlib
import re
import socket
import socketserver
import sys
import threading
import time
from pathlib import Path

STALL = 2.5  # seconds; senders wait for one
TEMPERS = (  # of a thousand addresses
    ("unknown here", 20),
    ("put off once", 30),
    ("cut off before", 10),
    ("cut off after", 10),
    ("stalls", 5),
    ("unwanted", 10),
)
NAME = re.compile(rb"^message-id: *(\S+)", re.IGNORECASE | re.MULTILINE)


def temper(address: str) -> str:
    """How it treats an address: always the same way."""
    lot = int.from_bytes(hashlib.sha256(address.encode()).digest()[:4], "big") % 1000
    for name, share in TEMPERS:
        if lot < share:
            return name
        lot -= share
    return "serves"


class Book:
    """What was taken, on paper before it is acknowledged; and whom it has met before."""

    def __init__(self, path: Path) -> None:
        self.file, self.lock = path.open("ab", buffering=0), threading.Lock()
        self.met: set[str] = set()

    def take(self, address: str, message: bytes) -> None:
        """Write it down."""
        found = NAME.search(message)
        name = found[1].decode() if found else "-"
        with self.lock:
            self.file.write(f"taken {address} {name}\n".encode())

    def first_time(self, address: str) -> bool:
        """Whether this address was never seen before."""
        with self.lock:
            new = address not in self.met
            self.met.add(address)
            return new


class CutOffError(Exception):
    """The line is cut."""


class Clerk(socketserver.StreamRequestHandler):
    """One connection."""

    book: Book

    def handle(self) -> None:
        """Until the other says goodbye, or one of the two goes away."""
        try:
            self._say("220 chaos")
            to = ""
            while line := self.rfile.readline():
                verb = line[:4].upper()
                if verb in (b"EHLO", b"HELO"):
                    self._say("250-chaos\r\n250 PIPELINING")
                elif verb == b"RCPT":
                    to = line.split(b"<")[1].split(b">")[0].decode()
                    self._say(self._recipient(to))
                elif verb == b"DATA":
                    self._say("354 go on" if to else "503 to whom?")
                    self._message(to) if to else None
                    to = ""
                elif verb == b"QUIT":
                    self._say("221 bye")
                    return
                else:
                    to = "" if verb == b"RSET" else to
                    self._say("250 OK")
        except (CutOffError, OSError):
            return

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def _recipient(self, to: str) -> str:
        mood = temper(to)
        if mood == "unknown here":
            return self._none("550 5.1.1 unknown here")
        if mood == "put off once" and self.book.first_time(to):
            return self._none("451 4.7.1 come again later")
        if mood == "cut off before" and self.book.first_time(to):
            raise CutOffError
        return "250 OK"

    def _none(self, answer: str) -> str:
        self._say(answer)
        while (line := self.rfile.readline()) and line[:4].upper() != b"DATA":
            self._say("250 OK")
        return "503 nobody to send it to"

    def _message(self, to: str) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                raise CutOffError  # it went away in the middle: nothing was taken
            lines.append(line)
        mood = temper(to)
        if mood == "unwanted":
            self._say("554 5.7.1 unwanted")
            return
        self.book.take(to, b"".join(lines))
        if mood == "cut off after":
            raise CutOffError
        if mood == "stalls":
            time.sleep(STALL)
        self._say("250 taken")


class Server(socketserver.ThreadingTCPServer):
    """Clerks for as many as come."""

    allow_reuse_address, daemon_threads = True, True
    request_queue_size = 100


def main(port: int, book: Path) -> None:
    """Serve until killed."""
    Clerk.book = Book(book)
    with Server(("127.0.0.1", port), Clerk) as server:
        server.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
