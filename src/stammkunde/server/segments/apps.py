"""The app `segments`."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    """See the room."""

    name = "stammkunde.server.segments"
    label = "segments"
    default_auto_field = "django.db.models.BigAutoField"
