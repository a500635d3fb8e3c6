"""Due work as rows: each job once, whoever dies; tried again, given up, begun by the clock."""

import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from server.lib.conftest import Apart
from stammkunde.errors import DataError
from stammkunde.server.lib import work
from stammkunde.server.lib.models import Job
from stammkunde.server.lib.work import (
    HandedBackError,
    LostLeaseError,
    Running,
    Task,
    claim,
    enqueue,
    run,
    run_due,
    task,
)

MINUTE = timedelta(minutes=1)
Tasks = dict[str, Task]


def held(job: Job, *, now: datetime) -> Running:
    """A job in the hands of a task whose clock stands at `now`."""
    return Running(job, work.TASKS[job.kind].lease, now, clock=lambda: now)


@pytest.mark.django_db
def test_a_job_runs_once_with_what_was_asked_for_and_is_done(tasks: Tasks, now: datetime) -> None:
    seen = []
    task("greet")(lambda running: seen.append(running.payload["name"]))
    enqueue("greet", {"name": "Anna"}, now=now)
    assert run_due(now=now) == 1
    assert run_due(now=now) == 0
    assert seen == ["Anna"]
    assert Job.objects.get().state == "done"


@pytest.mark.django_db
def test_what_is_due_later_waits_and_the_oldest_comes_first(tasks: Tasks, now: datetime) -> None:
    order: list[str] = []
    task("greet")(lambda running: order.append(running.payload["name"]))
    for name, minutes in (("Deniz", 5), ("Ben", -1), ("Anna", -2)):
        enqueue("greet", {"name": name}, now=now, due_at=now + minutes * MINUTE)
    run_due(now=now)
    assert order == ["Anna", "Ben"]
    run_due(now=now + 5 * MINUTE)
    assert order == ["Anna", "Ben", "Deniz"]


@pytest.mark.django_db
def test_a_key_names_one_open_job_and_is_free_again_when_that_is_done(tasks: Tasks, now: datetime) -> None:
    task("score")(lambda running: None)
    first = enqueue("score", now=now, key="Anna")
    assert enqueue("score", now=now, key="Anna").pk == first.pk
    assert enqueue("score", now=now, key="Ben").pk != first.pk
    run_due(now=now)
    assert enqueue("score", now=now, key="Anna").pk != first.pk


@pytest.mark.django_db
def test_two_claims_never_get_the_same_job(tasks: Tasks, now: datetime) -> None:
    task("score")(lambda running: None)
    for _ in range(5):
        enqueue("score", now=now)
    mine, yours = claim("mine", now=now, most=3), claim("yours", now=now, most=3)
    assert (len(mine), len(yours)) == (3, 2)
    assert {job.pk for job in mine} & {job.pk for job in yours} == set()


@pytest.mark.django_db
def test_a_kind_this_process_does_not_know_waits_for_one_that_does(tasks: Tasks, now: datetime) -> None:
    enqueue("of a newer version", now=now)
    task("score")(lambda running: None)
    assert run_due(now=now) == 0
    assert Job.objects.get().state == "waiting"


@pytest.mark.django_db
def test_the_job_of_a_silent_worker_is_taken_over_after_its_lease_and_not_before(tasks: Tasks, now: datetime) -> None:
    task("score", lease=2 * MINUTE)(lambda running: None)
    enqueue("score", now=now)
    (dead,) = claim("dead", now=now)
    held(dead, now=now).progress("Scoring", 1, 10, force=True)
    assert claim("heir", now=now + MINUTE) == []
    (taken,) = claim("heir", now=now + 3 * MINUTE)
    assert (taken.pk, taken.worker, taken.attempts) == (dead.pk, "heir", 2)


@pytest.mark.django_db
def test_what_a_dead_worker_still_writes_is_refused(tasks: Tasks, now: datetime) -> None:
    task("score", lease=MINUTE)(lambda running: None)
    enqueue("score", now=now)
    (dead,) = claim("dead", now=now)
    (heir,) = claim("heir", now=now + 2 * MINUTE)
    ghost, later = held(dead, now=now), now + 2 * MINUTE
    for write in (
        lambda: ghost.progress("Scoring", force=True),
        ghost.finish,
        lambda: ghost.fail(ValueError("late"), tries=3),
        ghost.hand_back,
    ):
        with pytest.raises(LostLeaseError):
            write()
    assert Job.objects.get().worker == "heir"
    held(heir, now=later).finish()
    assert Job.objects.get().state == "done"


@pytest.mark.django_db
def test_one_worker_that_got_its_own_job_back_is_not_taken_for_its_former_self(tasks: Tasks, now: datetime) -> None:
    task("score", lease=MINUTE)(lambda running: None)
    enqueue("score", now=now)
    (before,) = claim("same", now=now)
    claim("same", now=now + 2 * MINUTE)
    with pytest.raises(LostLeaseError):
        held(before, now=now).finish()


