"""The app `offers`."""

from django.apps import AppConfig


class OffersConfig(AppConfig):
    """See the room."""

    name = "stammkunde.server.offers"
    label = "offers"
    default_auto_field = "django.db.models.BigAutoField"
