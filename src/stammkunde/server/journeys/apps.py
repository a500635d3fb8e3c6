"""The app `journeys`."""

from django.apps import AppConfig


class JourneysConfig(AppConfig):
    """See the room."""

    name = "stammkunde.server.journeys"
    label = "journeys"
    default_auto_field = "django.db.models.BigAutoField"
