"""Delivering what is to be told, signed as Standard Webhooks says, until it is thanked for.

At least once: who hears twice knows it by the webhook-id, which stays the same over all tries. Nothing is asked of an
address of the own network, no redirect is followed, and what is answered is read to a few kilobytes.
"""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Self

import structlog
from django.db import connection
from django.db.models import DateTimeField, Value
from django.db.models.functions import Coalesce

from stammkunde import __version__
from stammkunde.server.accounts.actions.endpoints import disable, signing
from stammkunde.server.accounts.models import Dispatch, Endpoint
from stammkunde.server.lib.outside import Lookup, pinned, public, resolve

if TYPE_CHECKING:
    import httpx

log = structlog.get_logger("stammkunde.webhooks")
HOUR = timedelta(hours=1)
#: From one try to the next: three days in all, as Standard Webhooks advises.
DELAYS = (HOUR / 720, HOUR / 12, HOUR / 2, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
LONG = timedelta(days=5)  # of failing, after which nobody seems to listen any more
PUT_BACK = timedelta(minutes=1)  # what was not tried since the endpoint fell silent
LEASE = timedelta(minutes=10)
EACH, AT_ONCE = 16, 8  # tellings of one endpoint in one go; endpoints at the same time
PATIENCE, TURN = 10.0, 60.0  # seconds for an answer, and for one endpoint's go
READ, KEPT = 4096, 300  # bytes of an answer that are read, characters that are kept
GONE = 410


@dataclass(frozen=True)
class Heard:
    """What came of one telling; without a status nothing was answered, and `error` says why."""

    status: int | None
    text: str = ""
    error: str = ""
    after: timedelta = timedelta()

    @property
    def good(self) -> bool:
        """Whether it was thanked for."""
        return self.status is not None and 200 <= self.status < 300


def signature(secrets: Sequence[str], uid: str, at: int, body: bytes) -> str:
    """The header webhook-signature: one signature for each secret."""
    signed = f"{uid}.{at}.".encode() + body
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
    made = [base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode() for key in keys]
    return " ".join(f"v1,{each}" for each in made)


class Postman:
    """Brings tellings to their endpoints."""

    def __init__(self, *, lookup: Lookup = resolve, patience: float = PATIENCE) -> None:
        import httpx  # a tenth of a second that web processes need not spend

        limits = httpx.Timeout(patience, connect=min(patience, 5.0))
        self.lookup, self.patience = lookup, patience
        self.http = httpx.Client(timeout=limits, follow_redirects=False, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def turn(self, some: Sequence[Dispatch], secrets: Sequence[str], now: datetime) -> list[Heard | None]:
        """The tellings of one endpoint, in their order. Once it does not answer, the rest are not tried: None."""
        ends, heard = time.monotonic() + TURN, list[Heard | None]()
        for each in some:
            if (heard and (heard[-1] is None or heard[-1].status is None)) or time.monotonic() > ends:
                heard.append(None)
            else:
                heard.append(self.tell(each, secrets, now))
        return heard

    def tell(self, dispatch: Dispatch, secrets: Sequence[str], now: datetime) -> Heard:
        """One telling; what goes wrong is in the answer."""
        import httpx  # see above

        body, uid, at = dispatch.outgoing.body.encode(), dispatch.outgoing.uid, int(now.timestamp())
        headers = {
            "content-type": "application/json",
            "user-agent": f"Stammkunde/{__version__}",
            "accept": "*/*",
            "accept-encoding": "identity",
            "webhook-id": uid,
            "webhook-timestamp": str(at),
            "webhook-signature": signature(secrets, uid, at, body),
        }
        try:
            request = self.http.build_request("POST", dispatch.endpoint.url, content=body, headers=headers)
            return self._post(request, private=dispatch.endpoint.private)
        except (httpx.HTTPError, httpx.InvalidURL, LookupError, UnicodeError) as error:
            return Heard(None, error=f"{type(error).__name__}: {error}"[:KEPT])

    def _post(self, request: "httpx.Request", *, private: bool) -> Heard:
        """To the first address of the host that takes the connection.

        Raises
        ------
        LookupError : there is none, or one of them is of the own network.
        """
        import httpx  # see above

        url = request.url
        found = list(self.lookup(url.host, url.port or (443 if url.scheme == "https" else 80)))
        if not found or (not private and not all(map(public, found))):
            raise LookupError(f"{url.host} is an address of the own network.")
        for address in found[:-1]:
            try:
                return self._send(pinned(request, address))
            except httpx.ConnectError:
                continue  # the next address may be reachable
        return self._send(pinned(request, found[-1]))

    def _send(self, request: "httpx.Request") -> Heard:
        response = self.http.send(request, stream=True)
        try:
            text = _beginning(response, self.patience)
            return Heard(response.status_code, text, after=_asked(response.headers.get("retry-after", "")))
        finally:
            response.close()


def _beginning(response: "httpx.Response", patience: float) -> str:
    """The first letters of an answer, as far as they come in time."""
    found, ends = bytearray(), time.monotonic() + patience
    for chunk in response.iter_raw(READ):
        found += chunk
        if len(found) >= READ or time.monotonic() > ends:
            break
    return bytes(found[:READ]).decode("utf-8", "replace").replace("\0", "")[:KEPT]


def _asked(said: str) -> timedelta:
    """How long the endpoint asks to be left alone, a day at most."""
    seconds = int(said) if said.isascii() and said.isdigit() and len(said) < 8 else 0
    return min(timedelta(seconds=seconds), timedelta(days=1))


def deliver(
    *, worker: str, clock: Callable[[], datetime], postman: Postman, beat: Callable[[], None] = lambda: None
) -> int:
    """Tell everything that is due; how many tellings were tried."""
    count = 0
    while rows := _claim(worker, clock()):
        turns = [list(some) for _, some in groupby(rows, key=lambda each: each.endpoint_id)]
        for some, heard in _at_once(turns, postman, clock()):
            beat()
            _settle(some, heard, clock())
            count += sum(each is not None for each in heard)
    return count


def _at_once(
    turns: Sequence[Sequence[Dispatch]], postman: Postman, now: datetime
) -> Iterator[tuple[Sequence[Dispatch], list[Heard | None]]]:
    """Endpoints side by side, so that a slow one holds up none; the database is asked in this thread alone."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = {}
        for some in turns:
            try:
                secrets = signing(some[0].endpoint, now=now)
            except ValueError as error:  # sealed with a key that is not known any more
                yield some, [Heard(None, error=str(error)), *[None] * (len(some) - 1)]
                continue
            asked[pool.submit(postman.turn, some, secrets, now)] = some
        for each in as_completed(asked):
            yield asked[each], each.result()


def _claim(worker: str, now: datetime) -> list[Dispatch]:
    """Take due tellings, and those whose worker has fallen silent: some of each endpoint, the oldest first."""
    due = "((d.state = 'waiting' AND d.due_at <= %s) OR (d.state = 'claimed' AND d.lease_until < %s))"
    sql = f"""
        WITH due AS (
            SELECT d.id, ROW_NUMBER() OVER (PARTITION BY d.endpoint_id ORDER BY d.id) AS place
            FROM accounts_dispatch d JOIN accounts_endpoint e ON e.id = d.endpoint_id WHERE e.active AND {due}
        )
        UPDATE accounts_dispatch AS d
        SET state = 'claimed', worker = %s, lease_until = %s, attempts = attempts + 1
        WHERE d.id IN (SELECT id FROM due WHERE place <= {EACH} ORDER BY place, id LIMIT {EACH * AT_ONCE}) AND {due}
        RETURNING id
    """
    at, until = map(connection.ops.adapt_datetimefield_value, (now, now + LEASE))
    with connection.cursor() as cursor:
        cursor.execute(sql, [at, at, worker, until, at, at])
        ids = [row[0] for row in cursor.fetchall()]
    return list(Dispatch.objects.filter(pk__in=ids).select_related("outgoing", "endpoint").order_by("endpoint", "pk"))


def _settle(some: Sequence[Dispatch], heard: Sequence[Heard | None], now: datetime) -> None:
    endpoint = some[0].endpoint
    for dispatch, each in zip(some, heard, strict=True):
        mine = Dispatch.objects.filter(pk=dispatch.pk, worker=dispatch.worker, attempts=dispatch.attempts)
        mine.filter(state=Dispatch.State.CLAIMED).update(**_becomes(dispatch, each, now), lease_until=None, worker="")
    tried = [each for each in heard if each is not None]
    here = Endpoint.objects.filter(pk=endpoint.pk)
    if any(each.good for each in tried):
        here.update(told_at=now, failing_since=None)
    if tried and not tried[-1].good:
        here.update(failing_since=Coalesce("failing_since", Value(now, output_field=DateTimeField())))
        _judge(Endpoint.objects.get(pk=endpoint.pk), tried[-1], now)


def _becomes(dispatch: Dispatch, heard: Heard | None, now: datetime) -> dict[str, object]:
    """What is written of a telling: done, due again, or given up."""
    if heard is None:
        return {"state": Dispatch.State.WAITING, "attempts": dispatch.attempts - 1, "due_at": now + PUT_BACK}
    told = {"status": heard.status, "response": heard.error or heard.text}
    if heard.good:
        return told | {"state": Dispatch.State.DONE, "settled_at": now}
    if dispatch.attempts > len(DELAYS):
        return told | {"state": Dispatch.State.FAILED, "settled_at": now}
    again = now + max(DELAYS[dispatch.attempts - 1], heard.after)
    return told | {"state": Dispatch.State.WAITING, "due_at": again}


def _judge(endpoint: Endpoint, last: Heard, now: datetime) -> None:
    """Switch off who says that it is gone, or has not thanked for days."""
    why = f"{last.status}: {last.text}" if last.status else last.error
    log.warning("a webhook was not thanked for", endpoint=endpoint.pk, status=last.status, error=last.error)
    if last.status == GONE or (endpoint.failing_since and now - endpoint.failing_since >= LONG):
        disable(endpoint, why, now=now)
        log.error("a webhook is switched off", endpoint=endpoint.pk, why=why)
