"""The app `mail`."""

from django.apps import AppConfig


class MailConfig(AppConfig):
    """See the room."""

    name = "stammkunde.server.mail"
    label = "mail"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """What the shop's record says is open stops advertising from the first mail on."""
        from stammkunde.server.mail.attention import record  # noqa: F401  registers itself, which needs models
