"""Every way out says in the same words what became of a message, and what kept it from leaving."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from post_offices import post_office
from stammkunde.server.lib.restored import THEN
from stammkunde.server.lib.seal import seal
from stammkunde.server.mail.models import Sender
from stammkunde.server.mail.sending import points
from stammkunde.server.mail.sending.transports import open_session
from stammkunde.server.mail.sending.transports.base import ConfigurationError, Outcome, ProviderError
from stammkunde.server.mail.sending.transports.captured import Captured
from stammkunde.server.mail.sending.transports.smtp import ascii_address, whole
from stammkunde.server.mail.sending_tasks import restored

LETTER = (
    b"From: Shop <shop@shop.example>\r\nTo: anna@example.com\r\nSubject: Hello\r\n"
    b"Message-ID: <7.a@shop.example>\r\n\r\nHi.\r\n"
)


@contextmanager
def api(status: int, answer: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The API of a provider that always gives one answer; its address, and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            if status == 0:
                self.connection.close()
                return
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """In silence."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def postmark(url: str) -> Sender:
    return Sender(transport="postmark", options={"api_url": url}, secrets=seal({"server_token": "secret"}))


TAKEN = {"ErrorCode": 0, "Message": "OK", "MessageID": "b7bc2f4a", "SubmittedAt": "2026", "To": "anna@example.com"}


def test_a_provider_takes_it_and_says_under_which_name() -> None:
    with api(200, TAKEN) as (url, asked):
        session = open_session(postmark(url))
        receipt = session.send("bounce@shop.example", "anna@example.com", LETTER)
        session.close()
    assert (receipt.outcome, receipt.header_id, session.provider) == (Outcome.SENT, "b7bc2f4a", "postmark")
    assert (asked[0]["Subject"], asked[0]["TextBody"].strip()) == ("Hello", "Hi.")
    assert {"Name": "Message-ID", "Value": "<7.a@shop.example>"} in asked[0]["Headers"]


@pytest.mark.parametrize(("status", "outcome"), [(422, Outcome.REFUSED), (500, Outcome.UNKNOWN), (0, Outcome.UNKNOWN)])
def test_what_a_provider_answers_is_about_the_message(status: int, outcome: Outcome) -> None:
    with api(status, {"ErrorCode": 300, "Message": "Invalid email request"}) as (url, _asked):
        session = open_session(postmark(url))
        receipt = session.send("bounce@shop.example", "anna@example.com", LETTER)
        session.close()
    assert receipt.outcome == outcome


@pytest.mark.parametrize(("status", "error"), [(401, ConfigurationError), (429, ProviderError), (503, ProviderError)])
def test_what_a_provider_answers_is_about_us_or_about_itself(status: int, error: type[Exception]) -> None:
    with api(status, {"ErrorCode": 10, "Message": "No"}) as (url, _asked):
        session = open_session(postmark(url))
        with pytest.raises(error):
            session.send("bounce@shop.example", "anna@example.com", LETTER)
        session.close()


def test_a_provider_that_cannot_be_reached_has_taken_nothing() -> None:
    with api(200, {}) as (url, _asked):
        pass
    session = open_session(postmark(url))
    with pytest.raises(ProviderError):
        session.send("bounce@shop.example", "anna@example.com", LETTER)
    session.close()


@pytest.mark.parametrize("name", ["carrier_pigeon", "base", "../os", "postmark", "amazon_ses"])
def test_a_way_that_is_none_or_lacks_its_key_says_so(name: str) -> None:
    with pytest.raises(ConfigurationError):
        open_session(Sender(transport=name))


def test_a_server_without_encryption_is_not_given_the_password() -> None:
    with post_office() as office:
        options = office.host | {"security": "starttls", "user": "shop"}
        session = open_session(Sender(transport="smtp", options=options, secrets=seal({"password": "secret"})))
        with pytest.raises(ConfigurationError):
            session.send("shop@shop.example", "anna@example.com", LETTER)
        session.close()
    assert office.came == []


def test_secrets_sealed_with_a_lost_key_are_a_setting_to_mend() -> None:
    with pytest.raises(ConfigurationError, match="OLD_SECRET_KEYS"):
        open_session(Sender(transport="smtp", secrets="gAAAAABnonsense"))


def test_a_message_kept_twice_is_one_file_and_leaves_the_folder_by_no_name(tmp_path: Path) -> None:
    session = Captured(tmp_path / "mail")
    for letter in (LETTER, LETTER, LETTER.replace(b"7.a@shop", b"../../evil@shop")):
        assert session.send("", "anna@example.com", letter).outcome == Outcome.SENT
    assert len(list((tmp_path / "mail").iterdir())) == 2
    assert [each.name for each in tmp_path.iterdir()] == ["mail"]


@pytest.mark.parametrize(
    "address", ["a\r\nRCPT TO:<b@x.example>", "a b@x.example", "<a@x.example>", "a@", "ä@x.example"]
)
def test_an_address_that_would_be_another_command_is_none(address: str) -> None:
    with pytest.raises(ValueError, match="address"):
        ascii_address(address)


@given(st.lists(st.sampled_from([b"a", b".", b"\r\n", b"\n", b"\r", b"..", b".\r\n"]), max_size=30).map(b"".join))
def test_any_message_ends_once_and_lines_end_as_they_should(body: bytes) -> None:
    sent = whole(body)
    assert sent.endswith(b"\r\n.\r\n") or sent == b".\r\n"
    lines = sent.split(b"\r\n")
    assert lines.index(b".") == len(lines) - 2
    assert not any(b"\n" in line or b"\r" in line for line in lines)


def test_a_restore_tells_the_ledger() -> None:
    assert restored in THEN


@pytest.mark.parametrize("said", ["handed", "handed:x", "elsewhere:3"])
def test_a_point_to_die_at_that_is_none_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match="points are"):
        points.arm(said)