@pytest.mark.django_db
def test_a_fault_is_tried_again_ever_later_and_then_given_up(tasks: Tasks, now: datetime) -> None:
    @task("flaky", tries=3)
    def flaky(running: Running) -> None:
        raise ConnectionError("the shop does not answer")

    enqueue("flaky", now=now)
    waits = []
    for _ in range(2):
        (job,) = claim("w", now=now)
        running = held(job, now=now)
        running.fail(ConnectionError("the shop does not answer"), tries=3)
        found = Job.objects.get()
        assert found.state == "waiting"
        waits.append(found.due_at - now)
        now = found.due_at
    run_due(now=now)
    found = Job.objects.get()
    assert waits == [timedelta(seconds=10), timedelta(minutes=2)]
    assert (found.state, found.attempts) == ("failed", 3)
    assert found.error == "ConnectionError: the shop does not answer"


@pytest.mark.django_db
def test_what_the_user_can_mend_is_not_tried_again(tasks: Tasks, now: datetime) -> None:
    @task("import", tries=5)
    def take(running: Running) -> None:
        raise DataError("There is no column of dates.", advice="Name it.")

    enqueue("import", now=now)
    run_due(now=now)
    found = Job.objects.get()
    assert (found.state, found.attempts) == ("failed", 1)
    assert found.error == "There is no column of dates.\nName it."


@pytest.mark.django_db
def test_a_job_that_ends_its_worker_each_time_is_given_up(tasks: Tasks, now: datetime) -> None:
    began = []
    task("crash", tries=2, lease=MINUTE)(began.append)
    enqueue("crash", now=now)
    for minutes in (0, 2):
        claim("one that dies", now=now + minutes * MINUTE)
    (job,) = claim("careful", now=now + 4 * MINUTE)
    run(job, now=now + 4 * MINUTE)
    assert began == []
    assert Job.objects.get().state == "failed"


@pytest.mark.django_db
def test_no_secret_gets_into_the_error_of_a_job(tasks: Tasks, now: datetime) -> None:
    @task("pull", tries=1)
    def pull(running: Running) -> None:
        raise OSError("https://anna:hunter2@shop.example/orders?token=abcdef refused")

    enqueue("pull", now=now)
    run_due(now=now)
    assert Job.objects.get().error == "OSError: https://***@shop.example/orders?token=*** refused"


@pytest.mark.django_db
def test_progress_is_noted_holds_the_lease_and_is_not_written_for_every_row(
    tasks: Tasks, now: datetime, django_assert_max_num_queries: object
) -> None:
    task("import", lease=MINUTE)(lambda running: None)
    enqueue("import", now=now)
    (job,) = claim("w", now=now)
    running = held(job, now=now + MINUTE)
    running.progress("Reading", 5, 10, force=True)
    found = Job.objects.get()
    assert (found.doing, found.done, found.total) == ("Reading", 5, 10)
    assert found.lease_until == now + 2 * MINUTE
    with django_assert_max_num_queries(1):  # type: ignore[operator]
        for row in range(1000):
            running.progress("Reading", row, 1000)


@pytest.mark.django_db
def test_a_job_is_handed_back_when_the_process_has_to_go_and_that_is_no_attempt(tasks: Tasks, now: datetime) -> None:
    hurry, done = threading.Event(), []

    @task("long", tries=1)
    def long(running: Running) -> None:
        running.progress("Half way")
        hurry.set()
        running.progress("Nearly there")
        done.append(running)

    enqueue("long", now=now)
    (job,) = claim("w", now=now)
    run(job, now=now, hurry=hurry)
    found = Job.objects.get()
    assert (done, found.state, found.attempts, found.lease_until) == ([], "waiting", 0, None)
    assert issubclass(HandedBackError, LostLeaseError)  # so that tasks which let the one through let both through


@pytest.mark.django_db
@pytest.mark.parametrize(("tried", "attempts"), [(True, 1), (False, 0)])
def test_jobs_of_a_worker_known_to_be_gone_need_not_wait_for_their_lease(
    tasks: Tasks, now: datetime, *, tried: bool, attempts: int
) -> None:
    task("score")(lambda running: None)
    enqueue("score", now=now)
    claim("gone", now=now)
    assert work.give_back("other", now=now) == 0
    assert work.give_back("gone", now=now, tried=tried) == 1
    found = Job.objects.get()
    assert (found.state, found.attempts) == ("waiting", attempts)


@pytest.mark.django_db
def test_jobs_whose_process_was_killed_on_this_machine_are_due_when_the_next_one_starts(
    tasks: Tasks, now: datetime
) -> None:
    task("score")(lambda running: None)
    (mine, ours) = (work.name_of_worker(), os.getppid())
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = [mine, *(mine.replace(str(os.getpid()), str(pid)) for pid in (ended.pid, ours)), "elsewhere:-:1:ab"]
    for name in names:
        enqueue("score", now=now)
        claim(name, now=now)
    assert work.bury(now=now) == 2
    left = Job.objects.filter(state=Job.State.RUNNING).values_list("worker", flat=True)
    assert sorted(left) == sorted(names[2:])


