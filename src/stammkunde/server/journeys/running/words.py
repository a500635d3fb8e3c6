"""Whether something happened, by its word: a condition of SQL on a row `n`.

`n` has `id` (of the enrolment; 0 where there is none yet), `customer_id`, `order_id`, `cart_id` and `since`: what
counts as after entry begins there. Where an enrolment is about an order, what happens to orders is what happens to that
one.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from stammkunde.server.journeys.definitions.language import EVENT
from stammkunde.server.journeys.running.moments import day_before, stamp
from stammkunde.server.segments.rules.compiling import Sql

#: The events by which a withdrawal (§ 355 BGB) stands in the record, in SQL.
WITHDRAWN = "('Order Withdrawn', 'Withdrawal Declared')"


def happened(word: str, *, now: datetime) -> Sql:
    """The condition of a word, with nothing after `now`."""
    if word.startswith(EVENT):
        return _event(word.removeprefix(EVENT), now)
    text = _WORDS[word]()
    return Sql(text, (stamp(now),) * text.count("%s"))


def _event(name: str, now: datetime) -> Sql:
    text = (
        f"EXISTS (SELECT 1 FROM shop_event e WHERE e.customer_id = n.customer_id AND e.name = %s AND {_since('e.at')})"
    )
    return Sql(text, (name, stamp(now)))


def _since(column: str) -> str:
    """One blank: now."""
    return f"{column} >= n.since AND {column} <= %s"


def _ordered() -> str:
    """A test is no order; one that was called off again was one. The order an enrolment is about does not count, and
    the order a cart became does, whenever it was placed."""
    other = f"""EXISTS (SELECT 1 FROM shop_order o WHERE o.customer_id = n.customer_id AND NOT o.test
        AND o.day >= {day_before("n.since")} AND {_since("o.placed_at")}
        AND (n.order_id IS NULL OR o.id <> n.order_id))"""
    cart = """(n.cart_id IS NOT NULL AND EXISTS (SELECT 1 FROM shop_cart c JOIN shop_order o ON o.id = c.order_id
        WHERE c.id = n.cart_id AND o.placed_at <= %s))"""
    return f"({other} OR {cart})"


def _own(column: str) -> str:
    """Of the order an enrolment is about it counts whenever it was; of others, since entry. Two blanks: now."""
    return f"({column} <= %s AND (o.id = n.order_id OR (n.order_id IS NULL AND {_since(column)})))"


def _paid() -> str:
    rows = "SELECT 1 FROM shop_order o WHERE o.customer_id = n.customer_id AND NOT o.test"
    return f"EXISTS ({rows} AND {_own('o.paid_at')})"


def _parcel(column: str) -> Callable[[], str]:
    def made() -> str:
        rows = "SELECT 1 FROM shop_order o JOIN shop_parcel p ON p.order_id = o.id WHERE o.customer_id = n.customer_id"
        return f"EXISTS ({rows} AND {_own(f'p.{column}')})"

    return made


def _refunded() -> str:
    rows = "SELECT 1 FROM shop_refund r LEFT JOIN shop_order o ON o.id = r.order_id"
    return f"EXISTS ({rows} WHERE r.customer_id = n.customer_id AND {_own('r.at')})"


def _returned() -> str:
    rows = "SELECT 1 FROM shop_order o WHERE o.customer_id = n.customer_id"
    return f"({_refunded()} OR EXISTS ({rows} AND {_own('o.cancelled_at')}))"


def _withdrawn() -> str:
    """A withdrawal from its order, or from one that is not named. Where it is about no order, from any; and what is
    said of mails is meant too there: who takes a consent back, or objects, has had enough."""
    named = json_text("e.properties", "order_id")
    contract = f"""EXISTS (SELECT 1 FROM shop_event e LEFT JOIN shop_order o ON o.id = n.order_id
        WHERE e.customer_id = n.customer_id AND e.name IN {WITHDRAWN} AND e.at <= %s
        AND ((n.order_id IS NOT NULL AND {named} = o.external_id)
            OR ((n.order_id IS NULL OR COALESCE({named}, '') = '') AND e.at >= n.since)))"""
    consent = f"""(n.order_id IS NULL AND EXISTS (SELECT 1 FROM consent_entry y WHERE y.customer_id = n.customer_id
        AND y.kind IN ('withdrawn', 'objected') AND {_since("y.at")}))"""
    return f"({contract} OR {consent})"


def json_text(column: str, name: str) -> str:
    """A property of a JSON column as text, null where it is not there."""
    if connection.vendor == "postgresql":
        return f"({column} ->> '{name}')"
    return f"CAST(JSON_EXTRACT({column}, '$.{name}') AS TEXT)"


def _cart_closed() -> str:
    empty = "CAST(c.lines AS TEXT) = '[]'" if connection.vendor == "postgresql" else "c.lines = '[]'"
    return (
        "EXISTS (SELECT 1 FROM shop_cart c LEFT JOIN shop_order o ON o.id = c.order_id"
        f" WHERE c.id = n.cart_id AND (o.placed_at <= %s OR ({empty} AND c.changed_at <= %s)))"
    )


def _cart_changed() -> str:
    return "EXISTS (SELECT 1 FROM shop_cart c WHERE c.id = n.cart_id AND c.changed_at > n.since AND c.changed_at <= %s)"


def _signal(kind: str) -> Callable[[], str]:
    """About a mail of this enrolment; what machines do (scanners follow links) is not theirs."""

    def made() -> str:
        return (
            "EXISTS (SELECT 1 FROM mail_send s JOIN mail_message m ON m.id = s.message_id"
            " JOIN mail_signal g ON g.send_id = s.id WHERE s.customer_id = n.customer_id AND s.run = n.id"
            f" AND m.origin = 'journey' AND g.kind = '{kind}' AND NOT g.machine AND {_since('g.at')})"
        )

    return made


def _chosen() -> str:
    """They chose what reaches them, on the page of their own."""
    return (
        f"EXISTS (SELECT 1 FROM consent_preference p WHERE p.customer_id = n.customer_id AND {_since('p.changed_at')})"
    )


def _confirmed() -> str:
    return (
        "EXISTS (SELECT 1 FROM consent_entry y WHERE y.kind = 'confirmed'"
        f" AND y.customer_id = n.customer_id AND {_since('y.at')})"
    )


_WORDS: Mapping[str, Callable[[], str]] = {
    "ordered": _ordered,
    "paid": _paid,
    "shipped": _parcel("shipped_at"),
    "delivered": _parcel("delivered_at"),
    "refunded": _refunded,
    "returned": _returned,
    "withdrawn": _withdrawn,
    "cart_closed": _cart_closed,
    "cart_changed": _cart_changed,
    "clicked": _signal("clicked"),
    "replied": _signal("replied"),
    "confirmed": _confirmed,
    "chosen": _chosen,
}


def values_of(parts: list[Sql]) -> tuple[Any, ...]:
    """What belongs in the blanks of several, in their order."""
    return tuple(value for part in parts for value in part.values)
