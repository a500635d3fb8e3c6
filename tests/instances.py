"""Installations of the server for tests that need a whole one: a data folder, a database, and the command."""

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
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
            # Threads of granian end without a word, and with them their connections, at which psycopg wonders.
            "PYTHONWARNINGS": "error,ignore::ResourceWarning",
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
def instances(folder: Path, *, like: Instance | None = None) -> Iterator[Callable[[str], Instance]]:
    """A maker of installations on `sqlite` or `postgresql`, with databases that go away afterwards.

    They are empty, or copies of the one they are to be like, at which nobody works.
    """
    made: list[str] = []

    def fresh(kind: str) -> Instance:
        data = Path(tempfile.mkdtemp(prefix="instance-", dir=folder))
        if like:
            shutil.copytree(like.data, data, dirs_exist_ok=True)
        if kind == "sqlite":
            return Instance(data)
        made.append(f"stammkunde_{secrets.token_hex(6)}")
        template = urlsplit(like.database).path.strip("/") if like else "template1"
        _run(f"CREATE DATABASE {made[-1]} TEMPLATE {template}")
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
