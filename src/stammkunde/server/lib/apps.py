"""The app `lib`."""

from django.apps import AppConfig


class LibConfig(AppConfig):
    """Ground of the server; checks of its settings are registered when it is ready."""

    name = "stammkunde.server.lib"
    label = "lib"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from stammkunde.server.lib import checks  # noqa: F401  registers itself