@pytest.mark.django_db
def test_what_runs_by_itself_has_one_job_waiting_and_comes_earlier_when_it_should(tasks: Tasks, now: datetime) -> None:
    task("pull", every=timedelta(hours=6))(lambda running: None)
    work.schedule(now=now)
    work.schedule(now=now + MINUTE)
    assert Job.objects.get().due_at == now + timedelta(hours=6)
    task("pull", every=timedelta(hours=1))(lambda running: None)
    work.schedule(now=now)
    assert Job.objects.get().due_at == now + timedelta(hours=1)
    run_due(now=now + timedelta(hours=1))
    work.schedule(now=now + timedelta(hours=1))
    assert Job.objects.filter(state="waiting").get().due_at == now + timedelta(hours=2)


@pytest.mark.django_db
def test_looking_for_what_runs_by_itself_writes_nothing_when_all_is_there(
    tasks: Tasks, now: datetime, django_assert_num_queries: object
) -> None:
    task("pull", every=timedelta(hours=6))(lambda running: None)
    work.schedule(now=now)
    with django_assert_num_queries(1):  # type: ignore[operator]
        work.schedule(now=now)


@pytest.mark.parametrize(
    ("zone", "hour", "now", "due"),
    [
        ("Europe/Berlin", 3, "2026-03-02T01:00", "2026-03-02T02:00"),
        ("Europe/Berlin", 3, "2026-03-02T02:00", "2026-03-03T02:00"),
        ("Europe/Berlin", 2, "2026-03-28T23:00", "2026-03-29T01:00"),  # there is no two o'clock that night
        ("Europe/Berlin", 2, "2026-03-29T01:00", "2026-03-30T00:00"),
        ("Europe/Berlin", 2, "2026-10-24T22:00", "2026-10-25T00:00"),  # there are two, the first counts
        ("Europe/Berlin", 2, "2026-10-25T00:00", "2026-10-26T01:00"),  # and the second does not
        ("Europe/Berlin", 2, "2026-10-25T01:30", "2026-10-26T01:00"),
        ("Pacific/Auckland", 4, "2026-03-02T09:00", "2026-03-02T15:00"),
    ],
)
def test_a_nightly_task_keeps_to_the_clock_of_the_shop(
    settings: object, zone: str, hour: int, now: str, due: str
) -> None:
    settings.SHOP_ZONE = zone  # type: ignore[attr-defined]
    nightly = Task("night", lambda running: None, 3, MINUTE, nightly=hour)
    found = nightly.next_run(datetime.fromisoformat(now).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_two_threads_share_the_work_and_do_nothing_twice(tasks: Tasks, now: datetime) -> None:
    done: list[int] = []
    task("score")(lambda running: done.append(running.job.pk))
    for _ in range(40):
        enqueue("score", now=now)
    stop, later = threading.Event(), now + MINUTE

    def worker() -> None:
        try:
            work.work(stop, clock=lambda: later)
        finally:
            connection.close()

    threads = [threading.Thread(target=worker) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(300):
        if Job.objects.filter(state="done").count() == 40 or stop.wait(0.1):
            break
    stop.set()
    for thread in threads:
        thread.join()
    assert sorted(done) == sorted(Job.objects.filter(state="done").values_list("pk", flat=True))
    assert len(done) == 40


NOTE = """
from datetime import datetime
from stammkunde.server.lib import work
work.TASKS.clear()

@work.task("note")
def note(running):
    with open(sys.argv[2], "a") as file:
        file.write(f"{running.job.pk}\\n")

while work.run_due(now=datetime.fromisoformat(sys.argv[3])):
    pass
"""


@pytest.mark.django_db(transaction=True)
def test_three_processes_share_the_work_and_do_nothing_twice(apart: Apart, now: datetime, tmp_path: Path) -> None:
    jobs = [enqueue("note", now=now).pk for _ in range(120)]
    notes = tmp_path / "notes"
    processes = [apart(NOTE, str(notes), now.isoformat()) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert sorted(int(line) for line in notes.read_text().split()) == jobs


SLEEP = """
import time
from datetime import UTC, datetime, timedelta
from stammkunde.server.lib import work
work.TASKS.clear()

@work.task("sleep", lease=timedelta(seconds=1))
def sleep(running):
    print("asleep", flush=True)
    time.sleep(600)

work.run_due(now=datetime.now(UTC))
"""


@pytest.mark.django_db(transaction=True)
def test_the_job_of_a_process_that_was_killed_is_done_by_another(apart: Apart, tasks: Tasks) -> None:
    enqueue("sleep", now=datetime.now(UTC))
    process = apart(SLEEP)
    assert process.stdout is not None
    assert process.stdout.readline() == "asleep\n"
    process.kill()
    process.wait()
    woken = []
    task("sleep")(woken.append)
    assert run_due(now=datetime.now(UTC)) == 0
    assert run_due(now=datetime.now(UTC) + timedelta(seconds=3)) == 1
    assert len(woken) == 1
    assert Job.objects.get().state == "done"
