"""The file that Shopware's profile "Default orders" (Standardprofil Bestellungen) exports.

It has quantities without prices, and states and countries as ids of the shop's own database. So an order has its amount
and no lines, nothing tells of its shipping, VAT or cost, and a cancelled one looks like any other: the API tells more.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from django.conf import settings

from stammkunde.server.shop.facts import Fact, OrderFact, Who
from stammkunde.server.shop.sources.base import Page, Preset, page
from stammkunde.server.shop.sources.payloads import Node

SET = 500  # orders of one page
_ADDRESS = ("street", "zipcode", "city", "company", "department", "country_id", "country_state_id")
COLUMNS = frozenset((
    "id", "order_number", "sales_channel_id", "customer_firstname", "customer_lastname", "customer_email",
    "amount_total", "order_state_id", "line_items", "order_date_time",
    *(f"{which}_address_{name}" for which in ("billing", "shipping") for name in _ADDRESS),
))  # fmt: skip


def orders(rows: Iterable[Mapping[str, str]], version: int) -> Iterator[Page]:
    """Orders, paid on the day they were placed: the file tells nothing else."""

    def order(node: Node) -> list[Fact]:
        total = node.money("amount_total", settings.CURRENCY)
        placed_at = node.moment("order_date_time")
        name = " ".join(filter(None, (node.text("customer_firstname"), node.text("customer_lastname"))))
        who = Who(
            email=node.text("customer_email"),
            name=name,
            company=node.text("billing_address_company"),
            postcode=node.text("billing_address_zipcode"),
        )
        number = node.text("order_number")
        fact = OrderFact(
            external_id=node.maybe_key("id") or node.key("order_number"),
            who=who,
            placed_at=placed_at,
            currency=settings.CURRENCY,
            gross=total,
            total=total,
            version=version,
            number=number,
            paid_at=placed_at,
        )
        return [fact]

    left = iter(rows)
    while some := list(islice(left, SET)):
        yield page(some, order)


PRESETS = (
    Preset(
        "shopware-orders",
        "Shopware: orders",
        frozenset({"order_number", "amount_total", "order_state_id", "line_items", "order_date_time"}),
        lambda name: name in COLUMNS,
        orders,
    ),
)
