"""What may be measured of a message (§ 25 TDDDG): as much as the shop has chosen, and of persons only who agreed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from stammkunde.server.consent.gate import may_track
from stammkunde.server.consent.queries.people import people
from stammkunde.server.mail.models import Send, Sender

NONE, AGGREGATE, INDIVIDUAL = Sender.Tracking.NONE, Sender.Tracking.AGGREGATE, Sender.Tracking.INDIVIDUAL


def levels(sends: Sequence[Send], *, now: datetime, sender: Sender | None = None) -> Mapping[int, str]:
    """For each message what may be measured of it: nothing, sums, or the person. Where persons are measured, those who
    have not agreed count in sums."""
    level = str((sender or Sender.now()).tracking)
    if level != INDIVIDUAL:
        return dict.fromkeys((each.pk for each in sends), level)
    known = people([each.customer_id for each in sends if each.customer_id], until=now)
    return {
        each.pk: str(INDIVIDUAL if each.customer_id and may_track(known[each.customer_id], at=now) else AGGREGATE)
        for each in sends
    }


def level_of(send: Send, *, now: datetime) -> str:
    """For one message."""
    return levels([send], now=now)[send.pk]
