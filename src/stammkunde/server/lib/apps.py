"""The app `lib`."""

import sqlite3
from datetime import UTC, datetime

from django.apps import AppConfig
from django.db.backends.sqlite3 import base  # noqa: F401  sets up an adapter of its own, which has to come first
from django.utils.module_loading import autodiscover_modules


class LibConfig(AppConfig):
    """Ground of the server: when it is ready, checks, tasks and figures of all rooms are registered."""

    name = "stammkunde.server.lib"
    label = "lib"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Models of all apps are loaded by now; modules named `tasks` and `metrics` must not import anything heavy."""
        from stammkunde.server.lib import checks  # noqa: F401  registers itself, which needs models

        sqlite3.register_adapter(datetime, stored)
        autodiscover_modules("tasks", "metrics")


def stored(moment: datetime) -> str:
    """A moment as Django's models write it to SQLite: in UTC, without saying so.

    Parameters of raw SQL would be written with their zone, and text with and without one does not sort as time does.
    """
    return (moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment).isoformat(" ")
