"""Rates as they are read."""

from django import template

from stammkunde.server.ui.templatetags.ui import share

register = template.Library()


@register.filter
def points(hundredths: int | None) -> str:
    """Basis points as per cent."""
    return share(None if hundredths is None else hundredths / 10_000)
