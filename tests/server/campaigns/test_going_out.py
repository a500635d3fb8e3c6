"""A newsletter goes out: once to each, at their hour, at its pace; stopped, gone on with, finished."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.campaigns.conftest import leave, plan
from server.conftest import NOW
from stammkunde.errors import StammkundeError
from stammkunde.server.accounts.models import Endpoint, Outgoing, User
from stammkunde.server.accounts.models import Entry as LogEntry
from stammkunde.server.campaigns.actions import approving, sending
from stammkunde.server.campaigns.actions.writing import RefusedError, Wanted, change
from stammkunde.server.campaigns.models import Campaign
from stammkunde.server.campaigns.queries import audience
from stammkunde.server.lib.models import Job
from stammkunde.server.lib.seal import seal
from stammkunde.server.lib.work import run_due
from stammkunde.server.mail.models import Send, Sender, Template
from stammkunde.server.segments.models import Member, Segment
from stammkunde.server.shop.models import Customer

pytestmark = pytest.mark.django_db

Newsletter = Callable[..., Campaign]
HOUR = timedelta(hours=1)


def states(campaign: Campaign) -> dict[str, str]:
    """Each customer's mail and its state."""
    return dict(Send.objects.filter(sending.mine(campaign)).values_list("customer__name", "state"))


def test_anna_gets_one_newsletter_once_though_two_texts_fit(
    people: dict[str, Customer], newsletter: Newsletter, begin: Newsletter
) -> None:
    campaign = begin(newsletter(("long_standing", {"de": "Treu"}), ("all", {"de": "Neu"})))
    plan(campaign, now=NOW + HOUR)
    Campaign.objects.filter(pk=campaign.pk).update(planned_to=0)  # as if the place had been lost
    plan(Campaign.objects.get(pk=campaign.pk), now=NOW + 2 * HOUR)
    mine = Send.objects.filter(customer=people["Anna"])
    assert [each.message.variant for each in mine] == ["a"]  # the text for her own tenure
    assert Send.objects.get(customer=people["Deniz"]).message.variant == "b"
    assert Send.objects.count() == 4


def test_a_newsletter_keeps_the_mail_as_it_was_approved(
    people: dict[str, Customer], newsletter: Newsletter, begin: Newsletter, template: Template
) -> None:
    campaign = begin(newsletter(("all", {"de": "Eigener Betreff"})))
    template.draft = template.draft | {"subject": {"en": "Other", "de": "Anderer"}}
    template.save()
    version = Send.objects.first().message.version  # type: ignore[union-attr]
    assert version.document["subject"] == {"en": "The new harvest is here", "de": "Eigener Betreff"}
    assert not template.versions.exists()  # no journey takes that subject
    assert campaign.variants.get().version == version


def test_only_who_is_in_the_segment_gets_it(
    people: dict[str, Customer], newsletter: Newsletter, begin: Newsletter
) -> None:
    segment = Segment.objects.create(name="Friends", rule={}, rule_changed_at=NOW, created_at=NOW)
    Member.objects.create(segment=segment, customer=people["Ben"], since=NOW)
    campaign = begin(newsletter(segment=segment))
    assert set(states(campaign)) == {"Ben"}


def test_only_whom_the_rule_finds_gets_it(
    people: dict[str, Customer], newsletter: Newsletter, begin: Newsletter
) -> None:
    campaign = begin(newsletter(rule={"all": [{"fact": "order_days", "op": ">=", "value": 5}]}))
    assert set(states(campaign)) == {"Anna", "Ben"}


def test_nine_oclock_where_each_is_over_the_night_the_clock_changes(
    person: Callable[..., Customer], newsletter: Newsletter, begin: Newsletter
) -> None:
    person("Anna")
    person("Yuki", zone="Asia/Tokyo")
    person("Kate", zone="America/New_York")
    eve = datetime(2026, 3, 27, 8, tzinfo=UTC)
    campaign = newsletter(day=date(2026, 3, 29), hour=time(9))  # in Berlin this night has no two o'clock
    campaign = begin(campaign, now=eve)
    due = dict(Send.objects.values_list("customer__name", "due_at"))
    assert due["Anna"] == datetime(2026, 3, 29, 7, tzinfo=UTC)
    assert due["Yuki"] == datetime(2026, 3, 29, 0, tzinfo=UTC)
    assert due["Kate"] == datetime(2026, 3, 29, 13, tzinfo=UTC)
    zones = {"Anna": "Europe/Berlin", "Yuki": "Asia/Tokyo", "Kate": "America/New_York"}
    assert {each.astimezone(ZoneInfo(zones[name])).hour for name, each in due.items()} == {9}


