"""Somebody who listens: a real server that answers as it is told and keeps what it heard."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Ear:
    """What was heard: headers and body; and what is answered, the last one for ever."""

    answers: Sequence[int] = (200,)
    more: dict[str, str] = field(default_factory=dict)
    body: bytes = b"thanks"
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/in"

    @property
    def uids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.heard]


@contextmanager
def listening(**ways: Any) -> Iterator[Ear]:
    """A server that listens until the block ends."""
    ear = Ear(**ways)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = ear.answers[min(len(ear.heard), len(ear.answers) - 1)]
            ear.heard.append(({name.lower(): value for name, value in self.headers.items()}, body))
            if status == 0:  # says nothing
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {"Content-Length": str(len(ear.body)), **ear.more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(ear.body)

        def log_message(self, *_: Any) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ear.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield ear
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
