"""The app `campaigns`."""

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    """See the room."""

    name = "stammkunde.server.campaigns"
    label = "campaigns"
    default_auto_field = "django.db.models.BigAutoField"