def test_an_hour_that_does_not_exist_is_the_first_moment_after_it(
    person: Callable[..., Customer], newsletter: Newsletter, begin: Newsletter
) -> None:
    person("Anna")
    begin(newsletter(day=date(2026, 3, 29), hour=time(2, 30)), now=datetime(2026, 3, 27, 8, tzinfo=UTC))
    assert Send.objects.get().due_at == datetime(2026, 3, 29, 1, tzinfo=UTC)  # three o'clock, when it begins


def test_planning_begins_when_the_day_begins_where_it_begins_first(newsletter: Newsletter) -> None:
    campaign = newsletter(day=date(2026, 3, 29), hour=time(9))
    assert sending.begins(campaign) == datetime(2026, 3, 28, 10, tzinfo=UTC)


def test_at_most_so_many_an_hour(person: Callable[..., Customer], newsletter: Newsletter, begin: Newsletter) -> None:
    for number in range(25):
        person(f"Friend{number}")
    begin(newsletter(per_hour=10))
    due = sorted(Send.objects.values_list("due_at", flat=True))
    assert sum(each < NOW + HOUR for each in due) == 10
    assert due[-1] < NOW + 3 * HOUR


def test_a_newsletter_stopped_half_way_goes_on_with_the_rest_and_sends_nothing_twice(
    people: dict[str, Customer], newsletter: Newsletter, begin: Newsletter, boss: User
) -> None:
    campaign = begin(newsletter())
    leave(campaign, "Anna", "Ben", at=NOW)
    assert sending.stop(campaign, now=NOW + HOUR, by=boss) == 2
    assert states(campaign) == {"Anna": "sent", "Ben": "sent", "Clara": "suppressed", "Deniz": "suppressed"}
    assert sending.resume(campaign, now=NOW + 5 * HOUR, by=boss) == 2
    plan(campaign, now=NOW + 5 * HOUR)
    assert states(campaign) == {"Anna": "sent", "Ben": "sent", "Clara": "waiting", "Deniz": "waiting"}
    assert Send.objects.get(customer=people["Deniz"]).due_at >= NOW + 5 * HOUR
    assert Send.objects.count() == 4


def test_a_stop_during_planning_ends_planning_and_going_on_completes_it_at_the_same_pace(
    person: Callable[..., Customer], newsletter: Newsletter, boss: User
) -> None:
    for number in range(12):
        person(f"Friend{number}")
    campaign = newsletter(per_hour=4)
    approving.approve(campaign, now=NOW, by=boss)
    sending.schedule(campaign, now=NOW, by=boss)
    found = sending.start(campaign.pk, now=NOW)
    blocks = audience.blocks(found, after=0, now=NOW, most=5)
    sending.plan_block(found.pk, next(blocks), now=NOW)
    sending.stop(found, now=NOW, by=boss)
    with pytest.raises(sending.StoppedError):
        sending.plan_block(found.pk, next(blocks), now=NOW)
    sending.resume(found, now=NOW + 10 * HOUR, by=boss)
    plan(found, now=NOW + 10 * HOUR)
    due = sorted(Send.objects.values_list("due_at", flat=True))
    assert len(due) == 12
    assert due[0] >= NOW + 10 * HOUR
    assert all(sum(first <= each < first + HOUR for each in due) <= 4 for first in due)


