"""Names of events: whatever the spelling, those of Segment's e-commerce specification."""

import re
from functools import lru_cache

#: Version 2 of the specification.
SPECIFIED = (
    "Products Searched", "Product List Viewed", "Product List Filtered", "Promotion Viewed", "Promotion Clicked",
    "Product Clicked", "Product Viewed", "Product Added", "Product Removed", "Cart Viewed", "Checkout Started",
    "Checkout Step Viewed", "Checkout Step Completed", "Payment Info Entered", "Order Updated", "Order Completed",
    "Order Refunded", "Order Cancelled", "Coupon Entered", "Coupon Applied", "Coupon Denied", "Coupon Removed",
    "Product Added to Wishlist", "Product Removed from Wishlist", "Wishlist Product Added to Cart", "Product Shared",
    "Cart Shared", "Product Reviewed", "Email Delivered", "Email Opened", "Email Link Clicked", "Email Bounced",
    "Email Marked as Spam", "Unsubscribed",
)  # fmt: skip
#: Version 1 of it, and Klaviyo's own metrics.
FORMER = {
    "Searched Products": "Products Searched",
    "Viewed Product Category": "Product List Viewed",
    "Viewed Product": "Product Viewed",
    "Added Product": "Product Added",
    "Added to Cart": "Product Added",
    "Removed Product": "Product Removed",
    "Removed from Cart": "Product Removed",
    "Viewed Cart": "Cart Viewed",
    "Started Checkout": "Checkout Started",
    "Checkout Started": "Checkout Started",
    "Viewed Checkout Step": "Checkout Step Viewed",
    "Completed Checkout Step": "Checkout Step Completed",
    "Completed Order": "Order Completed",
    "Placed Order": "Order Completed",
    "Refunded Order": "Order Refunded",
    "Cancelled Order": "Order Cancelled",
}
PAGE, SCREEN = "Page Viewed", "Screen Viewed"
#: What makes or changes a cart.
OF_CARTS = frozenset({
    "Product Added", "Product Removed", "Cart Viewed", "Checkout Started", "Checkout Step Viewed",
    "Checkout Step Completed", "Payment Info Entered", "Order Completed", "Wishlist Product Added to Cart",
})  # fmt: skip
_WORDS = re.compile(r"[a-z0-9]+")


def words(text: str) -> str:
    """The words of a name, apart from its spelling.

    >>> words("productAdded") == words("Product_Added") == words("product added")
    True
    """
    return " ".join(_WORDS.findall(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).lower()))


_KNOWN = {words(name): name for name in SPECIFIED} | {words(former): name for former, name in FORMER.items()}
COMMERCE = frozenset(SPECIFIED)


@lru_cache(maxsize=2000)  # names are the senders' to choose
def _canonical(text: str) -> str:
    return _KNOWN.get(words(text), "")


def event_name(text: str) -> str:
    """The name an event is kept under: the specification's, or its own as it is."""
    known = _canonical(text) if len(text) <= 40 else ""
    return known or " ".join(text.split())[:120]
