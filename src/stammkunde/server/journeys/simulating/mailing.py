"""What sending would have done: the live checks, the gate and attention decide; what would have left is noted as sent.

Nothing is written as text and nothing leaves. The goods that a mail shows are taken to be of the kinds the customer has
bought: which articles would have been picked then is not known any more.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import connection

from stammkunde.server.consent.actions import recording
from stammkunde.server.mail.models import Send, Sender
from stammkunde.server.mail.sending import bases, claiming, settling
from stammkunde.server.mail.sending.handing import Letter
from stammkunde.server.mail.sending.preparing import prepare
from stammkunde.server.shop.models import OrderLine

WORKER, SET = "simulation", 1000


class Unwritten:
    """Who writes no letters (see `mail.sending.preparing.Composer`)."""

    def __init__(self, sender: Sender, now: datetime) -> None:
        self.sender, self.now = sender, now

    def look(self, sends: Sequence[Send]) -> Mapping[int, Collection[str]]:
        """For each message the kinds of goods its customer has bought."""
        ids = {each.customer_id for each in sends if each.customer_id is not None}
        lines = OrderLine.objects.filter(order__customer__in=ids, order__test=False).exclude(category="")
        goods: dict[int | None, set[str]] = defaultdict(set)
        for customer, category in lines.values_list("order__customer", "category").distinct():
            goods[customer].add(category)
        return {each.pk: goods[each.customer_id] for each in sends}

    def keep(self, sends: Sequence[Send]) -> None:
        """All are kept."""

    def write(self, send: Send) -> Letter:
        """Nothing, to somebody."""
        send.address = send.customer.email if send.customer else ""
        return Letter(send, "", send.address, b"")


def send(now: datetime) -> int:
    """Decide about everything that is due; how many messages would have left."""
    sender, count = Sender.now(), 0
    sender.per_minute, sender.warm_up_since = 0, None  # how fast the shop can send today says nothing of then
    while rows := claiming.claim(WORKER, sender=sender, now=now, most=SET):
        found = prepare(rows, sender=sender, composing=Unwritten, now=now)
        settling.stop(found.stopped, worker=WORKER, now=now)
        gone = [each.send for each in found.letters]
        settling.prepare(gone, worker=WORKER)
        _left(gone, now)
        recording.used([pair for each in gone for pair in bases.used(each)], now=now)
        count += len(gone)
    return count


def _left(sends: Sequence[Send], now: datetime) -> None:
    if sends:
        ids = ", ".join(str(each.pk) for each in sends)
        at = connection.ops.adapt_datetimefield_value(now)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE mail_send SET state = 'sent', settled_at = %s WHERE state = 'claimed' AND id IN ({ids})", [at]
            )
