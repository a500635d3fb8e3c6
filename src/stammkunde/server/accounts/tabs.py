"""The tabs of the settings, in one place; a room that has settings adds its own line."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stammkunde.server.accounts.models import User
from stammkunde.server.accounts.roles import Right


@dataclass(frozen=True)
class Tab:
    """A page of the settings: its name, address, what is there, and the right it asks for."""

    name: Promise
    path: str
    about: Promise
    right: Right = Right.SETTINGS


TABS = [
    Tab(_("Me"), "/settings/me/", _("Name, language, light, password and second factor."), Right.SEE),
    Tab(_("Shop"), "/settings/shop/", _("Name and address, as customers see them.")),
    Tab(_("Sending"), "/settings/sending/", _("From whom mail comes, how it leaves, and whether it would arrive.")),
    Tab(_("Staff"), "/settings/staff/", _("Who works here, in which role; invitations.")),
    Tab(_("API keys"), "/settings/keys/", _("What programs may read and do.")),
    Tab(_("Webhooks"), "/settings/webhooks/", _("Which programs are told what happens here.")),
    Tab(_("Log"), "/settings/log/", _("Who changed what, and when; logins that failed.")),
]


@dataclass(frozen=True)
class Shown:
    """A tab on a page, and whether it is the one that is open."""

    tab: Tab
    here: bool


def shown(user: User, path: str) -> list[Shown]:
    """The tabs that somebody may open."""
    return [Shown(tab, path == tab.path) for tab in TABS if user.may(tab.right)]
