"""The tables of the record, by what they are about."""

from stammkunde.server.shop.models.catalogue import Price, Product, Variant
from stammkunde.server.shop.models.door import Delivery, Import, Source
from stammkunde.server.shop.models.imprint import Imprint
from stammkunde.server.shop.models.orders import Order, OrderLine, Parcel, Refund, Returned
from stammkunde.server.shop.models.people import Changed, Customer, Identity, Merge, Word
from stammkunde.server.shop.models.visits import Cart, Event

__all__ = [
    "Cart",
    "Changed",
    "Customer",
    "Delivery",
    "Event",
    "Identity",
    "Import",
    "Imprint",
    "Merge",
    "Order",
    "OrderLine",
    "Parcel",
    "Price",
    "Product",
    "Refund",
    "Returned",
    "Source",
    "Variant",
    "Word",
]
