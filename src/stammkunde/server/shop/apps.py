"""The app `shop`."""

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """The record of a shop."""

    name = "stammkunde.server.shop"
    label = "shop"
    default_auto_field = "django.db.models.BigAutoField"
