"""Settings from the environment: one prefix, secrets also from files, nothing read anywhere else.

`STAMMKUNDE_SECRET_KEY=…` or `STAMMKUNDE_SECRET_KEY_FILE=/run/secrets/key`; of both, the value itself counts. An empty
variable is one that is not there: compose files set such.
"""

import difflib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

PREFIX = "STAMMKUNDE_"
YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")
FLAGS = ("DEMO", "DEBUG")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
KEY_FILE = "secret-key"

#: Every setting with its default and what it is for. `doctor` and the how-to page print this.
KNOWN: Mapping[str, tuple[str, str]] = {
    "DATA": ("~/.local/share/stammkunde", "folder of the embedded database, uploads, snapshots and backups"),
    "DATABASE_URL": ("", "postgresql://user:password@host:5432/name; empty: SQLite in the data folder"),
    "SECRET_KEY": ("", "signs sessions and links, seals credentials; empty: made once and kept in the data folder"),
    "OLD_SECRET_KEYS": ("", "earlier keys, separated by commas, still accepted after a change"),
    "URL": ("http://127.0.0.1:8000", "the address under which people reach this server"),
    "ALLOWED_HOSTS": ("", "further host names, separated by commas"),
    "LANGUAGE": ("en", "language of pages for those who chose none: en or de"),
    "TIME_ZONE": ("Europe/Berlin", "the zone of the shop; days begin there"),
    "CURRENCY": ("EUR", "the currency in which values are shown"),
    "DEMO": ("no", "mark every page as a demo"),
    "LOG_LEVEL": ("INFO", "DEBUG, INFO, WARNING or ERROR"),
    "UPLOAD_LIMIT": ("2000", "largest upload, in MB"),
    "METRICS_TOKEN": ("", "lets who shows it as bearer read /metrics from anywhere; empty: only the local network"),
    "DEBUG": ("no", "pages with tracebacks; never on a server that others reach"),
}


class BadSettingError(ValueError):
    """A setting cannot be used as it is.

    Parameters
    ----------
    name : the variable, with its prefix.
    what : what is wrong with it.
    hint : what to set instead.
    """

    def __init__(self, name: str, what: str, hint: str) -> None:
        super().__init__(f"{name}: {what} {hint}")
        self.name, self.what, self.hint = name, what, hint


@dataclass(frozen=True)
class Environment:
    """What the environment says, read once at the start; `problems` name what it should not say."""

    values: Mapping[str, str]
    problems: tuple[BadSettingError, ...] = ()
    from_files: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> "Environment":
        """Every known setting, from its variable, the file its variable with `_FILE` names, or its default."""
        values: dict[str, str] = {}
        problems: list[BadSettingError] = []
        files = set()
        for name, (default, _) in KNOWN.items():
            full, path = PREFIX + name, environ.get(f"{PREFIX}{name}_FILE")
            values[name] = environ.get(full) or default
            if not environ.get(full) and path:
                files.add(name)
                try:
                    values[name] = Path(path).read_text(encoding="utf-8").strip() or default
                except (OSError, UnicodeDecodeError) as error:
                    hint = "Name a file that is there, and that the user of the server may read."
                    problems.append(BadSettingError(f"{full}_FILE", f"{path} cannot be read: {error}.", hint))
            if fault := _fault(name, values[name]):
                problems.append(fault)
                values[name] = default
        return cls(values, (*problems, *_strays(environ)), frozenset(files))

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def flag(self, name: str) -> bool:
        """A yes or no.

        Raises
        ------
        BadSettingError : it is neither.
        """
        said = self[name].strip().lower()
        if said not in (*YES, *NO):
            raise BadSettingError(PREFIX + name, f"{self[name]!r} is neither yes nor no.", "Set 1 or 0.")
        return said in YES

    def items(self, name: str) -> list[str]:
        """What is separated by commas."""
        return [part.strip() for part in self[name].split(",") if part.strip()]

    @property
    def data(self) -> Path:
        """The data folder; made where it is not there, for nobody else to read.

        Raises
        ------
        BadSettingError : it cannot be made.
        """
        folder = Path(self["DATA"]).expanduser()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise BadSettingError(
                f"{PREFIX}DATA", f"{folder} cannot be made: {error}.", "Name another folder."
            ) from error
        return folder.resolve()

    def secret_key(self) -> str:
        """The key that was set, or one made once for this data folder.

        Raises
        ------
        BadSettingError : the file that keeps it cannot be read or made.
        """
        if self["SECRET_KEY"]:
            return self["SECRET_KEY"]
        kept = self.data / KEY_FILE
        try:
            if not kept.exists():
                _keep(kept, secrets.token_urlsafe(50))
            return kept.read_text(encoding="utf-8").strip()
        except OSError as error:
            what = f"the key in {kept} can be neither read nor made: {error}."
            raise BadSettingError(f"{PREFIX}SECRET_KEY", what, "Let this user write the data folder.") from error

    def database(self) -> dict[str, object]:
        """Django's settings of the database.

        Raises
        ------
        BadSettingError : the address is not one of PostgreSQL.
        """
        if not self["DATABASE_URL"]:
            return sqlite(self.data / "stammkunde.sqlite3")
        return postgresql(self["DATABASE_URL"])


