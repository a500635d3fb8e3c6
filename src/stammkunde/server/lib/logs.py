"""Logs as JSON lines on standard error: one event a line, with what is known of the request or job around it."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

VEIL = "***"
#: Fields whose value is never written, whatever it is.
SECRET = re.compile(
    r"password|passphrase|secret|token|authori[sz]ation|cookie|credential|api_?key|sealed", re.IGNORECASE
)
#: Secrets inside a text: a login in an address, API keys, a header, a parameter, the secret of a link.
SHAPES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s]*@"), f"{VEIL}@"),
    (re.compile(r"\b(stk|shpat|shpss|shpca|ck|cs)_[\w-]{8,}"), rf"\1_{VEIL}"),
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE), rf"\1 {VEIL}"),
    (
        re.compile(r"((?:password|secret|token|api_?key|signature|hmac)=)[^&\s\"']+", re.IGNORECASE),
        rf"\1{VEIL}",
    ),
    (re.compile(r"(?<=/join/)[^/\s\"'?]+|(?<=/hooks/)[^/\s\"'?]+"), VEIL),
    (re.compile(r"(?<=/)(?=[\w-]*\d)[\w-]{24,}(?=[/\s\"'?]|$)"), VEIL),
)


def veiled(text: str) -> str:
    """A text without the secrets that can be told by their shape; long random parts of a path count as such."""
    for shape, instead in SHAPES:
        text = shape.sub(instead, text)
    return text


def veil(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Take secrets out of a line, by the name of their field and by their shape."""
    for name, value in event.items():
        if SECRET.search(name):
            event[name] = VEIL
        elif isinstance(value, str):
            event[name] = veiled(value)
    return event


def formatter() -> structlog.stdlib.ProcessorFormatter:
    """JSON for what comes through the standard library, granian's lines included."""
    steps: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, veil]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(), processors=[*steps, structlog.processors.JSONRenderer(default=str)]
    )


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]


def logging_settings(level: str) -> None:
    """Send what structlog and the standard library log the same way."""
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in ("httpx", "httpcore"):  # they log addresses and headers, which may hold keys
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("django.request").setLevel(logging.ERROR)  # 404 and 403 have their line from `RequestLog`


#: For granian, which sets up logging by itself in each of its processes: its lines go where all others go.
FOR_GRANIAN: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "stammkunde.server.lib.logs.formatter"}},
    "handlers": {"json": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "json"}},
    "loggers": {"_granian": {"handlers": ["json"], "level": "INFO", "propagate": False}, "granian.access": {}},
}
