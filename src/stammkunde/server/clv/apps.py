"""The app `clv`."""

from django.apps import AppConfig


class ClvConfig(AppConfig):
    """See the room."""

    name = "stammkunde.server.clv"
    label = "clv"
    default_auto_field = "django.db.models.BigAutoField"
