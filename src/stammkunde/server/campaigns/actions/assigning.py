"""Mails that wait are given to texts, an hour at a time: each text its share by what is known until then.

Every row has a text from the beginning, by lot, so that mails leave even where nothing is given out in time; here rows
that still wait are given anew. Who is asked is settled before, so those who get a text and those who get another differ
by chance alone.
"""

from datetime import datetime, timedelta

import numpy as np
from django.db import transaction

from stammkunde.server.campaigns.bandit.arms import Evidence, Floats
from stammkunde.server.campaigns.bandit.choosing import choose, shares
from stammkunde.server.campaigns.bandit.verdict import Verdict, judge
from stammkunde.server.campaigns.models import Batch, Campaign
from stammkunde.server.campaigns.queries.evidence import Comparison, Known, comparisons, evidence, known
from stammkunde.server.mail.models import Send

HOUR = timedelta(hours=1)
AHEAD = timedelta(minutes=6)  # a little more than the time between two looks
TOGETHER = 5000


def assign(campaign: Campaign, *, now: datetime) -> list[Batch]:
    """Give the mails of the next hour to texts, if their hour has come; once each hour. Nothing where nothing is asked.

    While mails are still being put down the lot decides: what is not there cannot be given.
    """
    asked = comparisons(list(campaign.variants.select_related("message")))
    if not asked or campaign.planned_at is None:
        return []
    begin = campaign.assigned_to or max(campaign.started_at or now, now)
    if campaign.assigned_to is not None and now < begin - AHEAD:
        return []
    until = max(begin, now) + HOUR
    base = known(campaign, now=now)
    with transaction.atomic():
        mine = Campaign.objects.filter(pk=campaign.pk, assigned_to=campaign.assigned_to, state=Campaign.State.SENDING)
        if not mine.update(assigned_to=until):
            return []  # another worker was first
        return [each for test in asked if (each := _batch(campaign, test, base, now=now, until=until))]


def _batch(campaign: Campaign, test: Comparison, base: Known, *, now: datetime, until: datetime) -> Batch | None:
    messages = [each.message_id for each in test.variants if each.message_id is not None]
    rows = Send.objects.filter(message__in=messages, state=Send.State.WAITING, due_at__lt=until)
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    if not ids:
        return None
    random = np.random.default_rng([campaign.pk, int(until.timestamp())])
    found = evidence(campaign, test, base.delay, now=now)
    said = judge(found, base.prior, random)
    settled = said.settled or campaign.batches.filter(tenure=test.tenure, settled=True).exists()
    wanted = _one(said, len(messages)) if settled else shares(found, base.prior, random)
    chosen = choose(wanted, len(ids), random)
    for number, message in enumerate(messages):
        some = [pk for pk, line in zip(ids, chosen, strict=True) if line == number]
        for start in range(0, len(some), TOGETHER):
            waiting = Send.objects.filter(pk__in=some[start : start + TOGETHER], state=Send.State.WAITING)
            waiting.exclude(message=message).update(message=message)
    keys = [each.key for each in test.variants]
    return Batch.objects.create(
        campaign=campaign,
        tenure=test.tenure,
        at=now,
        until=until,
        mails=len(ids),
        known={key: _kept(each) for key, each in zip(keys, found, strict=True)},
        shares={key: round(float(share), 4) for key, share in zip(keys, wanted, strict=True)},
        settled=settled,
    )  # fmt: skip


def _kept(found: Evidence) -> dict[str, float]:
    return {"sent": found.sent, "ripe": round(found.ripe, 1), "answers": found.answers}


def _one(said: Verdict, lines: int) -> Floats:
    """All of it to the text that is most probably best."""
    wanted: Floats = np.eye(lines)[said.best]
    return wanted
