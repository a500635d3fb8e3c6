"""Settings from the environment: one prefix, secrets also from files, nothing read anywhere else.

`STAMMKUNDE_SECRET_KEY=…` or `STAMMKUNDE_SECRET_KEY_FILE=/run/secrets/key`; of both, the value itself counts.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

PREFIX = "STAMMKUNDE_"
YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")

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
        values, problems, files = {}, [], set()
        for name, (default, _) in KNOWN.items():
            full, path = PREFIX + name, environ.get(f"{PREFIX}{name}_FILE")
            values[name] = environ.get(full, default)
            if full not in environ and path:
                files.add(name)
                try:
                    values[name] = Path(path).read_text(encoding="utf-8").strip()
                except (OSError, UnicodeDecodeError) as error:
                    problems.append(BadSettingError(f"{full}_FILE", f"{path} cannot be read: {error}.", "Name a file."))
        known = {PREFIX + name for name in KNOWN} | {f"{PREFIX}{name}_FILE" for name in KNOWN}
        for stray in sorted(n for n in environ if n.startswith(PREFIX) and n not in known and "_TEST_" not in n):
            near = ", ".join(PREFIX + name for name in KNOWN)
            problems.append(BadSettingError(stray, "there is no such setting.", f"Known are {near}."))
        return cls(values, tuple(problems), frozenset(files))

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
        """The data folder; made where it is not there, for nobody else to read."""
        folder = Path(self["DATA"]).expanduser()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def secret_key(self) -> str:
        """The key that was set, or one made once for this data folder."""
        if self["SECRET_KEY"]:
            return self["SECRET_KEY"]
        kept = self.data / "secret-key"
        try:
            with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(50))
        except FileExistsError:  # made before, or by a process that started at the same moment
            pass
        return kept.read_text(encoding="utf-8").strip()

    def database(self) -> dict[str, object]:
        """Django's settings of the database.

        Raises
        ------
        BadSettingError : the address is not one of PostgreSQL.
        """
        if not self["DATABASE_URL"]:
            return sqlite(self.data / "stammkunde.sqlite3")
        return postgresql(self["DATABASE_URL"])


def sqlite(path: Path) -> dict[str, object]:
    """WAL and IMMEDIATE: with Django's defaults nine of ten transactions that read and then write fail as locked."""
    pragmas = "journal_mode=WAL synchronous=NORMAL cache_size=-65536 temp_store=MEMORY mmap_size=268435456"
    options = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "".join(f"PRAGMA {pragma};" for pragma in pragmas.split()),
    }
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": options}


def postgresql(url: str) -> dict[str, object]:
    """A server by its address; parameters after `?` go to libpq."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"} or not parts.path.strip("/"):
        hint = "Write postgresql://user:password@host:5432/name, or leave it out for SQLite."
        raise BadSettingError(f"{PREFIX}DATABASE_URL", "this is no address of a PostgreSQL database.", hint)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }
