"""Logs: one JSON object a line, with the id of the request, and without secrets, wherever those stood."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from stammkunde.server.lib.logs import formatter, veiled

SECRETS = ("hunter22", "stk_abcdefghijklmnop", "eyJhbGciOiJI", "0123456789abcdef0123456789abcdef")


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    """What is logged, as text."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter())
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_a_line_is_json_with_what_is_known_of_the_request(told: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger("stammkunde.test").info("imported", rows=3, path="/imports/1")
        logging.getLogger("django").warning("Slow: %s", "Ännchen")
    one, other = (json.loads(line) for line in told.getvalue().splitlines())
    assert (one["event"], one["rows"], one["request_id"], one["level"]) == ("imported", 3, "r1", "info")
    assert (other["event"], other["logger"], other["request_id"]) == ("Slow: Ännchen", "django", "r1")


def test_a_traceback_is_one_line(told: io.StringIO) -> None:
    try:
        raise ValueError("a\nb")
    except ValueError:
        logging.getLogger("stammkunde.test").exception("failed")
    (line,) = told.getvalue().splitlines()
    assert "ValueError: a\nb" in json.loads(line)["exception"]


def test_a_line_cannot_be_forged_from_what_customers_write(told: io.StringIO) -> None:
    structlog.get_logger("stammkunde.test").info('Anna"}\n{"event": "owner logged in')
    assert len(told.getvalue().splitlines()) == 1


def test_fields_named_after_secrets_and_secrets_in_texts_are_not_written(told: io.StringIO) -> None:
    log = structlog.get_logger("stammkunde.test")
    log.info("asked", password=SECRETS[0], api_key=SECRETS[1], Authorization=SECRETS[2], access_token=SECRETS[3])
    for text in (
        f"GET https://anna:{SECRETS[0]}@shop.example/orders?token={SECRETS[2]}",
        f"Authorization: Bearer {SECRETS[2]}.x and {SECRETS[1]}",
        f"Not Found: /hooks/{SECRETS[3]}",
    ):
        log.info(text)
    try:
        raise OSError(f"postgresql://shop:{SECRETS[0]}@db/shop refused")
    except OSError:
        log.exception("lost")
    assert len(told.getvalue().splitlines()) == 5
    assert [secret for secret in SECRETS if secret in told.getvalue()] == []


@pytest.mark.parametrize(
    "harmless",
    ["/customers/123/", "/static/ui/some-very-long-file-name-of-ours.css", "https://shop.example/a?page=2",
     "2026-03-02T09:00:00+00:00", "0 of 1,000 rows", "/imports/17/progress"],
)  # fmt: skip
def test_what_is_no_secret_stays(harmless: str) -> None:
    assert veiled(harmless) == harmless
