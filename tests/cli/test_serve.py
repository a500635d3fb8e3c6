"""`stammkunde serve` as people start and stop it: one command, processes that watch each other, settings judged."""

import email
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import pytest

from instances import SERVER, SOURCE, Instance, instances

KIND = "postgresql" if SERVER else "sqlite"
SETTINGS = "from stammkunde.server.settings import *\nINSTALLED_APPS = [*INSTALLED_APPS, 'slow']\n"
SLOW = """
import time
from pathlib import Path
from stammkunde.server.lib.work import task

@task("patient")
def patient(running):
    Path(running.payload["began"]).touch()
    while True:
        running.progress("Waiting", force=True)
        time.sleep(0.1)

@task("stubborn")
def stubborn(running):
    Path(running.payload["began"]).touch()
    time.sleep(600)

@task("quick")
def quick(running):
    Path(running.payload["began"]).touch()
"""


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """An installation whose tables are there, to copy."""
    with instances(tmp_path_factory.mktemp("migrated")) as fresh:
        made = fresh(KIND)
        assert made.stammkunde("migrate").returncode == 0
        yield made


@pytest.fixture
def instance(tmp_path: Path, migrated: Instance) -> Iterator[Instance]:
    """A new installation, on PostgreSQL where there is one, with an app whose tasks take long."""
    (tmp_path / "slow").mkdir()
    (tmp_path / "slow" / "__init__.py").touch()
    (tmp_path / "slow" / "tasks.py").write_text(SLOW)
    (tmp_path / "slow_settings.py").write_text(SETTINGS)
    with instances(tmp_path, like=migrated) as fresh:
        made = fresh(KIND)
        made.more = {"PYTHONPATH": f"{SOURCE}:{tmp_path}", "DJANGO_SETTINGS_MODULE": "slow_settings"}
        yield made


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Instance]:
    """A new installation that nobody has ever started."""
    with instances(tmp_path) as fresh:
        yield fresh(KIND)


@pytest.fixture
def port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


Serve = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def serve(instance: Instance) -> Iterator[Serve]:
    """`stammkunde serve …`, once it says that it is there; ended after the test, whatever happened."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str, command: str = "serve") -> "subprocess.Popen[str]":
        process = instance.start(command, *arguments)
        started.append(process)
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith(("Stammkunde answers", "Stammkunde works")):
                return process
        raise AssertionError(process.communicate()[1])

    yield start
    for process in started:
        everybody = [process.pid, *family(process.pid)]
        process.kill()
        process.communicate()
        for pid in everybody:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def family(pid: int) -> list[int]:
    """The processes that a process has started, and those have started."""
    parents: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents.setdefault(int(status.read_text().rpartition(")")[2].split()[1]), []).append(
                int(status.parent.name)
            )
    found, new = [], [pid]
    while new:
        new = [child for each in new for child in parents.get(each, [])]
        found += new
    return found


def running_of(pids: list[int]) -> list[int]:
    """Those of the processes that are still there."""
    return [pid for pid in pids if Path(f"/proc/{pid}/stat").exists() and " Z " not in stat(pid)]


def stat(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return " Z "


def gone_within(seconds: float, pids: list[int]) -> bool:
    """Whether none of the processes is left after a while."""
    until = time.monotonic() + seconds
    while running_of(pids) and time.monotonic() < until:
        time.sleep(0.1)
    return not running_of(pids)


def get(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return json.load(answer)


ROWS = """
import sys, json, django
django.setup()
from django.utils import timezone
from stammkunde.server.lib.models import Job
from stammkunde.server.lib.work import enqueue
if sys.argv[1] == "enqueue":
    enqueue(sys.argv[2], {"began": sys.argv[3]}, now=timezone.now())
else:
    print(json.dumps(list(Job.objects.filter(kind=sys.argv[2]).values("state", "attempts", "worker"))))