def test_it_is_done_only_when_no_mail_is_open(
    people: dict[str, Customer], newsletter: Newsletter, begin: Newsletter
) -> None:
    Endpoint.objects.create(
        url="https://crm.example/", sealed=seal({"now": "x"}), events=["campaign.*"], created_at=NOW
    )
    campaign = begin(newsletter())
    leave(campaign, "Anna", "Ben", "Clara", at=NOW)
    assert not sending.finish(campaign, now=NOW)
    leave(campaign, "Deniz", at=NOW)
    assert sending.finish(campaign, now=NOW + HOUR)
    assert not sending.finish(campaign, now=NOW + HOUR)
    assert Campaign.objects.get().state == "done"
    told = json.loads(Outgoing.objects.get(event="campaign.done").body)["data"]
    assert (told["campaign"], told["planned"], told["sent"]) == (campaign.pk, 4, 4)


def test_a_shop_that_is_not_ready_for_mail_to_many_is_told_what_to_do(
    people: dict[str, Customer], newsletter: Newsletter, boss: User
) -> None:
    Sender.objects.create(transport="smtp")
    campaign = approving.approve(newsletter(), now=NOW, by=boss)
    with pytest.raises(RefusedError, match="SPF, DKIM, DMARC"):
        sending.schedule(campaign, now=NOW, by=boss)
    Sender.objects.update(bulk_ready_at=NOW)
    sending.schedule(campaign, now=NOW, by=boss)


def test_what_is_only_kept_needs_no_check(newsletter: Newsletter, boss: User) -> None:
    campaign = approving.approve(newsletter(), now=NOW, by=boss)
    assert sending.schedule(campaign, now=NOW, by=boss).state == "scheduled"


def test_a_second_person_approves_where_there_is_one(newsletter: Newsletter, boss: User) -> None:
    other = User.objects.create_user("olga@example.com", role="marketing", joined_at=NOW)
    campaign = newsletter()
    with pytest.raises(RefusedError, match="somebody else"):
        approving.approve(campaign, now=NOW, by=boss)
    approving.approve(campaign, now=NOW, by=other)
    assert LogEntry.objects.get(verb="approved").change["alone"] is False


def test_who_is_alone_approves_and_the_log_keeps_it(newsletter: Newsletter, boss: User) -> None:
    approving.approve(newsletter(), now=NOW, by=boss)
    assert LogEntry.objects.get(verb="approved").change["alone"] is True


def test_a_change_after_approval_makes_it_a_draft_again(newsletter: Newsletter, boss: User) -> None:
    campaign = approving.approve(newsletter(), now=NOW, by=boss)
    assert change(campaign, Wanted(name="Other"), now=NOW, by=boss).state == "draft"
    with pytest.raises(RefusedError, match="not approved"):
        sending.schedule(campaign, now=NOW, by=boss)


def test_an_unfinished_mail_is_not_approved(newsletter: Newsletter, template: Template, boss: User) -> None:
    campaign = newsletter()
    template.draft = {"purpose": "newsletter", "subject": {"en": "x"}}
    template.save()
    with pytest.raises(RefusedError, match="Spring"):
        approving.approve(campaign, now=NOW, by=boss)


def test_a_time_missed_by_days_sends_nothing_by_itself(
    people: dict[str, Customer], newsletter: Newsletter, boss: User
) -> None:
    campaign = approving.approve(newsletter(at=NOW + HOUR), now=NOW, by=boss)
    sending.schedule(campaign, now=NOW, by=boss)
    with pytest.raises(StammkundeError, match="missed by days"):
        sending.start(campaign.pk, now=NOW + timedelta(days=30))
    found = Campaign.objects.get()
    assert (found.state, found.why) == ("approved", "Its time was missed by days.")
    assert not Send.objects.exists()


def test_the_worker_begins_it_at_its_time(people: dict[str, Customer], newsletter: Newsletter, boss: User) -> None:
    campaign = approving.approve(newsletter(at=NOW + HOUR), now=NOW, by=boss)
    sending.schedule(campaign, now=NOW, by=boss)
    Job.objects.exclude(kind=sending.PLAN).delete()
    assert run_due(now=NOW) == 0
    Job.objects.exclude(kind=sending.PLAN).delete()
    run_due(now=NOW + HOUR, most=1)
    assert set(states(campaign)) == {"Anna", "Ben", "Clara", "Deniz"}
    assert Job.objects.get(kind=sending.PLAN).state == "done"