def _fault(name: str, value: str) -> BadSettingError | None:
    """Why a value cannot be used, where that can be told from the value alone."""
    full, said = PREFIX + name, value.strip().lower()
    if name in FLAGS and said not in (*YES, *NO):
        return BadSettingError(full, f"{value!r} is neither yes nor no.", "Set 1 or 0.")
    if name == "LOG_LEVEL" and said.upper() not in LEVELS:
        return BadSettingError(full, f"{value!r} is no level.", f"Set one of {', '.join(LEVELS)}.")
    if name == "LANGUAGE" and said[:2] not in {"en", "de"}:
        return BadSettingError(full, f"{value!r} is not spoken here.", "Set en or de.")
    if name == "UPLOAD_LIMIT" and not (said.replace(".", "", 1).isascii() and said.replace(".", "", 1).isdigit()):
        return BadSettingError(full, f"{value!r} is no number of MB.", "Set a number such as 2000.")
    if name == "URL" and not (urlsplit(value).scheme in {"http", "https"} and urlsplit(value).hostname):
        return BadSettingError(full, f"{value!r} is no address.", "Set one such as https://stammkunde.example.com.")
    return None


def _strays(environ: Mapping[str, str]) -> list[BadSettingError]:
    """Variables with our prefix that mean nothing: mostly misspelt."""
    known = [f"{name}{end}" for name in KNOWN for end in ("", "_FILE")]
    said = sorted(name.removeprefix(PREFIX) for name in environ if name.startswith(PREFIX) and "_TEST_" not in name)
    found = []
    for stray in (name for name in said if name not in known):
        near = ", ".join(PREFIX + name for name in difflib.get_close_matches(stray, known, n=1) or KNOWN)
        found.append(BadSettingError(PREFIX + stray, "there is no such setting.", f"Known: {near}."))
    return found


def _keep(path: Path, key: str) -> None:
    """Write a secret for nobody else to read, whole or not at all; the first of several processes wins."""
    beside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key)
        try:
            os.link(beside, path)
        except FileExistsError:
            return
        except OSError:  # a file system without links
            beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def sqlite(path: Path) -> dict[str, object]:
    """WAL and IMMEDIATE: with Django's defaults nine of ten transactions that read and then write fail as locked."""
    pragmas = "journal_mode=WAL synchronous=NORMAL cache_size=-65536 temp_store=MEMORY mmap_size=268435456"
    options = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "".join(f"PRAGMA {pragma};" for pragma in pragmas.split()),
    }
    # A connection a thread, kept: opening one and setting it up costs more than most queries.
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "CONN_MAX_AGE": None, "OPTIONS": options}


def postgresql(url: str) -> dict[str, object]:
    """A server by its address; parameters after `?` go to libpq."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/") or port == -1:
        what = "this is no address of a PostgreSQL database."
        hint = (
            "Write postgresql://user:password@host:5432/name (special characters as %40), or leave it out for SQLite."
        )
        raise BadSettingError(f"{PREFIX}DATABASE_URL", what, hint)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
