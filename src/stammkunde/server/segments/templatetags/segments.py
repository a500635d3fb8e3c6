"""Days that facts count from 1970."""

from django import template

from stammkunde.server.segments.queries import days
from stammkunde.server.ui.templatetags.ui import day

register = template.Library()


@register.filter
def dated(number: int | str | None) -> str:
    """The day that many days after 1 January 1970."""
    return day(days.day(number) if isinstance(number, int) else None)
