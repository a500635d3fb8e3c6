"""Telling the world: an event becomes rows in the transaction of whoever tells it, and a job delivers them.

So nothing is told of what was rolled back, and nothing of what was committed is forgotten.
"""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from stammkunde.server.accounts.actions.staff import record
from stammkunde.server.accounts.events import LONGEST, NAME, TEST
from stammkunde.server.accounts.models import Dispatch, Endpoint, Key, Outgoing, User
from stammkunde.server.lib import bulk
from stammkunde.server.lib.work import enqueue

KIND = "tell-webhooks"
SET = 1000  # events of one block


def tell(event: str, data: Mapping[str, Any], *, now: datetime) -> int:
    """Tell an event to everybody who listens; nothing is written where nobody does. Returns how many tellings.

    Raises
    ------
    ValueError : the name is none, such as "message.sent".
    """
    return tell_many(event, [data], now=now)


def tell_many(event: str, rows: Iterable[Mapping[str, Any]], *, now: datetime) -> int:
    """Tell one event of many things at once; `rows` are not even looked at where nobody listens.

    Raises
    ------
    ValueError : the name is none, such as "message.sent".
    """
    if not NAME.fullmatch(event) or len(event) > LONGEST:
        raise ValueError(f"{event!r} is no name of an event: small letters and full stops, such as message.sent.")
    listening = [each.pk for each in Endpoint.objects.filter(active=True) if each.wants(event)]
    return _put(event, rows, listening, now) if listening else 0


@transaction.atomic
def test(endpoint: Endpoint, *, now: datetime, by: User | Key | None) -> int:
    """Tell one endpoint that it can hear, whatever it listens to."""
    record("tested", "webhook", now=now, by=by, subject_id=endpoint.pk, title=str(endpoint))
    return _put(TEST, [{"endpoint": endpoint.pk, "about": endpoint.about}], [endpoint.pk], now)


@transaction.atomic
def replay(dispatch: Dispatch, *, now: datetime, by: User | Key | None) -> bool:
    """Tell it again, under the same webhook-id; False where it is about to be told anyhow."""
    over = Dispatch.objects.filter(pk=dispatch.pk, state__in=[Dispatch.State.DONE, Dispatch.State.FAILED])
    again = {"state": Dispatch.State.WAITING, "attempts": 0, "due_at": now, "settled_at": None}
    found = bool(over.update(**again))
    if found:
        told, event = dispatch.endpoint, {"event": dispatch.outgoing.event}
        record("replayed", "webhook", now=now, by=by, subject_id=told.pk, title=str(told), change=event)
        enqueue(KIND, now=now, key="due")
    return found


@transaction.atomic
def _put(event: str, rows: Iterable[Mapping[str, Any]], listening: Sequence[int], now: datetime) -> int:
    count = 0
    for part in _parts(rows):
        told = {f"msg_{secrets.token_urlsafe(18)}": _body(event, data, now) for data in part}
        bulk.insert(Outgoing, ("uid", "event", "body", "at"), [(uid, event, body, now) for uid, body in told.items()])
        pks = Outgoing.objects.filter(uid__in=told).order_by("pk").values_list("pk", flat=True)
        waiting = [(pk, each, Dispatch.State.WAITING, 0, now, "", "") for pk in pks for each in listening]
        columns = ("outgoing_id", "endpoint_id", "state", "attempts", "due_at", "worker", "response")
        count += bulk.insert(Dispatch, columns, waiting)
    if count:
        enqueue(KIND, now=now, key="due")
    return count


def _parts(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    source = iter(rows)
    while part := list(islice(source, SET)):
        yield part


def _body(event: str, data: Mapping[str, Any], now: datetime) -> str:
    told = {"type": event, "timestamp": now, "data": data}
    return json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":"))
