"""A newsletter as everybody may read it: filled in for nobody, without a name, a link that belongs to somebody, or a
block that not everybody may be shown."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import override

from stammkunde.server.campaigns.models import Variant
from stammkunde.server.mail.models import Sender, Version
from stammkunde.server.mail.rendering.facts import Shop
from stammkunde.server.mail.rendering.rendering import Rendered, renderer
from stammkunde.server.mail.rendering.voices import language_of


def voice(language: str) -> str:
    """The voice in which somebody reads who is not known."""
    return f"de-{Sender.now().form}" if language.startswith("de") else "en"


def rendered(version: Version, voice: str) -> Rendered:
    """The mail for nobody. Blocks with a purpose of their own are for those who agreed to it: they are left out.

    Raises
    ------
    StammkundeError : it says nothing without somebody to say it to.
    """
    return renderer(version, voice).render(nobody(voice), blocks=())


def nobody(voice: str) -> dict[str, Any]:
    """What a mail is filled in with for nobody."""
    with override(language_of(voice)):
        reason = _("This is the archive of a newsletter, as it went out to those who had agreed to it.")
    who = {"name": "", "first_name": "", "email": "", "country": "", "type": "", "orders": 0, "since": ""}
    return {"customer": who, "shop": Shop.now().said, "links": {}, "reason": reason, "voice": voice}


def subject(variant: Variant, language: str) -> str:
    """Its subject as the archive lists it.

    Raises
    ------
    StammkundeError : it cannot be filled in for nobody.
    """
    if variant.version is None:
        return variant.campaign.name
    return rendered(variant.version, voice(language)).subject or variant.campaign.name


def pictures(document: Mapping[str, Any]) -> list[str]:
    """The hosts its pictures lie at: what its page may load, and nothing else."""
    found = set()
    for block in document.get("blocks", ()):
        for source in (block.get("src"), *(item.get("src") for item in block.get("items", ()) or ())):
            parts = urlsplit(str(source or ""))
            if parts.scheme == "https" and parts.hostname and parts.hostname.isascii():
                found.add(f"https://{parts.netloc}")
    return sorted(found)
