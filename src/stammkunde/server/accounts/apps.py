"""The app `accounts`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Staff."""

    name = "stammkunde.server.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
