"""The last weeks of the demo, lived through by the engine itself: journeys, the gate, attention, letters as files."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import translation

from stammkunde.server.campaigns.actions import sending as campaigns
from stammkunde.server.campaigns.models import Campaign
from stammkunde.server.dashboards.demo import goods, mails, people
from stammkunde.server.dashboards.demo.dressing import dress
from stammkunde.server.dashboards.demo.people import SignUp
from stammkunde.server.journeys.running.ticking import tick
from stammkunde.server.journeys.simulating.knowing import Diary, Knowledge
from stammkunde.server.journeys.simulating.reliving import reliving
from stammkunde.server.journeys.simulating.staging import asked_segments
from stammkunde.server.mail.attention.learning import learn
from stammkunde.server.mail.models import Send
from stammkunde.server.mail.sending.letters import Letters
from stammkunde.server.mail.sending.slices import send_due
from stammkunde.server.offers.actions.counting import count
from stammkunde.server.shop.models import Customer, Source

Tell = Callable[[str, int, int], None]
WEEKS = timedelta(days=21)
STROKE = timedelta(hours=8)
ORDERS = timedelta(days=10)  # ago, the shop left its order mails to us
BEFORE = timedelta(days=75)  # parcels that were on their way when it begins, and all whose lateness would count
READ = timedelta(hours=3)  # after which somebody who signed up has seen the mail
LETTER = timedelta(days=13)  # ago, the newsletter went out
NEXT = timedelta(days=6)


def silent(doing: str, done: int, total: int) -> None:
    """Say nothing."""
    del doing, done, total


def live(source: Source, titles: "dict[str, tuple[str, int]]", *, now: datetime, tell: Tell = silent) -> None:
    """Give the shop its journeys and newsletters, and live through its last weeks up to now."""
    begin = (now - WEEKS).replace(minute=0, second=0, microsecond=0)
    with translation.override(settings.LANGUAGE_CODE):
        tell("Making up what the file lacks", 0, 1)
        goods.name(source, titles)
        goods.ship(source, since=begin - BEFORE, now=now)
        goods.fill_carts(source, since=begin, now=now)
        count(now=now)
        dress(now=begin)
        people.agree(until=begin, now=now)
        mails.copy_flows(now=begin)
        mails.switch_on(mails.FLOWS, now=begin)
        _live(begin, now, tell)
        later = _morning(now + NEXT)
        mails.newsletter("demo-next", mails.names()[1], at=later, now=now)
        learn(now=now)


@dataclass
class Clock:
    """The time of a stroke; each look takes half a second, as it would."""

    at: datetime
    step: timedelta = field(default=timedelta(seconds=0.5))

    def __call__(self) -> datetime:
        """A little later than before."""
        self.at += self.step
        return self.at


def _live(begin: datetime, now: datetime, tell: Tell) -> None:
    from stammkunde.server.clv.computing.earlier import Earlier  # brings scipy

    earlier, diary = Earlier.load(), Diary.read(begin)
    signing = people.sign_ups(since=begin, until=now)
    with reliving() as then:
        then.at(begin)
        knowledge = Knowledge(diary, earlier, asked_segments() | mails.audience())
        knowledge.begin(begin)
        last = begin
        for number, at in enumerate(strokes := list(_strokes(begin, now))):
            tell("Living through the last weeks", number, len(strokes))
            then.at(at)
            with transaction.atomic():  # else a disk is waited for at each message
                knowledge.go_on(last, at)
                _happen(last, at, now, signing)
                tick(at, since=None if _dawned(last, at) else last)
                send_due(worker="demo", clock=Clock(at), seconds=600, composing=Letters)
            last = at


def _happen(last: datetime, at: datetime, now: datetime, signing: Sequence[SignUp]) -> None:
    """What people and staff did since the stroke before."""
    for who in signing:
        if last < who.at <= at:
            people.sign_up(who)
    people.confirm(before=at - READ, now=at)
    if last < _morning(now - LETTER) <= at:
        _send_letter(_morning(now - LETTER))
    if last < now - ORDERS <= at:
        mails.switch_on(mails.LATE, now=at)
    if _dawned(last, at):
        _answer(at)


def _dawned(last: datetime, at: datetime) -> bool:
    return at.astimezone(_zone()).date() != last.astimezone(_zone()).date()


def _strokes(begin: datetime, end: datetime) -> Iterator[datetime]:
    while begin < end:
        begin = min(begin + STROKE, end)
        yield begin


def _send_letter(at: datetime) -> None:
    made = mails.newsletter("demo-autumn", mails.names()[0], at=at, now=at - timedelta(hours=2), starter=mails.AUDIENCE)
    going = campaigns.start(made.pk, now=at)
    campaigns.plan_all(going, now=at, tell=silent)


def _answer(now: datetime) -> None:
    """A newsletter is through, and some have had enough."""
    for going in Campaign.objects.filter(state=Campaign.State.SENDING):
        if campaigns.finish(going, now=now):
            got = Send.objects.filter(campaigns.mine(going), state=Send.State.SENT).values("customer")
            for customer in Customer.objects.filter(pk__in=got):
                people.object_to_it(customer, now=now)


def _morning(moment: datetime) -> datetime:
    return moment.astimezone(_zone()).replace(hour=10, minute=0, second=0, microsecond=0)


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.SHOP_ZONE)
