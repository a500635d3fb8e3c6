"""Members of a segment are taken out, and the log knows by whom."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.segments.models import Segment
from stammkunde.server.segments.queries import taking_out


def take_out(segment: Segment, *, now: datetime, by: User | Key) -> Iterator[str]:
    """All members of a segment as lines of CSV."""
    record("took out", "segment", now=now, by=by, subject_id=segment.pk, title=segment.name)
    return taking_out.lines(segment, currency=settings.CURRENCY)
