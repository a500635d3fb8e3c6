"""A message as its parts, whatever it says about itself: bounded in time, depth and size, and never refused.

The parser of the standard library follows nested parts as deep as a sender likes, and trusts charsets. What comes back
is written by strangers and by old machines, so this one reads a tree of few levels, few parts and a few megabytes; the
whole message is kept beside it (`Arrival.raw`).
"""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header

LARGEST = 3_000_000  # bytes that are read of a message
PART = 400_000  # bytes that are read of a part
DEPTH = 8
PARTS = 60
HEADERS = 400
HEADER = 8_000  # characters of a header that are read

_LINE = re.compile(r"^([!-9;-~]{1,76})[ \t]*:[ \t]*(.*)$", re.DOTALL)
_PARAM = re.compile(r""";\s*([\w.*-]{1,40})\s*=\s*("(?:[^"\\]|\\.){0,500}"|[^\s;]{0,300})""")
_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")
_WORD = re.compile(r"=\?[^?\s]{1,60}\?[bqBQ]\?")


@dataclass(frozen=True)
class Headers:
    """Fields in their order, names in lower case, values unfolded and decoded."""

    fields: tuple[tuple[str, str], ...] = ()

    def get(self, name: str) -> str:
        """The first field of a name; nothing where there is none."""
        return next((value for key, value in self.fields if key == name), "")

    def all(self, name: str) -> list[str]:
        """Every field of a name."""
        return [value for key, value in self.fields if key == name]

    def __contains__(self, name: object) -> bool:
        return any(key == name for key, _ in self.fields)

    def __bool__(self) -> bool:
        return bool(self.fields)


@dataclass(frozen=True)
class Part:
    """A leaf of the tree: its fields, and what it holds, not yet decoded."""

    headers: Headers
    kind: str
    params: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """What it says; a charset that is unknown or lied about is guessed."""
        return decoded(unwrapped(self.body[:PART], self.headers.get("content-transfer-encoding")), self.charset)

    @property
    def charset(self) -> str:
        """The charset it claims."""
        return self.params.get("charset", "")


@dataclass(frozen=True)
class Mail:
    """A message: its fields, the kind it says it is, and its leaves in order."""

    headers: Headers
    kind: str
    params: dict[str, str]
    parts: tuple[Part, ...] = field(default=())

    def first(self, *kinds: str) -> Part | None:
        """The first leaf of one of these kinds."""
        return next((part for part in self.parts if part.kind in kinds), None)


def opened(raw: bytes) -> Mail:
    """Read a message."""
    headers, body = divided(raw[:LARGEST].replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    kind, params = typed(headers)
    return Mail(headers, kind, params, tuple(_leaves(headers, body)))


def divided(raw: bytes) -> tuple[Headers, bytes]:
    """The fields and the rest. A line of an mbox file before them is passed over."""
    raw = raw.lstrip(b"\n")
    if raw.startswith(b"From "):
        raw = raw.partition(b"\n")[2]
    blank = re.search(rb"\n[ \t]*\n", raw)
    head, body = (raw[: blank.start()], raw[blank.end() :]) if blank else (raw, b"")
    found = fields(decoded(head[: HEADERS * 1000], ""))
    return (found, body) if found else (Headers(), raw)


def fields(text: str) -> Headers:
    """Fields of a text, unfolded; lines that are none are passed over."""
    found: list[tuple[str, str]] = []
    for line in text.split("\n"):
        if line[:1] in (" ", "\t") and found:
            name, value = found[-1]
            found[-1] = (name, f"{value} {line.strip()}"[:HEADER])
        elif (match := _LINE.match(line)) and len(found) < HEADERS:
            found.append((match[1].lower(), match[2].strip()[:HEADER]))
    return Headers(tuple((name, worded(value)) for name, value in found))


def worded(value: str) -> str:
    """A value with its encoded words (RFC 2047) read."""
    if not _WORD.search(value):
        return value
    try:
        return "".join(
            decoded(said, charset or "") if isinstance(said, bytes) else said for said, charset in decode_header(value)
        )
    except (HeaderParseError, ValueError, binascii.Error):
        return value


def typed(headers: Headers) -> tuple[str, dict[str, str]]:
    """The kind of a part and its parameters."""
    said = headers.get("content-type")
    kind = said.partition(";")[0].strip().lower() or "text/plain"
    params = {key.lower(): value.strip('"') for key, value in _PARAM.findall(said)}
    return kind, params


def _leaves(headers: Headers, body: bytes) -> Iterator[Part]:
    """The leaves, first to last, of at most so many parts and levels."""
    waiting, count = [(headers, body, 0)], 0
    while waiting and count < PARTS:
        head, rest, depth = waiting.pop()
        kind, params = typed(head)
        pieces = _pieces(rest, params.get("boundary", "")) if kind.startswith("multipart/") and depth < DEPTH else []
        if pieces:
            inner = [divided(piece) if not piece.startswith(b"\n") else (Headers(), piece) for piece in pieces]
            waiting += [(*each, depth + 1) for each in reversed(inner)]
            continue
        count += 1
        yield Part(head, "text/plain" if kind.startswith("multipart/") else kind, params, rest)


def _pieces(body: bytes, boundary: str) -> list[bytes]:
    """What stands between the boundaries; of a message whose boundary never comes, nothing."""
    if not boundary:
        return []
    mark = b"--" + boundary.encode("utf-8", "surrogateescape")
    found = re.split(rb"(?:^|\n)" + re.escape(mark) + rb"(?:--)?[ \t]*(?=\n|$)", body, maxsplit=PARTS)
    return [piece[1:] for piece in found[1:] if piece.strip()]


def unwrapped(body: bytes, encoding: str) -> bytes:
    """A body without its transfer encoding; one that is broken is read as far as it goes."""
    encoding = encoding.strip().lower()
    if encoding == "quoted-printable":
        return quopri.decodestring(body)
    if encoding == "base64":
        clean = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
        return binascii.a2b_base64(clean[: len(clean) // 4 * 4] + _padded(clean[len(clean) // 4 * 4 :]))
    return body


def _padded(rest: bytes) -> bytes:
    return rest + b"=" * (4 - len(rest)) if len(rest) in (2, 3) else b""


def decoded(raw: bytes, charset: str) -> str:
    """Text of bytes: in the charset named, else as ISO-2022-JP where its escapes stand, as UTF-8, or byte by byte."""
    named = charset.strip().lower()
    japanese = ["iso-2022-jp"] if b"\x1b$" in raw else []
    for each in (*japanese, named, "utf-8"):
        try:
            if each and each not in _NOT_TEXT:
                return raw.decode(each)
        except (LookupError, ValueError):
            continue
    return raw.decode("latin-1")


#: Codecs of Python that are no charsets of mail: some unpack what is packed, some run long.
_NOT_TEXT = frozenset(
    ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7", "unicode-1-1-utf-7")
)
