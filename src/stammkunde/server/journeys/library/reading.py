"""A flow file: a journey, its mails, and what a shop should know before it is switched on.

settings:
  group: again                 # under which heading the gallery shows it, and at which place
  place: 160
  pools: {win-back: {percent: 15, days: 14, name: {en: Win-back, de: Rückgewinnung}}}    # of codes it draws from
  look: [{en: It needs a computed customer value., de: Das setzt berechnete Kundenwerte voraus.}]
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from stammkunde.server.consent.purposes import TRANSACTIONAL, Purpose
from stammkunde.server.journeys.definitions import values
from stammkunde.server.journeys.definitions.files import SETTINGS, File, read_file
from stammkunde.server.journeys.definitions.language import Definition, Texts
from stammkunde.server.journeys.definitions.values import DefinitionError, place
from stammkunde.server.mail.rendering.documents import Document, DocumentError, read, unfilled

#: The headings of the gallery, in the order in which a customer comes to them.
GROUPS: Mapping[str, Promise] = {
    "signing-up": gettext_lazy("Signing up"),
    "orders": gettext_lazy("Around the order"),
    "arriving": gettext_lazy("After the delivery"),
    "listening": gettext_lazy("Asking and listening"),
    "shopping": gettext_lazy("Between cart and order"),
    "again": gettext_lazy("Coming again"),
    "thanking": gettext_lazy("Saying thank you"),
    "contact": gettext_lazy("Staying in touch, and parting"),
}
PARTS = ("group", "place", "pools", "look")


@dataclass(frozen=True)
class Codes:
    """A pool of coupon codes that a flow draws from, as it is proposed."""

    key: str
    name: Texts
    percent: int
    days: int
    second_purchase: bool = False


@dataclass(frozen=True)
class Flow:
    """A flow of the library: `file` is what it was read from, `documents` its mails by key."""

    file: File
    documents: Mapping[str, Document]
    group: str
    place: int
    pools: tuple[Codes, ...] = ()
    look: tuple[Texts, ...] = ()

    @property
    def definition(self) -> Definition:
        """Its journey."""
        return self.file.definition

    @property
    def key(self) -> str:
        """Its name among the flows."""
        return self.definition.key

    @property
    def purposes(self) -> tuple[Purpose, ...]:
        """What its mails and their blocks are for, each once."""
        found = (purpose for each in self.documents.values() for purpose in each.purposes().values())
        return tuple(dict.fromkeys(map(Purpose, found)))

    @property
    def advertises(self) -> bool:
        """Whether a mail of it as a whole is advertising; a block that can be left out does not count."""
        return any(each.purpose not in TRANSACTIONAL for each in self.documents.values())

    @property
    def gaps(self) -> int:
        """How many links the shop has still to give."""
        return sum(len(unfilled(each)) for each in self.documents.values())


def read_flow(text: str) -> Flow:
    """The flow of a file.

    Raises
    ------
    DefinitionError : its journey, a mail or a setting of it cannot be used.
    """
    file = read_file(text)
    settings = file.settings
    values.only(settings, PARTS, SETTINGS)
    return Flow(
        file,
        {key: _mail(document, key) for key, document in file.mails.items()},
        group=values.chosen(settings, "group", tuple(GROUPS), SETTINGS),
        place=values.whole(settings, "place", SETTINGS, low=0, high=9_999),
        pools=_pools(settings),
        look=_look(settings),
    )


def _mail(document: Mapping[str, Any], key: str) -> Document:
    try:
        return read(document, key=key)
    except DocumentError as error:
        raise DefinitionError(f"mails.{key}.{error.path}", str(error)) from error


def _pools(settings: Mapping[str, Any]) -> tuple[Codes, ...]:
    where = place(SETTINGS, "pools")
    return tuple(_codes(key, said, place(where, key)) for key, said in _mapping(settings, "pools", where).items())


def _codes(key: str, said: Any, path: str) -> Codes:
    data = values.mapping(said, path)
    values.only(data, ("name", "percent", "days", "second_purchase"), path)
    return Codes(
        key,
        values.texts(data, "name", path),
        percent=values.whole(data, "percent", path, low=1, high=100),
        days=values.whole(data, "days", path, low=1, high=366),
        second_purchase=values.flag(data, "second_purchase", path) or False,
    )


def _look(settings: Mapping[str, Any]) -> tuple[Texts, ...]:
    where = place(SETTINGS, "look")
    given = values.items(settings.get("look", []), where, most=10)
    return tuple(values.texts({"look": each}, "look", place(where, number)) for number, each in enumerate(given))


def _mapping(settings: Mapping[str, Any], name: str, path: str) -> Mapping[str, Any]:
    return values.mapping(settings.get(name, {}), path)
