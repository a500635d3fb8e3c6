"""The app `consent`."""

from django.apps import AppConfig


class ConsentConfig(AppConfig):
    """See the room."""

    name = "stammkunde.server.consent"
    label = "consent"
    default_auto_field = "django.db.models.BigAutoField"
