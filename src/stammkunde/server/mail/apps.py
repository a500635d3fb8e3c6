"""The app `mail`."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    """See the room."""

    name = "stammkunde.server.mail"
    label = "mail"
    default_auto_field = "django.db.models.BigAutoField"
