"""The app `ui`."""

from django.apps import AppConfig
from django.conf import settings


class UiConfig(AppConfig):
    """Layout, components and words."""

    name = "stammkunde.server.ui"
    label = "ui"

    def ready(self) -> None:
        """Words of all rooms, compiled where they have changed."""
        from stammkunde.server.ui import catalogs  # brings Babel, which settings alone do not need

        catalogs.compile_all(settings.LOCALE_PATHS[0])