"""


def rows(instance: Instance, *arguments: str) -> str:
    """Ask for work, or look how it stands, in a process of its own."""
    command = [sys.executable, "-c", ROWS, *arguments]
    return subprocess.run(command, env=instance.environment, check=True, capture_output=True, text=True).stdout


def begun(instance: Instance, kind: str, tmp_path: Path) -> None:
    """Ask for a job and wait until a worker is at it."""
    rows(instance, "enqueue", kind, str(tmp_path / kind))
    for _ in range(200):
        if (tmp_path / kind).exists():
            return
        time.sleep(0.1)
    raise AssertionError(f"nobody has begun {kind}")


def test_one_command_answers_works_and_stops_within_seconds(
    instance: Instance, serve: Serve, port: int, tmp_path: Path
) -> None:
    process = serve("--port", str(port))
    assert process.stdout is not None
    link = next(line.strip() for line in process.stdout if "/join/" in line)
    assert re.fullmatch(rf"http://127\.0\.0\.1:{port}/join/[\w-]{{40,}}", link)
    assert get(port, "/healthz") == {"status": "ok"}
    assert get(port, "/readyz") == {"status": "ok", "problems": [], "queue": []}
    begun(instance, "quick", tmp_path)
    children, began = family(process.pid), time.monotonic()
    process.send_signal(signal.SIGTERM)
    _, logs = process.communicate(timeout=20)
    assert process.returncode == 0
    assert time.monotonic() - began < 8
    assert gone_within(2, children)
    lines = [json.loads(line) for line in logs.splitlines()]
    assert "job done" in {line["event"] for line in lines}
    assert link.rpartition("/")[2] not in logs


@pytest.mark.thorough
def test_ctrl_c_in_a_terminal_reaches_all_and_still_ends_in_order(serve: Serve, port: int) -> None:
    process = serve("--port", str(port))
    children = family(process.pid)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 0
    assert gone_within(2, children)


def test_a_port_that_is_taken_is_told_before_anything_starts(instance: Instance, port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        told = instance.stammkunde("serve", "--port", str(port))
    assert told.returncode == 3
    assert f"127.0.0.1:{port} cannot be used" in told.stderr
    assert "--port" in told.stderr


@pytest.mark.thorough
@pytest.mark.parametrize("which", ["worker", "web"])
def test_a_process_that_is_killed_ends_the_whole_with_a_code(serve: Serve, port: int, which: str) -> None:
    process = serve("--port", str(port))
    children = family(process.pid)
    get(port, "/healthz")  # all are there
    of_granian = [child for child in children if family(child)]
    victim = family(of_granian[0])[0] if which == "web" else own(process.pid, not_of=of_granian)
    os.kill(victim, signal.SIGKILL)
    _, logs = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f'"name": "{which}"' in logs
    assert gone_within(2, children)


def own(pid: int, *, not_of: list[int]) -> int:
    """The worker among the children of `serve`."""
    direct = [child for child in family(pid) if stat(child).rpartition(")")[2].split()[1] == str(pid)]
    return next(each for each in direct if each not in not_of and b"resource_tracker" not in commands(each))


def commands(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


@pytest.mark.thorough
def test_nobody_is_left_when_the_parent_is_killed(serve: Serve, port: int) -> None:
    process = serve("--port", str(port))
    get(port, "/healthz")
    children = family(process.pid)
    process.kill()
    process.wait()
    assert gone_within(12, children)


@pytest.mark.thorough
@pytest.mark.parametrize(("kind", "seconds"), [("patient", 8), ("stubborn", 12)])
def test_a_job_that_takes_long_is_handed_back_and_that_is_no_attempt(
    instance: Instance, serve: Serve, tmp_path: Path, kind: str, seconds: int
) -> None:
    process = serve("--no-web")
    begun(instance, kind, tmp_path)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=seconds)
    assert process.returncode == 0
    (job,) = json.loads(rows(instance, "look", kind))
    assert (job["state"], job["attempts"]) == ("waiting", 0)


@pytest.mark.thorough
def test_a_second_signal_stops_at_once(instance: Instance, serve: Serve, tmp_path: Path) -> None:
    process = serve("--no-web")
    begun(instance, "stubborn", tmp_path)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=10)
    assert time.monotonic() - began < 3
    assert json.loads(rows(instance, "look", "stubborn"))[0]["state"] == "waiting"


@pytest.mark.thorough
def test_the_job_of_a_worker_that_was_killed_is_due_at_once_and_counts_as_a_try(
    instance: Instance, serve: Serve, tmp_path: Path
) -> None:
    process = serve("--no-web", "--worker-processes", "2")
    begun(instance, "patient", tmp_path)
    os.kill(worker_of(process.pid), signal.SIGKILL)
    process.communicate(timeout=20)
    assert process.returncode == 1
    assert json.loads(rows(instance, "look", "patient"))[0]["state"] == "waiting"


def worker_of(pid: int) -> int:
    """The first worker of `serve`."""
    return own(pid, not_of=[])


@pytest.mark.thorough
def test_work_does_what_is_due_beside_serve(instance: Instance, serve: Serve, tmp_path: Path) -> None:
    process = serve(command="work")
    begun(instance, "quick", tmp_path)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 0


@pytest.mark.thorough
def test_two_processes_that_migrate_at_once_do_not_meet(bare: Instance) -> None:
    refused = bare.stammkunde("work")
    assert refused.returncode == 1
    assert "stammkunde.E011" in refused.stderr
    both = [bare.start("migrate") for _ in range(2)]
    told = [process.communicate(timeout=100) for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert sorted("0 changes" in out for out, _ in told) == [False, True]


@pytest.mark.parametrize(
    ("name", "value", "number", "hint"),
    [
        ("STAMMKUNDE_SECRET_KEY", "short", "E003", "50 random"),
        ("STAMMKUNDE_CURENCY", "EUR", "E001", "STAMMKUNDE_CURRENCY"),
        ("STAMMKUNDE_DATABASE_URL", "mysql://shop", "E001", "postgresql://"),
        ("STAMMKUNDE_DATA", "/proc/nowhere", "E001", "another folder"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told_with_its_number_and_what_to_do(
    instance: Instance, name: str, value: str, number: str, hint: str
) -> None:
    instance.more[name] = value
    told = instance.stammkunde("serve", "--port", "1")
    assert told.returncode == 1
    assert f"error stammkunde.{number}: " in told.stderr
    assert hint in told.stderr
    assert "Traceback" not in told.stderr


def test_a_database_that_does_not_answer_is_told_without_its_password(instance: Instance) -> None:
    instance.database = "postgresql://stammkunde:hunter22@127.0.0.1:1/stammkunde"
    for command in ("serve", "doctor"):
        told = instance.stammkunde(command)
        assert told.returncode == 1
        assert "stammkunde.E010" in told.stdout + told.stderr
        assert "Traceback" not in told.stderr
        assert "hunter22" not in told.stdout + told.stderr


def test_doctor_names_what_is_wrong_and_no_secret(instance: Instance) -> None:
    instance.more["STAMMKUNDE_METRICS_TOKEN"] = "very-secret-token"
    after = instance.stammkunde("doctor")
    assert after.returncode == 0
    assert "very-secret-token" not in after.stdout
    assert "STAMMKUNDE_METRICS_TOKEN = ***" in after.stdout
    told = json.loads(instance.stammkunde("doctor", "--json").stdout)
    names = [check["name"] for check in told["checks"] if check["status"] == "ok"]
    assert names == ["settings", "values", "data folder", "database", "clock", "queue"]
    assert told["settings"]["METRICS_TOKEN"] == "environment"


def test_invite_prints_a_link_for_a_role(instance: Instance) -> None:
    told = instance.stammkunde("invite", "--role", "owner")
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/join/[\w-]{40,}\n", told.stdout)
    assert "Set STAMMKUNDE_URL" in told.stderr
    assert instance.stammkunde("invite", "--role", "king").returncode == 2


def test_nothing_to_start_is_no_use(instance: Instance) -> None:
    assert instance.stammkunde("serve", "--no-web", "--no-worker").returncode == 2


def test_without_the_server_the_command_says_how_to_get_it() -> None:
    code = "import sys; sys.modules['django'] = None; sys.argv = ['stammkunde', 'serve']; "
    code += "from stammkunde.cli import main; main()"
    environment = {"PYTHONPATH": str(SOURCE), "PATH": ""}
    command = [sys.executable, "-c", code]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 6
    assert "pip install 'stammkunde[server]'" in told.stderr


def test_help_does_not_wait_for_the_server() -> None:
    code = "import sys, stammkunde.cli as c; sys.argv = ['stammkunde', 'serve', '--help']\n"
    code += "try: c.main()\nexcept SystemExit: pass\nprint(*sys.modules)"
    command = [sys.executable, "-c", code]
    told = subprocess.run(command, env={"PYTHONPATH": str(SOURCE)}, capture_output=True, text=True, check=True)
    assert {"django", "granian", "structlog", "multiprocessing"} & set(told.stdout.split()) == set()


@pytest.mark.thorough
def test_a_backup_is_taken_while_the_server_runs_and_can_be_verified(
    instance: Instance, serve: Serve, port: int
) -> None:
    serve("--port", str(port), "--no-worker")
    told = instance.stammkunde("backup")
    assert told.returncode == 0, told.stderr
    (path,) = (instance.data / "backups").iterdir()
    assert str(path) in told.stdout
    assert f"{datetime.now(UTC):%Y%m%d}" in path.name
    assert instance.stammkunde("backup", "--verify", str(path)).returncode == 0
    path.write_bytes(path.read_bytes()[:-10])
    refused = instance.stammkunde("backup", "--verify", str(path))
    assert refused.returncode == 3
    assert "cut off" in refused.stderr


@pytest.mark.thorough
def test_the_demo_says_what_the_customers_of_the_bundled_shop_are_worth(bare: Instance) -> None:
    process = bare.start("serve", "--demo", "--no-web")
    assert process.stdout is not None
    told = []
    for line in process.stdout:
        told.append(line)
        if line.startswith("Stammkunde works"):
            break
    process.terminate()
    out, logs = process.communicate(timeout=90)
    assert process.returncode == 0, logs
    assert "4,335 customers will probably bring" in "".join(told) + out, logs
    letters = [email.message_from_bytes(each.read_bytes()) for each in (bare.data / "mail").iterdir()]
    assert len(letters) > 500  # weeks of mail, kept as files: none of it left the house
    assert {parseaddr(str(each["to"]))[1].partition("@")[2] for each in letters} == {"example.com"}
