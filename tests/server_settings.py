"""Settings of the tests: a data folder of their own, SQLite in a file, or the PostgreSQL that STAMMKUNDE_TEST_DATABASE
names (an address whose user may make databases)."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

if "mypy" in sys.modules:  # it reads settings for their types alone, and ends without cleaning up
    _folder = Path(tempfile.gettempdir()) / "stammkunde-types"
else:
    _folder = Path(tempfile.mkdtemp(prefix="stammkunde-tests-"))
    atexit.register(shutil.rmtree, _folder, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith("STAMMKUNDE_") and name != "STAMMKUNDE_TEST_DATABASE"]:
    del os.environ[_name]
os.environ["STAMMKUNDE_DATA"] = str(_folder)
os.environ["STAMMKUNDE_LOG_LEVEL"] = "ERROR"
os.environ["STAMMKUNDE_DATABASE_URL"] = os.environ.get("STAMMKUNDE_TEST_DATABASE", "")

from stammkunde.server.settings import *  # noqa: F403  Django's way
from stammkunde.server.settings import DATABASES

if not os.environ["STAMMKUNDE_DATABASE_URL"]:
    # In a file, not in memory: other connections (Arrow, a second process) read it too.
    DATABASES["default"]["TEST"] = {"NAME": str(_folder / "test.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
