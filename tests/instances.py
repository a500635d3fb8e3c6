"""Installations of the server for tests that need a whole one: a data folder, a database, and the command."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

SOURCE = Path(__file__).resolve().parents[1] / "src"
#: The PostgreSQL to test on, where there is one: `python tests/on_postgres.py`.
SERVER = os.environ.get("STAMMKUNDE_TEST_DATABASE", "")


@dataclass
class Instance:
    """An installation of its own."""

    data: Path
    database: str = ""
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What its processes see."""
        return {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(SOURCE),
            "PYTHONWARNINGS": "error",
            "STAMMKUNDE_DATA": str(self.data),
            "STAMMKUNDE_DATABASE_URL": self.database,
            **self.more,
        }

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """`stammkunde …` as a process that goes on."""
        command = [sys.executable, "-m", "stammkunde.cli", *arguments]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=self.environment, stdout=pipe, stderr=pipe, text=True)

    def stammkunde(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """`stammkunde …` to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)


@contextmanager
def instances(folder: Path) -> Iterator[Callable[[str], Instance]]:
    """A maker of installations on `sqlite` or `postgresql`, with empty databases that go away afterwards."""
    made: list[str] = []
    count = 0

    def fresh(kind: str) -> Instance:
        nonlocal count
        count += 1
        data = folder / f"instance-{count}"
        if kind == "sqlite":
            return Instance(data)
        made.append(f"stammkunde_{os.getpid()}_{count}")
        _run(f"CREATE DATABASE {made[-1]}")
        return Instance(data, urlunsplit(urlsplit(SERVER)._replace(path=f"/{made[-1]}")))

    try:
        yield fresh
    finally:
        for name in made:
            _run(f"DROP DATABASE {name} WITH (FORCE)")


def _run(sql: str) -> None:
    import psycopg  # only where there is a PostgreSQL

    with psycopg.connect(SERVER, autocommit=True, dbname="postgres") as server:
        server.execute(sql)
