"""Words of the ledger for templates."""

from collections.abc import Mapping

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stammkunde.server.lib.requests import row_number
from stammkunde.server.mail.forms.editing import NAMES
from stammkunde.server.mail.models import Send, Signal
from stammkunde.server.mail.rendering.contexts import named
from stammkunde.server.mail.words import reason

register = template.Library()

HAPPENED: dict[str, Promise | str] = {
    "planned": _("Planned"),
    "due": _("Due"),
    "put_off": _("Put off"),
    **{str(value): label for value, label in Send.State.choices},
    **{str(value): label for value, label in Signal.Kind.choices},
}


@register.simple_tag
def why(send: Send) -> str:
    """Why a message went, waits or did not go: its reason, or the basis it went out on."""
    if send.reason:
        return reason(send.reason)
    bases = [each for each in send.bases if not each.get("block")]
    return reason(str(bases[0].get("basis") or bases[0].get("reason") or "")) if bases else "–"


@register.simple_tag
def happened(what: str) -> str:
    """What happened with a message, in a word."""
    return str(HAPPENED.get(what, what)).capitalize()


@register.filter
def part(block: str, send: Send) -> Promise | str:
    """A block of a message by what it is: "b2" is its third."""
    place = row_number(named(block)[1:])
    blocks = send.message.version.document.get("blocks", [])
    return NAMES.get(blocks[place].get("kind"), block) if place is not None and place < len(blocks) else block


@register.filter
def at(counted: Mapping[str, int], key: str) -> int:
    """A number by its key."""
    return counted.get(key, 0)
