"""The calendar shows mails where they ended, and those that wait where they are due."""

from datetime import UTC, date, datetime

import pytest

from attention_people import Post
from stammkunde.server.dashboards.queries.calendar import month

pytestmark = pytest.mark.django_db
MORNING, BEFORE_MIDNIGHT = datetime(2026, 3, 12, 9, tzinfo=UTC), datetime(2026, 3, 12, 23, 30, tzinfo=UTC)
LATER = datetime(2026, 3, 20, 9, tzinfo=UTC)


def test_what_was_held_back_early_is_no_mail_of_a_day_to_come() -> None:
    post = Post(MORNING)
    anna = post.person("Anna")

    def mail(state: str, *, due: datetime, ended: datetime | None = None) -> None:
        post.plan(anna, "offer", due_at=due, state=state, settled_at=ended)

    mail("suppressed", due=LATER, ended=MORNING)
    mail("refused", due=MORNING, ended=BEFORE_MIDNIGHT)
    mail("sent", due=MORNING, ended=MORNING)
    mail("waiting", due=LATER)
    mail("claimed", due=LATER)
    mail("unknown", due=MORNING, ended=MORNING)
    shown = month(date(2026, 3, 1), today=date(2026, 3, 12))
    told = {each.day: (each.sent, each.due, each.held) for week in shown.weeks for each in week}
    assert {day: numbers for day, numbers in told.items() if any(numbers)} == {
        date(2026, 3, 12): (1, 0, 1),
        date(2026, 3, 13): (0, 0, 1),  # half past midnight in Berlin
        date(2026, 3, 20): (0, 2, 0),
    }
