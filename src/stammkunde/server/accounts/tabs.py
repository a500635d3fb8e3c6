"""The tabs of the settings; a room that has settings adds its own."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TABS: list[tuple[Promise, str]] = [
    (_("Me"), "/settings/me/"),
    (_("Staff"), "/settings/staff/"),
    (_("API keys"), "/settings/keys/"),
    (_("Log"), "/settings/log/"),
]
