"""What every command of the server does first: load it where it is installed, judge its settings, say what is wrong."""

import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import typer

from stammkunde.errors import MissingExtraError

if TYPE_CHECKING:
    from django.core.checks import CheckMessage


def load() -> None:
    """Make Django ready.

    Raises
    ------
    MissingExtraError : the extra `server` is not installed.
    Exit : 1, a setting is such that nothing can be loaded.
    """
    if find_spec("django") is None:
        raise MissingExtraError(
            "This command belongs to the server, which is not installed.",
            advice="Run: pip install 'stammkunde[server]'",
        )
    import django  # optional, and slow

    from stammkunde.server.lib.environment import BadSettingError  # with the server only

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stammkunde.server.settings")
    try:
        django.setup()
    except BadSettingError as error:
        _tell("error", "stammkunde.E001", f"{error.name}: {error.what}", error.hint)
        raise typer.Exit(1) from error


def judged() -> None:
    """Tell every fault of the settings, with its id and what to do.

    Raises
    ------
    Exit : 1, one of them is an error.
    """
    from django.core import checks  # slow; only when a command of the server runs

    found = checks.run_checks(tags=["stammkunde"])
    for message in found:
        tell(message)
    if any(message.is_serious() for message in found):
        raise typer.Exit(1)


def with_database() -> None:
    """Tell where the database does not answer.

    Raises
    ------
    Exit : 1, so it is.
    """
    from stammkunde.server.lib import checks  # Django has to be ready

    _refused(checks.answers())


def with_tables() -> None:
    """Tell where the database does not answer, or has not the tables of this version.

    Raises
    ------
    Exit : 1, so it is.
    """
    from stammkunde.server.lib import checks  # Django has to be ready

    _refused(checks.database())


def _refused(found: "list[CheckMessage]") -> None:
    for message in found:
        tell(message)
    if found:
        raise typer.Exit(1)


def tell(message: "CheckMessage") -> None:
    """A finding on standard error, as two lines."""
    _tell("error" if message.is_serious() else "warning", str(message.id), message.msg, str(message.hint or ""))


def _tell(level: str, number: str, what: str, hint: str) -> None:
    typer.echo(f"{level} {number}: {what}", err=True)
    if hint:
        typer.echo(f"    {hint}", err=True)


def owners_link() -> str | None:
    """The address of the one-time link for the first owner; None where there is one."""
    from django.conf import settings  # Django has to be ready
    from django.utils import timezone

    from stammkunde.server.accounts.actions import first_link

    secret = first_link(now=timezone.now())
    return secret and f"{settings.PUBLIC_URL}/join/{secret}"


def setting(name: str) -> Any:
    """One of Django's settings."""
    from django.conf import settings  # Django has to be ready

    return getattr(settings, name)
