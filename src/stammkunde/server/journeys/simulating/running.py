"""A simulation from its first moment to its last: at each stroke of its clock the live engine does its work."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from stammkunde.server.journeys.models import Journey
from stammkunde.server.journeys.running.ticking import tick
from stammkunde.server.journeys.simulating.findings import Findings, findings
from stammkunde.server.journeys.simulating.knowing import Diary, Knowledge
from stammkunde.server.journeys.simulating.mailing import send
from stammkunde.server.journeys.simulating.shadows import Tell, apart, past
from stammkunde.server.journeys.simulating.staging import Draft, asked_segments, stage


@dataclass(frozen=True)
class Question:
    """What is to be tried: a draft among the journeys that are on, over a time, looked at every `stroke`."""

    drafts: Sequence[Draft]
    begin: datetime
    end: datetime
    stroke: timedelta = timedelta(hours=1)
    others: bool = True


def simulate(question: Question, *, tell: Tell = lambda *_: None) -> Findings:
    """What the drafts would have done, among the other journeys of the shop. Nothing of it stays but the findings."""
    return apart(lambda say: _run(question, say), tell)


@dataclass
class _Watch:
    """The strokes of the clock, and on which of them a day has begun in the shop."""

    question: Question
    day: object = field(default=None)

    def strokes(self) -> "list[datetime]":
        """The moments at which the engine is asked, the last one included."""
        asked, found = self.question, list[datetime]()
        now = asked.begin
        while now < asked.end:
            now = min(now + asked.stroke, asked.end)
            found.append(now)
        return found

    def dawns(self, now: datetime) -> bool:
        """Whether this is the first stroke of a day of the shop."""
        day = now.astimezone(ZoneInfo(settings.SHOP_ZONE)).date()
        new, self.day = day != self.day, day
        return new


def _run(question: Question, tell: Tell) -> Findings:
    from stammkunde.server.clv.computing.earlier import Earlier  # brings scipy, for which no page waits

    tell("Reading the record", 0, 1)
    earlier = Earlier.load()
    diary = Diary.read(question.begin)
    with past() as then:
        then.at(question.begin)
        staged = stage(question.drafts, now=question.begin, others=question.others)
        knowledge = Knowledge(diary, earlier, asked_segments())
        knowledge.begin(question.begin)
        watch, last = _Watch(question), question.begin
        strokes = watch.strokes()
        for number, now in enumerate(strokes):
            tell("Living through the past", number, len(strokes))
            then.at(now)
            knowledge.go_on(last, now)
            tick(now, since=None if watch.dawns(now) else last, listed=True)
            send(now)
            last = now
        drafts = [journey.pk for journey in Journey.objects.filter(pk__in=staged)]
        return findings(drafts, begin=question.begin, end=question.end)
