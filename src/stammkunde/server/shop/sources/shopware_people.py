"""Who is who in a Shopware shop: accounts, and guests, who get a new customer entity with each order."""

from stammkunde.server.shop.birthdays import birthday
from stammkunde.server.shop.facts import CustomerFact, Fact, Who
from stammkunde.server.shop.sources.payloads import Node


def customer(node: Node) -> list[Fact]:
    """A customer with an account, or a guest with an address to be known by."""
    who = person(node, node.one("defaultBillingAddress"), node)
    since = node.moment("createdAt", "updatedAt")
    return [CustomerFact(who, since, version=node.version("updatedAt", "createdAt"))] if who else []


def person(node: Node, home: Node, account: Node, *, locale: str = "") -> Who:
    """Who `node` is, living at `home`, with an account. Guests are known by their e-mail address."""
    email, guest = node.text("email"), account.flag("guest")
    name = " ".join(filter(None, (node.text("firstName"), node.text("lastName"))))
    return Who(
        shop_id="" if guest and email else account.maybe_key("id"),
        email=email,
        phone=home.text("phoneNumber"),
        verified="doubleOptInConfirmDate" in account and account.text("email") in {"", email},
        name=name or " ".join(filter(None, (home.text("firstName"), home.text("lastName")))),
        company=node.text("company") or home.text("company"),
        postcode=home.text("zipcode"),
        country=home.one("country").text("iso").upper()[:2],
        locale=locale or locale_of(node.one("language")),
        born_on=birthday(account.text("birthday")),
    )


def locale_of(language: Node) -> str:
    """The locale of a language: de-DE."""
    return language.one("locale").text("code") or language.one("translationCode").text("code")
