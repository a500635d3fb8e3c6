"""Things of the shop as a mail says them: its texts ask for `order.total` and get "72,22 €"."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings

from stammkunde.server.mail.rendering import facts, formats
from stammkunde.server.offers.models import Coupon, Pool
from stammkunde.server.shop.models import Cart, Customer, Event, Order, OrderLine, Parcel, Variant

Said = dict[str, Any]
#: Where parcels can be followed, by what the name of the carrier begins with.
CARRIERS: Mapping[str, str] = {
    "dhl": "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode=",
    "deutsche post": "https://www.dhl.de/de/privatkunden/pakete-empfangen/verfolgen.html?piececode=",
    "dpd": "https://tracking.dpd.de/status/de_DE/parcel/",
    "gls": "https://www.gls-pakete.de/sendungsverfolgung?trackingNumber=",
    "hermes": "https://www.myhermes.de/empfangen/sendungsverfolgung/sendungsinformation/#",
    "ups": "https://www.ups.com/track?tracknum=",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr=",
}


def customer(who: Customer | None, bought: facts.Bought, kind: str | None, voice: str) -> Said:
    """A customer; of one who was erased nothing."""
    if who is None:
        blank = dict.fromkeys(("name", "first_name", "email", "country", "type", "since"))
        return {**blank, "orders": 0}
    firm = bool(who.company) and who.name.strip() == who.company.strip()
    return {
        "name": formats.name(who.name),
        "first_name": None if firm else formats.first_name(who.name),
        "email": who.email or None,
        "country": who.country or None,
        "type": kind or who.type or None,
        "orders": bought.orders,
        "since": formats.day(bought.since, voice) if bought.since else None,
    }


def order(placed: Order, url: str, voice: str) -> Said:
    """An order in the shop's currency. Its lines stand before the discount where they add up so, since that is told
    below them."""
    currency, rows = settings.CURRENCY, facts.lines(placed)
    sums = {name: getattr(placed, name) for name in ("gross", "discount", "shipping", "tax")}
    before = sum(each.price * each.quantity for each in rows) == placed.gross
    return {
        "number": placed.number or placed.external_id,
        "placed_on": formats.day(placed.placed_at, voice),
        "url": url,
        "total": formats.money(placed.total, currency, voice),
        **{name: formats.amount(each, currency, voice) for name, each in sums.items()},
        "lines": [_line(each, each.price * each.quantity if before else each.total, url, voice) for each in rows],
    }


def _line(line: OrderLine, total: int, url: str, voice: str) -> Said:
    product = line.variant.product if line.variant else None
    return {
        "title": line.title or line.sku,
        "quantity": line.quantity,
        "price": formats.money(line.price, settings.CURRENCY, voice),
        "total": formats.money(total, settings.CURRENCY, voice),
        "image": formats.picture(product.image) if product else None,
        "url": formats.web(product.url, url) if product else url,
    }


def parcel(sent: Parcel, url: str, voice: str) -> Said:
    """A parcel, with the page of its carrier where that is known."""
    carrier, tracking = sent.carrier.strip(), sent.tracking.strip()
    page = next((base for name, base in CARRIERS.items() if carrier.lower().startswith(name)), "")
    fit = bool(page) and tracking.isascii() and tracking.isalnum()
    return {
        "carrier": carrier or None,
        "tracking": tracking or None,
        "url": page + tracking if fit else url,
        "shipped_on": formats.day(sent.shipped_at, voice) if sent.shipped_at else None,
        "delivered_on": formats.day(sent.delivered_at, voice) if sent.delivered_at else None,
    }


def cart(kept: Cart, articles: Mapping[tuple[int, str], Variant], known: facts.Shop, voice: str) -> Said:
    """A cart. What the catalogue knows of an article counts more than what the cart says of it."""
    currency = kept.currency or settings.CURRENCY
    lines = [each for each in kept.lines if isinstance(each, Mapping)]
    return {
        "url": formats.of_hosts(kept.url, known.hosts, known.url),
        "value": formats.money(kept.value, currency, voice),
        "lines": [_article(each, _of(kept, each, articles), known.url, currency, voice) for each in lines],
    }


def _of(kept: Cart, line: Mapping[str, Any], articles: Mapping[tuple[int, str], Variant]) -> Variant | None:
    number = str(line.get("sku") or "")
    return articles.get((kept.source_id, number)) or articles.get((0, number))


def _article(line: Mapping[str, Any], found: Variant | None, url: str, currency: str, voice: str) -> Said:
    quantity, price = _whole(line.get("quantity"), 1), _whole(line.get("price"), 0)
    product = found.product if found else None
    return {
        "title": (product.title if product else "") or formats.title(str(line.get("title") or line.get("sku") or "")),
        "quantity": quantity,
        "price": formats.money(price, currency, voice),
        "total": formats.money(price * quantity, currency, voice),
        "image": formats.picture(product.image) if product else None,
        "url": formats.web(product.url, url) if product else url,
    }


def _whole(said: Any, otherwise: int) -> int:
    return said if isinstance(said, int) and not isinstance(said, bool) and abs(said) < 10**12 else otherwise


def event(happened: Event, known: facts.Shop, voice: str) -> Said:
    """What an event was about. It came through a door whose key is public: its address leads to the shop or nowhere."""
    told = happened.properties if isinstance(happened.properties, Mapping) else {}
    title = formats.title(str(told.get("title") or told.get("name") or told.get("product_name") or ""))
    return {
        "name": happened.name,
        "title": title or None,
        "url": formats.of_hosts(str(told.get("url") or ""), known.hosts, known.url),
        "on": formats.day(happened.at, voice),
    }


def withdrawal(happened: Event, voice: str) -> Said:
    """A declaration of withdrawal: when it was received, to the minute, and in which words (§ 356a BGB)."""
    told = happened.properties if isinstance(happened.properties, Mapping) else {}
    words = " ".join(str(told.get("text") or told.get("declaration") or told.get("message") or "").split())
    return {"received_at": formats.moment(happened.at, voice), "text": words[:2000] or None}


def coupon(given: Coupon, voice: str) -> Said:
    """A code, what it is worth, and until when it holds."""
    pool = given.pool
    percent = pool.kind == Pool.Kind.PERCENT
    worth = formats.percent(pool.worth, voice) if percent else formats.money(pool.worth, settings.CURRENCY, voice)
    until = formats.day(given.expires_at, voice) if given.expires_at else None
    return {"code": given.code, "worth": worth, "until": until}


def products(picked: Sequence[Mapping[str, Any]], url: str, voice: str) -> list[Said]:
    """Articles to be shown; one whose price is not known says none."""
    return [
        {
            "title": each["title"],
            "url": formats.web(str(each["url"]), url),
            "image": formats.picture(str(each["image"])),
            "price": formats.money(each["price"], each.get("currency") or settings.CURRENCY, voice)
            if each["price"] is not None
            else None,
            "sku": each["sku"],
            "category": each["category"],
        }
        for each in picked
    ]
