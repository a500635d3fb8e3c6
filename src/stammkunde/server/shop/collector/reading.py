"""From the bytes of a request to a document: whatever the headers say of it, and never more than the limit.

Clients label gzip as a form and JSON as text (facts: the Node client of RudderStack, every browser), so the bytes
themselves decide: gzip by its first two, JSON by its first letter.
"""

import base64
import binascii
import json
import re
import zlib
from typing import Any
from urllib.parse import parse_qs

from django.http import HttpRequest

from stammkunde.server.shop.collector.refusals import RefusedError
from stammkunde.server.shop.sources.payloads import PayloadError, clean

Document = dict[str, Any]
_GZIP = b"\x1f\x8b"
#: What may hide characters and numbers that no database takes: escaped NUL and surrogates, huge exponents.
_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])|[eE]\+?\d{3}")


def body(request: HttpRequest, *, most: int) -> bytes:
    """The body of a request, unpacked.

    Raises
    ------
    RefusedError : 413 beyond `most` bytes, packed or unpacked; 400 where it cannot be unpacked.
    """
    said = request.META.get("CONTENT_LENGTH") or ""
    if said.isascii() and said.isdigit() and int(said) > most:
        raise too_large(most)
    chunked = not said and "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    # Django takes a body without a stated length for an empty one; the web server knows where it ends.
    found: bytes = (request.META["wsgi.input"] if chunked else request).read(most + 1)
    if len(found) > most:
        raise too_large(most)
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if found.startswith(_GZIP):
        return unpacked(found, most=most, window=31)
    if encoding == "deflate" and found.lstrip()[:1] not in {b"{", b"["}:
        return unpacked(found, most=most, window=15)
    return found


def unpacked(packed: bytes, *, most: int, window: int) -> bytes:
    """What was packed, as far as it stays below the limit: a bomb of a few kilobytes is not unpacked further.

    Raises
    ------
    RefusedError : it is larger, broken or cut off.
    """
    unpacking = zlib.decompressobj(window)
    try:
        found = unpacking.decompress(packed, most + 1)
    except zlib.error as error:
        raise RefusedError(400, "bad_encoding", "The body cannot be unpacked: send plain JSON, or gzip.") from error
    if len(found) > most:
        raise too_large(most)
    if not unpacking.eof:
        raise RefusedError(400, "bad_encoding", "The packed body breaks off.")
    return found


def too_large(most: int) -> RefusedError:
    return RefusedError(413, "too_large", f"More than {most // 1024} KB: send fewer events at once, or smaller ones.")


def document(text: bytes) -> Document:
    """The JSON object of a body; a list is a batch, a form may hold one in its field `data`, as base64 too.

    Raises
    ------
    RefusedError : 400, it is nothing of these.
    """
    found = parsed(text if text.lstrip(b" \t\r\n\xef\xbb\xbf")[:1] in {b"{", b"["} else _of_form(text))
    return found if isinstance(found, dict) else {"batch": found}


def parsed(text: bytes | str) -> Document | list[Any]:
    """JSON, without the numbers that it does not have (NaN).

    Raises
    ------
    RefusedError : 400, it is no JSON, or too deep.
    """
    try:
        found = json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, "bad_json", f"The body is no JSON: {error}"[:300]) from error
    if not isinstance(found, dict | list):
        raise RefusedError(400, "bad_json", "The body is JSON, but no object.")
    return found


def stored(text: bytes) -> Document:
    """The document of a body that was taken, without characters and numbers that no database takes.

    Raises
    ------
    PayloadError : it is no JSON object.
    """
    try:
        found = document(text)
    except RefusedError as error:
        raise PayloadError(error.message) from error
    return clean(found) if _SUSPECT.search(text) else found


def _of_form(text: bytes) -> bytes:
    try:
        fields = parse_qs(text.decode(), max_num_fields=50)
    except ValueError:
        fields = {}
    data = fields.get("data", [""])[0].strip()
    if data[:1] in {"{", "["}:
        return data.encode()
    try:
        return base64.b64decode(data.replace(" ", "+"), validate=True)
    except (binascii.Error, ValueError):
        return b""
