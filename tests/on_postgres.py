"""The tests of the server on PostgreSQL: `python tests/on_postgres.py [--thorough] [arguments of pytest]`, or with
`--run FILE [arguments]` another program that asks for `STAMMKUNDE_TEST_DATABASE`.

Starts a cluster of its own in a temporary folder, reached through a socket there, and removes it afterwards. Where no
PostgreSQL is installed, it says so and ends well: the same tests have run on SQLite.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
#: What a browser makes of a page, and whether a file is a bomb, does not depend on where rows lie.
TESTS = (
    "tests/server", "tests/cli/test_serve.py",
    "--ignore=tests/server/ui", "--ignore=tests/server/security/test_bombs.py",
)  # fmt: skip
#: Nothing of it has to survive a power cut.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "listen_addresses=")


def programs() -> Path | None:
    """The folder of the newest PostgreSQL that can make clusters; client packages alone have no initdb."""
    on_path = shutil.which("initdb")
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    found.sort(key=lambda path: float(path.parent.name))
    return found[-1] if found else Path(on_path).resolve().parent if on_path else None


def as_who() -> list[str]:
    """What to put before a command: PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


@contextmanager
def cluster(tools: Path) -> Iterator[str]:
    """A running cluster; the address of a database on it, whose user may make others."""
    folder = Path(tempfile.mkdtemp(prefix="stammkunde-postgres-"))
    if as_who():
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data, log = folder / "data", folder / "log"
    settings = " ".join(f"-c {each}" for each in (*FAST, f"unix_socket_directories={folder}"))

    def tool(name: str, *arguments: str) -> None:
        command = [*as_who(), str(tools / name), "-D", str(data), *arguments]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    try:
        tool("initdb", "--username=stammkunde", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        try:
            tool("pg_ctl", "start", "--wait", f"--log={log}", "-o", settings)
        except subprocess.CalledProcessError:
            sys.stderr.write(log.read_text() if log.exists() else "")
            raise
        try:
            yield f"postgresql://stammkunde@/stammkunde?host={folder}"
        finally:
            tool("pg_ctl", "stop", "--wait", "--mode=immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str]) -> int:
    """Run it there; its exit code."""
    tools = programs()
    if tools is None:
        print("No PostgreSQL is installed here: the tests of the server ran on SQLite only. (apt: postgresql)")
        return 0
    if arguments[:1] == ["--run"]:
        return _on_a_cluster(tools, [sys.executable, *arguments[1:]])
    thorough = arguments[:1] == ["--thorough"]
    arguments = arguments[1:] if thorough else arguments
    sort = "thorough" if thorough else "not thorough"
    tests = [*TESTS, "-m", f"{sort} and not slow and not browser and not spark"]
    named = any(not each.startswith("-") and (REPOSITORY / each.split("::")[0]).exists() for each in arguments)
    return _on_a_cluster(tools, [sys.executable, "-m", "pytest", *([] if named else tests), *arguments])


def _on_a_cluster(tools: Path, command: list[str]) -> int:
    with cluster(tools) as address:
        return subprocess.run(command, env=os.environ | {"STAMMKUNDE_TEST_DATABASE": address}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
