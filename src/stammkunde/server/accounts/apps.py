"""The app `accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Staff."""

    name = "stammkunde.server.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Logins are written into the log."""
        from stammkunde.server.accounts import logins  # needs models

        logins.listen()
