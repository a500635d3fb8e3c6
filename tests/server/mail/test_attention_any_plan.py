"""Over plans nobody thought of: never above the cap, never closer than the gap, and nothing waits for ever."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attention_people import DAY, HOUR, Post
from stammkunde.server.mail.attention.choosing import Verdict, choose
from stammkunde.server.mail.attention.rule import Bid, Budget, Left, Slot, judge
from stammkunde.server.mail.models import Passed, Send
from stammkunde.server.shop.models import Customer

START = datetime(2026, 3, 20, 9, tzinfo=UTC)  # with the night in which clocks are put forward ahead
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "UTC"])
BUDGETS = st.builds(
    Budget,
    cap=st.integers(1, 5),
    window=st.integers(1, 30).map(lambda each: timedelta(days=each)),
    gap=st.integers(0, 100).map(lambda each: timedelta(hours=each)),
    look_ahead=st.integers(0, 24).map(lambda each: timedelta(hours=each)),
)
PLANS = st.lists(
    st.tuples(st.integers(0, 240), st.integers(-50, 500), st.integers(1, 600), st.booleans()), min_size=1, max_size=14
)


def life(plan: Sequence[tuple[int, int, int, bool]], budget: Budget, zone: ZoneInfo, steps: Sequence[int]) -> None:
    """A year of one customer: a worker comes by at odd times and does as it is told."""
    bids = {
        number: Bid(number, expected, START + due * HOUR, START + (due + ends) * HOUR, quiet=quiet)
        for number, (due, expected, ends, quiet) in enumerate(plan)
    }
    left: list[Left] = []
    now, turn = START, 0
    while bids:
        now, turn = now + timedelta(minutes=steps[turn % len(steps)]), turn + 1
        assert now < START + 400 * DAY, f"these wait for ever: {bids}"
        due = [Bid(**{**vars(each), "mine": True, "taken": True}) for each in bids.values() if each.due_at <= now]
        waiting = [each for each in bids.values() if each.due_at > now]
        rulings = judge(Slot([*due, *waiting], left, zone=zone), budget, now=now)
        assert len(rulings) == len(due)
        assert sum(each.outcome == "go" for each in rulings) <= 1
        for each in rulings:
            bid = bids.pop(each.bid.id)
            if each.outcome == "go":
                left.append(Left(now, bid.id))
                assert bid.expires_at is not None
                assert now <= bid.expires_at
                local = now.astimezone(zone).time()
                assert not bid.quiet or budget.quiet_to <= local < budget.quiet_from
            elif each.outcome == "later":
                assert each.until is not None
                assert each.until > now or budget.gap == timedelta(0)
                assert each.reason
                bids[bid.id] = Bid(**{**vars(bid), "due_at": each.until})
            else:
                assert (each.outcome, bool(each.reason)) == ("drop", True)
    for first, second in itertools.pairwise(left):
        assert second.at - first.at >= budget.gap
    for each in left:
        assert sum(each.at - budget.window < other.at <= each.at for other in left) <= budget.cap


@settings(max_examples=200)
@given(PLANS, BUDGETS, ZONES, st.lists(st.integers(1, 700), min_size=1, max_size=6))
def test_no_plan_exceeds_the_cap_undercuts_the_gap_or_starves(
    plan: list[tuple[int, int, int, bool]], budget: Budget, zone: str, steps: list[int]
) -> None:
    life(plan, budget, ZoneInfo(zone), steps)


@given(PLANS, BUDGETS, st.randoms(use_true_random=False))
def test_the_order_in_which_rows_are_read_decides_nothing(
    plan: list[tuple[int, int, int, bool]], budget: Budget, random: "object"
) -> None:
    bids = [
        Bid(number, expected, START + due * HOUR, mine=due <= 120, quiet=quiet)
        for number, (due, expected, _ends, quiet) in enumerate(plan)
    ]
    mixed = list(bids)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    now = START + 120 * HOUR
    assert judge(Slot(bids), budget, now=now) == judge(Slot(mixed), budget, now=now)


@pytest.mark.django_db
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=st.lists(st.tuples(st.integers(0, 20 * 24), st.integers(0, 900)), min_size=1, max_size=10),
    hours=st.lists(st.integers(1, 30), min_size=1, max_size=4),
    workers=st.integers(1, 3),
)
def test_bens_messages_in_the_database_keep_the_shops_promise(
    db: None, plan: list[tuple[int, int]], hours: list[int], workers: int
) -> None:
    for model in (Passed, Send, Customer):
        model._default_manager.all().delete()
    post = Post(START)
    ben, post.sender.cap, post.sender.cap_days = post.person("Ben"), 2, 10
    for due, expected in plan:
        post.plan(ben, "cart" if expected % 2 else "vip", expected, due_at=START + due * HOUR)
    turn = 0
    while open_ := Send.objects.filter(state=Send.State.WAITING).count():
        post.at(post.now + hours[turn % len(hours)] * HOUR)
        for _each in range(workers):  # each takes its part
            post.settle(_chosen(post, most=-(-open_ // workers)))
        turn += 1
        assert turn < 2000
    gone = list(Send.objects.filter(state=Send.State.SENT).order_by("settled_at").values_list("settled_at", flat=True))
    assert gone
    assert all(second - first >= 48 * HOUR for first, second in itertools.pairwise(gone))
    assert all(sum(each - 10 * DAY < other <= each for other in gone) <= 2 for each in gone)
    dropped = Send.objects.filter(state=Send.State.SUPPRESSED)
    assert all(each.passed.filter(until__isnull=False).exists() or each.reason == "expired" for each in dropped)


def _chosen(post: Post, most: int) -> list[Verdict]:
    return choose(post.claim(most=most), now=post.now, sender=post.sender)
