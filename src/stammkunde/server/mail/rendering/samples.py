"""What a mail may say: every variable, with an example in each language. Shown where a customer has no order, cart or
coupon yet, and used to try every text before it is kept."""

from collections.abc import Mapping
from typing import Any

from stammkunde.server.mail.rendering.voices import language_of

#: Variables that hold an address of the web, and may be what a link leads to.
ADDRESSES = frozenset(
    {
        *("shop.url", "shop.privacy_url", "order.url", "parcel.url", "cart.url", "event.url"),
        *("links.unsubscribe", "links.preferences", "links.confirm", "links.view"),
    }
)
SHOP = "https://shop.example"

_SPACE = "\N{NO-BREAK SPACE}"
_DE: Mapping[str, Any] = {
    "tea": "Darjeeling First Flush, 100 g",
    "pot": "Teekanne aus Gusseisen, 0,8 l",
    "type": "Teetrinker",
    "placed": "3. Mai 2026",
    "shipped": "4. Mai 2026",
    "delivered": "6. Mai 2026",
    "received": "12. Mai 2026, 14:07 Uhr",
    "declared": "Hiermit widerrufe ich meine Bestellung 1042.",
    "until": "30. Juni 2026",
    "since": "14. März 2024",
    "reason": "Das ist ein Beispiel: Hier steht, warum die Nachricht ankommt.",
    "money": lambda whole, cents: f"{whole},{cents:02d}{_SPACE}€",
    "worth": f"10{_SPACE}%",
}
_EN: Mapping[str, Any] = {
    "tea": "Darjeeling First Flush, 100 g",
    "pot": "Cast iron teapot, 0.8 l",
    "type": "Tea drinker",
    "placed": "3 May 2026",
    "shipped": "4 May 2026",
    "delivered": "6 May 2026",
    "received": "12 May 2026, 14:07",
    "declared": "I hereby withdraw from my order 1042.",
    "until": "30 June 2026",
    "since": "14 March 2024",
    "reason": "This is an example: here it says why the message came.",
    "money": lambda whole, cents: f"€{whole}.{cents:02d}",
    "worth": "10%",
}


def lines(voice: str) -> list[dict[str, Any]]:
    """Two articles of an order or cart."""
    said = _said(voice)
    money = said["money"]
    tea = {"title": said["tea"], "quantity": 2, "price": money(12, 90), "total": money(25, 80)}
    pot = {"title": said["pot"], "quantity": 1, "price": money(49, 0), "total": money(49, 0)}
    return [{**each, "image": None, "url": SHOP} for each in (tea, pot)]


def order(voice: str) -> dict[str, Any]:
    """An order of two articles with a discount."""
    said = _said(voice)
    money = said["money"]
    sums = {"gross": money(74, 80), "discount": money(7, 48), "shipping": money(4, 90), "total": money(72, 22)}
    about = {"number": "1042", "placed_on": said["placed"], "url": SHOP, "tax": money(11, 53)}
    return {**about, **sums, "lines": lines(voice)}


def cart(voice: str) -> dict[str, Any]:
    """The same articles, not ordered yet."""
    return {"url": f"{SHOP}/cart", "value": _said(voice)["money"](74, 80), "lines": lines(voice)}


def parcel(voice: str) -> dict[str, Any]:
    """A parcel that has arrived."""
    said = _said(voice)
    when = {"shipped_on": said["shipped"], "delivered_on": said["delivered"]}
    return {"carrier": "DHL", "tracking": "00340434161094042557", "url": f"{SHOP}/parcel", **when}


def event(voice: str) -> dict[str, Any]:
    """What let somebody into a journey, where that was an event: its name, and what it was about."""
    return {"name": "Back In Stock", "title": _said(voice)["tea"], "url": SHOP, "on": _said(voice)["placed"]}


def withdrawal(voice: str) -> dict[str, Any]:
    """A declaration of withdrawal: when it came, and in which words."""
    return {"received_at": _said(voice)["received"], "text": _said(voice)["declared"]}


def coupon(voice: str) -> dict[str, Any]:
    """A code."""
    said = _said(voice)
    return {"code": "TEA-7Q4M", "worth": said["worth"], "until": said["until"]}


def products(voice: str, most: int) -> list[dict[str, Any]]:
    """Articles to be shown in a grid."""
    said = _said(voice)
    names, money = (said["tea"], said["pot"]), said["money"]
    return [
        {"title": names[n % 2], "url": SHOP, "image": None, "price": money(12 + n, 90), "sku": f"S{n}", "category": ""}
        for n in range(most)
    ]


def customer(voice: str) -> dict[str, Any]:
    """Anna, who is loyal."""
    said = _said(voice)
    who = {"name": "Anna Muster", "first_name": "Anna", "email": "anna@example.com", "country": "DE"}
    return {**who, "type": said["type"], "orders": 4, "since": said["since"]}


def sample(voice: str) -> dict[str, Any]:
    """Everything a text may use."""
    shop: dict[str, Any] = {
        "name": "Teehaus",
        "url": SHOP,
        "address": "Teeweg 1\n10115 Berlin",
        "legal": "Amtsgericht Berlin, HRB 1",
    }
    shop |= {"email": "hallo@shop.example", "phone": "+49 30 1", "privacy_url": f"{SHOP}/privacy", "currency": "EUR"}
    shop["imprint"] = ["Teeweg 1", "10115 Berlin", shop["email"], shop["phone"], shop["legal"]]
    links = {each: f"{SHOP}/{each}" for each in ("unsubscribe", "preferences", "confirm", "view")}
    things = {"order": order(voice), "parcel": parcel(voice), "cart": cart(voice), "coupon": coupon(voice)}
    things |= {"event": event(voice), "withdrawal": withdrawal(voice)}
    about = {"customer": customer(voice), "shop": shop, "links": links, "voice": voice}
    return {**about, **things, "reason": _said(voice)["reason"]}


def _said(voice: str) -> Mapping[str, Any]:
    return _DE if language_of(voice) == "de" else _EN
