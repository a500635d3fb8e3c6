"""The app `ui`."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Layout and components."""

    name = "stammkunde.server.ui"
    label = "ui"
