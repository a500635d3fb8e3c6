"""What the ground does at night."""

from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session

from stammkunde.server.lib.models import Job
from stammkunde.server.lib.tasks import tidy
from stammkunde.server.lib.work import TASKS, Running


@pytest.mark.django_db
def test_old_work_and_old_logins_are_forgotten_and_work_nobody_knows_is_given_up(now: datetime) -> None:
    def job(name: str, state: str, days: int, kind: str = "tidy") -> None:
        then = now - timedelta(days=days)
        finished = then if state in {"done", "failed"} else None
        Job.objects.create(kind=kind, key=name, state=state, due_at=then, created_at=then, finished_at=finished)

    job("long done", "done", 8)
    job("just done", "done", 6)
    job("long failed", "failed", 91)
    job("failed", "failed", 60)
    job("late", "waiting", 30)
    job("of a room that is gone", "waiting", 8, kind="gone")
    job("of a version to come", "waiting", 6, kind="to come")
    Session.objects.create(session_key="old", expire_date=now - timedelta(days=1))
    Session.objects.create(session_key="new", expire_date=now + timedelta(days=1))
    mine = Job.objects.create(kind="tidy", state="running", worker="w", due_at=now, created_at=now)
    tidy(Running(mine, timedelta(minutes=1), now))
    left = dict(Job.objects.exclude(pk=mine.pk).values_list("key", "state"))
    assert left == {
        "just done": "done",
        "failed": "failed",
        "late": "waiting",
        "of a room that is gone": "failed",
        "of a version to come": "waiting",
    }
    assert Session.objects.get().session_key == "new"


def test_it_runs_every_night() -> None:
    assert TASKS["tidy"].nightly is not None
