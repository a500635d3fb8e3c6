"""What a test of texts knows by now: mails that left, how many of their answers can be in, and answers. Sums only."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Count
from django.db.models.functions import TruncHour

from stammkunde.server.campaigns.bandit.arms import STATED, Evidence, Prior, prior
from stammkunde.server.campaigns.bandit.delay import Delay, measured
from stammkunde.server.campaigns.bandit.verdict import Verdict, judge
from stammkunde.server.campaigns.models import Campaign, Tenure, Variant
from stammkunde.server.campaigns.queries import results
from stammkunde.server.campaigns.queries.tenure import fitting
from stammkunde.server.mail.models import Send

EARLIER = 20  # newsletters that a prior looks back at
WAITS = 2000  # answers of each of them that tell how long answers take
#: Hours in the mean until an answer, where the shop's own mails have not told yet.
USUAL = {Campaign.Goal.ORDERS: 12.0, Campaign.Goal.CLICKS: 4.0}


@dataclass(frozen=True)
class Comparison:
    """The texts that a group of customers gets one of: those of a tenure, or of all."""

    tenure: str
    variants: tuple[Variant, ...]


def comparisons(variants: Sequence[Variant]) -> list[Comparison]:
    """What is tested: nothing where everybody has one text. Both tenures together where the same texts are for both."""
    new, long = (tuple(fitting(variants, each)) for each in (Tenure.NEW, Tenure.LONG))
    if [each.pk for each in new] == [each.pk for each in long]:
        groups = [Comparison(Tenure.ALL, new)]
    else:
        groups = [Comparison(Tenure.NEW, new), Comparison(Tenure.LONG, long)]
    return [each for each in groups if len(each.variants) > 1]


@dataclass(frozen=True)
class Known:
    """What shares and verdicts of a campaign rest on beside its own answers."""

    prior: Prior
    delay: Delay


def known(campaign: Campaign, *, now: datetime) -> Known:
    """The prior and the delay from the shop's own earlier newsletters, else those that are stated."""
    earlier = Campaign.objects.filter(started_at__lt=now, started_at__isnull=False).exclude(pk=campaign.pk)
    ripe = timedelta(hours=campaign.window_hours)
    ended = list(earlier.filter(ended_at__lte=now - ripe).order_by("-started_at")[:EARLIER])
    past, hours = [], []
    for each in ended:
        messages = [v.message_id for v in each.variants.all() if v.message_id]
        left, answers = _left(messages), _answers(each, campaign.goal, messages, now=now, hours=campaign.window_hours)
        past += [(min(answers.get(m, 0), sum(left[m].values())), sum(left[m].values())) for m in messages]
        if campaign.goal == Campaign.Goal.ORDERS:
            hours += results.waits(each, now=now, most=WAITS)
    stated = Delay(USUAL[Campaign.Goal(campaign.goal)], float(campaign.window_hours))
    within = [each for each in hours if each <= campaign.window_hours]
    return Known(prior(past, STATED[campaign.goal]), measured(within, window=stated.window, otherwise=stated))


def evidence(campaign: Campaign, test: Comparison, delay: Delay, *, now: datetime) -> list[Evidence]:
    """Of each text, in their order."""
    messages = [each.message_id for each in test.variants if each.message_id]
    left, answers = _left(messages), _answers(campaign, campaign.goal, messages, now=now, hours=campaign.window_hours)
    return [_evidence(left[m], answers.get(m, 0), delay, now) for m in messages]


def _evidence(left: Mapping[datetime, int], answers: int, delay: Delay, now: datetime) -> Evidence:
    half = timedelta(minutes=30)
    ages = np.array([max((now - hour - half).total_seconds() / 3600, 0.0) for hour in left])
    sent = np.array(list(left.values()), dtype=np.float64)
    whole = int(sent.sum())
    ripe = float((sent * delay.answered(ages)).sum()) if whole else 0.0
    return Evidence(whole, min(ripe, whole), min(answers, whole))


def _left(messages: Sequence[int]) -> defaultdict[int, dict[datetime, int]]:
    """By message and hour: how many left. Everybody who was given a text counts, whether or not they opened it."""
    rows = Send.objects.filter(message__in=messages, state__in=results.OUT, settled_at__isnull=False)
    hours = rows.annotate(hour=TruncHour("settled_at")).values_list("message", "hour").annotate(n=Count("pk"))
    found: defaultdict[int, dict[datetime, int]] = defaultdict(dict)
    for message, hour, number in hours.order_by():
        found[message][hour] = number
    return found


def _answers(campaign: Campaign, goal: str, messages: Sequence[int], *, now: datetime, hours: int) -> dict[int, int]:
    if goal == Campaign.Goal.CLICKS:
        return results.clicks(messages)
    return {message: buyers for message, (buyers, _, _) in results.after(campaign, now=now, hours=hours).items()}


def verdict(campaign: Campaign, test: Comparison, *, now: datetime) -> tuple[Verdict, list[Evidence]]:
    """What may be said of the texts now. The same question at the same moment has the same answer."""
    base = known(campaign, now=now)
    found = evidence(campaign, test, base.delay, now=now)
    return judge(found, base.prior, np.random.default_rng(campaign.pk)), found
