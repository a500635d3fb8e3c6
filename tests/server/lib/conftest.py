"""Tasks that exist for one test, and processes of their own on the database of the tests."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from instances import SOURCE
from stammkunde.server.lib import work

BEGIN = """
import sys, django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
"""

Apart = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def tasks() -> Iterator[dict[str, work.Task]]:
    """The register of tasks, empty; what a test adds goes away after it."""
    before = dict(work.TASKS)
    work.TASKS.clear()
    yield work.TASKS
    work.TASKS.clear()
    work.TASKS.update(before)


@pytest.fixture
def apart(tmp_path: Path) -> Iterator[Apart]:
    """Run Python code as a process of its own, which sees the rows of the test: `apart(code, "argument")`."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str, *arguments: str) -> "subprocess.Popen[str]":
        name = str(connection.settings_dict["NAME"])
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(SOURCE),
            "DJANGO_SETTINGS_MODULE": "stammkunde.server.settings",
            "STAMMKUNDE_DATA": str(tmp_path / "data"),
            "STAMMKUNDE_DATABASE_URL": os.environ.get("STAMMKUNDE_TEST_DATABASE", ""),
            "STAMMKUNDE_LOG_LEVEL": "ERROR",
            "STAMMKUNDE_SECRET_KEY": settings.SECRET_KEY,
        }
        command = [sys.executable, "-c", BEGIN + code, name, *arguments]
        started.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()
