"""Rates as they are read."""

from django import template

from stammkunde.server.ui.templatetags.ui import locale

register = template.Library()


@register.filter
def points(hundredths: int) -> str:
    """Basis points as per cent, with the places they need."""
    places = 0 if hundredths % 100 == 0 else 1 if hundredths % 10 == 0 else 2
    return f"{locale().number(hundredths / 100, places)}{locale().percent}"
