"""Asking shops over HTTP: patiently, with limits, and never an address of the own network (see `lib.outside`).

Redirects are not followed, proxies of the environment not used.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from stammkunde import __version__
from stammkunde.server.lib import outside
from stammkunde.server.lib.outside import public
from stammkunde.server.shop.sources.base import Answer, SourceError

if TYPE_CHECKING:
    import httpx

Params = Mapping[str, str | int] | Sequence[tuple[str, str | int]] | None
LARGEST = 32_000_000  # bytes of an answer, unpacked
TRIES = 5
LONGEST = 300.0  # seconds to wait because a shop says so
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_ADDRESS = "Enter an address that begins with https://, without user and password in it."
_HINTS = {
    401: "The shop does not accept the credentials: enter them again.",
    403: "The shop accepts the credentials, but they may not read this: give them more rights.",
    404: "There is no such page: check the address of the shop.",
}


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name.

    Raises
    ------
    SourceError : it has none.
    """
    try:
        return outside.resolve(host, port)
    except LookupError as error:
        raise SourceError(str(error), advice="Check the address of the shop.") from error


class Guarded:
    """The client that kinds of sources are handed. `beat` is called before every request and while waiting."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        beat: Callable[[], None] = lambda: None,
        lookup: Callable[[str, int], Iterable[str]] = resolve,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        import httpx  # a tenth of a second that processes which never pull need not spend

        self.allow_private, self.beat, self.lookup, self.sleep = allow_private, beat, lookup, sleep
        limits = httpx.Timeout(60.0, connect=10.0)
        self.http = httpx.Client(timeout=limits, follow_redirects=False, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def ask(
        self,
        method: str,
        url: str,
        *,
        params: Params = None,
        document: Any = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
    ) -> Answer:
        """One answer; what passes by itself (too many requests, a gateway) is tried again, after the pause it names.

        Raises
        ------
        SourceError : the address is not allowed, or nothing or something else than 2xx is answered.
        """
        body = None if document is None else json.dumps(document, default=str).encode()
        sent = {"Accept": "application/json", "User-Agent": f"Stammkunde/{__version__}", **(headers or {})}
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        request = self._request(method, url, params=_pairs(params), content=body, headers=sent)
        for attempt in range(1, TRIES + 1):
            self.beat()
            try:
                answer = self._once(request, auth)
            except ConnectionError as error:
                if attempt == TRIES:
                    raise SourceError(f"The shop does not answer: {error}", where=_shown(url)) from error
                self.wait(2.0**attempt)
                continue
            if answer.status not in AGAIN or attempt == TRIES:
                return _good(answer, url)
            self.wait(_pause(answer, attempt))
        raise AssertionError("the last try returns or raises")

    def _request(self, method: str, url: str, **more: Any) -> "httpx.Request":
        import httpx  # see above

        try:
            return self.http.build_request(method, url, **more)
        except httpx.InvalidURL as error:
            raise SourceError(f"{_shown(url)} is no address of a shop.", advice=_ADDRESS) from error
        except UnicodeError:  # a credential with a letter that no header has; the error would tell it
            raise SourceError("A credential has a letter that none has: enter it again.", where=_shown(url)) from None

    def wait(self, seconds: float) -> None:
        """Sleep in short pieces, so that the lease is held and a stop is noticed."""
        left = min(seconds, LONGEST)
        while left > 0:
            self.beat()
            self.sleep(min(left, 5.0))
            left -= 5.0

    def _once(self, request: "httpx.Request", auth: tuple[str, str] | None) -> Answer:
        """One try, at the addresses that were judged.

        Raises
        ------
        ConnectionError : nothing came back.
        """
        import httpx  # see above

        refused = ""
        basic = httpx.BasicAuth(*auth) if auth else None
        for address in self._addresses(request.url):
            try:
                response = self.http.send(outside.pinned(request, address), auth=basic, stream=True)
                try:
                    return Answer(response.status_code, _small(response.headers), _body(response))
                finally:
                    response.close()
            except httpx.ConnectError as error:
                refused = str(error)  # the next address may be reachable
            except httpx.TransportError as error:
                raise ConnectionError(f"{type(error).__name__}: {error}") from error
        raise ConnectionError(refused)

    def _addresses(self, url: "httpx.URL") -> list[str]:
        if url.scheme not in {"http", "https"} or not url.host or url.userinfo:
            raise SourceError(f"{_shown(str(url))} is no address of a shop.", advice=_ADDRESS)
        found = list(self.lookup(url.host, url.port or (443 if url.scheme == "https" else 80)))
        if not self.allow_private and not all(map(public, found)):
            advice = "If the shop stands in the own network, an owner can allow that by the API (allow_private)."
            raise SourceError(f"{url.host} is an address of the own network.", advice=advice)
        return found


def _pairs(params: Params) -> Any:
    return list(params.items()) if isinstance(params, Mapping) else params


def _small(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _body(response: "httpx.Response") -> bytes:
    """The body, as far as it stays below the limit: a packed bomb is not unpacked further."""
    found = bytearray()
    for chunk in response.iter_bytes():
        found += chunk
        if len(found) > LARGEST:
            raise SourceError(f"The shop answers with more than {LARGEST // 1_000_000} MB at once.")
    return bytes(found)


def _good(answer: Answer, url: str) -> Answer:
    if 200 <= answer.status < 300:
        return answer
    if 300 <= answer.status < 400:
        there = _shown(answer.headers.get("location", "elsewhere"))
        raise SourceError(f"The shop redirects to {there}.", where=_shown(url), advice="Enter that address instead.")
    told = answer.body[:300].decode("utf-8", "replace")
    what = f"The shop answers {answer.status}: {told}"
    raise SourceError(what, where=_shown(url), advice=_HINTS.get(answer.status))


def _shown(url: str) -> str:
    """An address without what may be secret in it."""
    try:
        parts = urlsplit(url)
    except ValueError:  # brackets that are not closed
        return "What was entered"
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"[:300] if parts.scheme else url[:100]


def _pause(answer: Answer, attempt: int) -> float:
    """Seconds to wait: as the shop says, by number or by date, or twice as long each time."""
    told = answer.headers.get("retry-after", "").strip()
    if told.isascii() and told.replace(".", "", 1).isdigit():
        return float(told)
    try:
        return max((parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds(), 1.0)
    except (TypeError, ValueError):  # none, or none that can be read
        return 2.0**attempt
