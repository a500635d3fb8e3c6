"""The way through the house, in the order of the story."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Place:
    """A page of the navigation: its name, address, and the letter after `g` that goes there."""

    name: Promise
    path: str
    letter: str
    here: bool = False


PLACES = (
    (_("Start"), "/", "s"),
    (_("Customers"), "/customers/", "c"),
    (pgettext_lazy("navigation", "Value"), "/value/", "v"),
    (_("Segments"), "/segments/", "e"),
    (_("Journeys"), "/journeys/", "j"),
    (_("Newsletter"), "/newsletter/", "n"),
    (_("Mails"), "/mails/", "a"),
    (_("Offers"), "/offers/", "f"),
    (_("Calendar"), "/calendar/", "k"),
    (_("Messages"), "/messages/", "m"),
    (_("Consent"), "/consent/", "o"),
    (_("Sources"), "/sources/", "q"),
    (_("Settings"), "/settings/", "t"),
)


def navigation(path: str) -> list[Place]:
    """All places, the one that `path` lies in marked."""
    inside = "/sources/" if path.startswith("/imports/") else path
    return [Place(n, p, k, here=inside == p or (p != "/" and inside.startswith(p))) for n, p, k in PLACES]
