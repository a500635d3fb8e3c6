"""Who is meant: ids and traits, under the names clients give them."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from stammkunde.server.shop import countries
from stammkunde.server.shop.birthdays import birthday
from stammkunde.server.shop.facts import Who
from stammkunde.server.shop.sources.payloads import Node

BORN = ("birthday", "$birthday", "birthdate", "birth_date", "dateOfBirth", "date_of_birth")


def who(*, user: str = "", anonymous: str = "", traits: Node, locale: str = "", zone: str = "") -> Who:
    """A person by ids and traits. An id of a user that is an e-mail address is one, too."""
    mail = traits.text("email", "$email", "Email", "mail")
    address = part(traits, "address", "location")
    return Who(
        user_id=user,
        anonymous_id=anonymous,
        email=mail or (user if "@" in user else ""),
        phone=traits.text("phone", "phone_number", "$phone", "phoneNumber"),
        name=_name(traits),
        company=_company(traits),
        postcode=address.text("postalCode", "postal_code", "zip", "postcode"),
        country=_country(address.text("country", "country_code", "countryCode") or traits.text("country")),
        locale=(traits.text("locale", "language") or locale)[:16],
        zone=_zone(traits.text("timezone", "time_zone") or zone),
        born_on=birthday(
            traits.text("birthday", "$birthday", "birthdate", "birth_date", "dateOfBirth", "date_of_birth")
        ),
    )


def _name(traits: Node) -> str:
    whole = traits.text("name", "$name", "fullName")
    parts = (
        traits.text("firstName", "first_name", "firstname", "$first_name"),
        traits.text("lastName", "last_name", "lastname", "$last_name"),
    )
    return whole or " ".join(part for part in parts if part)


def _company(traits: Node) -> str:
    return part(traits, "company").text("name") or traits.text("company", "organization", "$organization")


def part(traits: Node, *names: str) -> Node:
    """The first of these that is an object; some write a text there."""
    for name in names:
        found: Any = traits.value.get(name)
        if isinstance(found, dict):
            return Node(found, traits.at(name))
    return Node({}, traits.place)


def _zone(said: str) -> str:
    """A time zone by its name; clients send whatever the browser says."""
    return said if said in _zones() else ""


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _country(said: str) -> str:
    return countries.code(said) if said else ""
