"""What the parts of a Shopware order say of themselves: their state, their last change, whether all are there."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from stammkunde.server.shop.sources.payloads import Node, PayloadError, milliseconds

STANDARD_CURRENCY = "b7d2554b0ce847cd82f3ac9bd1c0dfca"  # the same in every Shopware, whatever its name is
CHANGING = ("lineItems", "transactions", "deliveries")


def state(node: Node) -> str:
    """The technical name of a state, empty where the payload does not bring it."""
    return node.one("stateMachineState").text("technicalName")


def factor(node: Node) -> Decimal:
    """How many of its own currency an order counts for one of the standard currency.

    Raises
    ------
    PayloadError : it is below nothing.
    """
    found = node.decimal("currencyFactor")
    if found < 0:
        raise PayloadError(f"{node.at('currencyFactor')}: {found} is no rate.")
    return found or Decimal(1)


def changed(node: Node) -> datetime | None:
    """When an entity changed last: what never did has only been made."""
    return node.maybe_moment("updatedAt", "createdAt")


def refunded_captures(payment: Node) -> Iterator[Node]:
    """What was given back of a payment, where the payment's plugin tells Shopware."""
    for capture in payment.each("captures"):
        yield from (each for each in capture.each("refunds") if state(each) == "completed")


def complete(node: Node, standard: str = "") -> bool:
    """Whether everything is there that an order is read from: webhooks bring some of it, and not in every version."""
    if any(not isinstance(node.value.get(name), list) for name in CHANGING):
        return False
    states = [node, *node.each("transactions"), *node.each("deliveries")]
    if not all(state(each) for each in states) or "orderCustomer" not in node:
        return False
    untold = any(state(each).startswith("refunded") and "captures" not in each for each in node.each("transactions"))
    own = factor(node) == 1 and bool(node.one("currency").text("isoCode"))
    return not untold and (own or bool(standard))


def unknown_refund(node: Node) -> bool:
    """Whether a payment was given back in part, and nothing tells how much."""
    partly = [each for each in node.each("transactions") if state(each) == "refunded_partially"]
    credited = any(each.text("type") == "credit" for each in node.each("lineItems"))
    return any(not list(refunded_captures(each)) for each in partly) and not credited


def version(node: Node) -> int:
    """The newest change of an order or anything in it: a payment or parcel may change while the order does not."""
    found = [changed(node), changed(node.one("orderCustomer"))]
    for name in CHANGING:
        found += [changed(each) for each in node.each(name)]
    for each in node.each("transactions"):
        for capture in each.each("captures"):
            found += [changed(capture), *(changed(refund) for refund in capture.each("refunds"))]
    return max((milliseconds(at) for at in found if at), default=0)
