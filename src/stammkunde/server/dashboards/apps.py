"""The app `dashboards`."""

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    """See the room."""

    name = "stammkunde.server.dashboards"
    label = "dashboards"
    default_auto_field = "django.db.models.BigAutoField"
