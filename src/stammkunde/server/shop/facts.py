"""What a source says, in one vocabulary: what every kind of source turns its payloads into.

Amounts are whole numbers of the smallest unit of the order's own currency; moments have a zone; `version` is the time
of the entity's last change in milliseconds (0 where it has none), so that what arrives late and old changes nothing.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class Who:
    """The names under which a payload knows a person; empty where it does not. `verified` is about the address.

    `shop_id` is the customer's id within the source, `user_id` and `anonymous_id` those of tracking.
    """

    shop_id: str = ""
    email: str = ""
    phone: str = ""
    user_id: str = ""
    anonymous_id: str = ""
    verified: bool = False
    name: str = ""
    company: str = ""
    postcode: str = ""
    country: str = ""
    locale: str = ""
    zone: str = ""
    born_on: date | None = None

    def __bool__(self) -> bool:
        return any((self.shop_id, self.email, self.phone, self.user_id, self.anonymous_id))


@dataclass(frozen=True)
class CustomerFact:
    """A customer as a shop keeps them, with or without orders; `gone` where the shop erased them."""

    who: Who
    known_since: datetime
    version: int = 0
    channel: str = ""
    gone: bool = False


@dataclass(frozen=True)
class LineFact:
    """One article: `price` of a piece and `discount` and `total` of the line, VAT inside; `cost` of all pieces."""

    external_id: str
    quantity: int
    price: int
    total: int
    discount: int = 0
    tax: int | None = None
    cost: int | None = None
    sku: str = ""
    title: str = ""
    category: str = ""
    product_id: str = ""
    variant_id: str = ""


@dataclass(frozen=True)
class OrderFact:
    """An order; total = gross - discount + shipping, VAT inside."""

    external_id: str
    who: Who
    placed_at: datetime
    currency: str
    gross: int
    total: int
    discount: int = 0
    shipping: int = 0
    tax: int | None = None
    lines: tuple[LineFact, ...] = ()
    version: int = 0
    number: str = ""
    paid_at: datetime | None = None
    cancelled_at: datetime | None = None
    test: bool = False
    shipping_cost: int | None = None
    payment_fee: int | None = None
    other_cost: int = 0
    coupon: str = ""
    channel: str = ""
    country: str = ""
    cart_token: str = ""


@dataclass(frozen=True)
class RefundFact:
    """Money given back; `dated` is False where the payload has no day of its own and the order's was taken.

    `returned` are pieces that came back, by the line's id; `goods_back` their cost, where the payload tells it.
    `who` matters where no order of this id is known.
    """

    external_id: str
    order_id: str
    at: datetime
    amount: int
    currency: str
    tax: int | None = None
    version: int = 0
    dated: bool = True
    reason: str = ""
    fee: int = 0
    returned: tuple[tuple[str, int], ...] = ()
    goods_back: int | None = None
    who: Who = Who()


@dataclass(frozen=True)
class ParcelFact:
    """A parcel of an order."""

    external_id: str
    order_id: str
    state: str = ""
    carrier: str = ""
    tracking: str = ""
    shipped_at: datetime | None = None
    delivered_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True)
class VariantFact:
    """What is put in the basket; null is not known."""

    external_id: str
    sku: str = ""
    title: str = ""
    price: int | None = None
    cost: int | None = None
    stock: int | None = None


@dataclass(frozen=True)
class ProductFact:
    """A product with its variants, in `currency`."""

    external_id: str
    title: str = ""
    category: str = ""
    brand: str = ""
    image: str = ""
    url: str = ""
    currency: str = ""
    active: bool = True
    variants: tuple[VariantFact, ...] = ()
    version: int = 0


@dataclass(frozen=True)
class CartFact:
    """A basket, or a checkout (`stage` "checkout"); `lines` are plain dictionaries: sku, title, quantity, price."""

    external_id: str
    who: Who
    began_at: datetime
    changed_at: datetime
    currency: str = ""
    value: int = 0
    stage: str = "cart"
    lines: tuple[dict[str, Any], ...] = ()
    url: str = ""
    version: int = 0
    gone: bool = False


@dataclass(frozen=True)
class EventFact:
    """Something that happened, under its Segment name; `key` is the sender's id of it."""

    key: str
    name: str
    at: datetime
    who: Who
    value: int | None = None
    currency: str = ""
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Same:
    """Two names of one person, as told by the source: an alias, or two customers the shop merged."""

    one: Who
    other: Who


Fact = CustomerFact | OrderFact | RefundFact | ParcelFact | ProductFact | CartFact | EventFact | Same
