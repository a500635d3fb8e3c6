"""Orders, and what becomes of them. Tests and orders called off let nobody in."""

from stammkunde.server.clv.queries.rates import literal
from stammkunde.server.journeys.definitions.language import Trigger
from stammkunde.server.journeys.triggers.base import NONE, Window, source
from stammkunde.server.segments.rules.compiling import Sql

COUNTS = "o.customer_id IS NOT NULL AND NOT o.test AND o.cancelled_at IS NULL"


def _of_order(moment: str, refs: str, rows: str, where: str, window: Window) -> Sql:
    within = window.on(moment)
    text = f"""SELECT o.customer_id, {moment} AS moment, o.id AS order_id, {NONE} AS cart_id, {refs} AS refs,
        'order:' || o.id AS what FROM {rows} WHERE {within.text} AND {COUNTS}{window.whom("o.customer_id")}{where}"""
    return Sql(text, within.values)


@source("order")
def order(_: Trigger, window: Window) -> Sql:
    """Every order, when it was placed."""
    return _of_order("o.placed_at", "'{}'", "shop_order o", f" AND o.day >= {literal(window.first_day)}", window)


@source("first_order")
def first_order(_: Trigger, window: Window) -> Sql:
    """The first order of a customer, as far as is known."""
    earlier = f"""NOT EXISTS (SELECT 1 FROM shop_order b WHERE b.customer_id = o.customer_id AND NOT b.test
        AND b.cancelled_at IS NULL AND (b.placed_at < o.placed_at OR (b.placed_at = o.placed_at AND b.id < o.id)))
        AND o.day >= {literal(window.first_day)}"""
    return _of_order("o.placed_at", "'{}'", "shop_order o", f" AND {earlier}", window)


@source("paid")
def paid(_: Trigger, window: Window) -> Sql:
    """An order, when it was paid."""
    return _of_order("o.paid_at", "'{}'", "shop_order o", "", window)


@source("refunded")
def refunded(_: Trigger, window: Window) -> Sql:
    """An order, when money was given back for it."""
    return _of_order("r.at", _ref("refund", "r.id"), "shop_refund r JOIN shop_order o ON o.id = r.order_id", "", window)


@source("shipped")
def shipped(_: Trigger, window: Window) -> Sql:
    """An order, when its first parcel left."""
    earlier = """ AND NOT EXISTS (SELECT 1 FROM shop_parcel b WHERE b.order_id = p.order_id AND b.shipped_at IS NOT NULL
        AND (b.shipped_at < p.shipped_at OR (b.shipped_at = p.shipped_at AND b.id < p.id)))"""
    return _of_order("p.shipped_at", _ref("parcel", "p.id"), PARCELS, earlier, window)


@source("delivered")
def delivered(_: Trigger, window: Window) -> Sql:
    """An order, when the last of its parcels had arrived."""
    open_or_later = """ AND NOT EXISTS (SELECT 1 FROM shop_parcel b WHERE b.order_id = p.order_id AND b.id <> p.id
        AND (b.delivered_at IS NULL OR b.delivered_at > p.delivered_at
            OR (b.delivered_at = p.delivered_at AND b.id > p.id)))"""
    return _of_order("p.delivered_at", _ref("parcel", "p.id"), PARCELS, open_or_later, window)


PARCELS = "shop_parcel p JOIN shop_order o ON o.id = p.order_id"


def _ref(name: str, column: str) -> str:
    """A row the texts may speak of, as JSON."""
    return f"""'{{"{name}": ' || {column} || '}}'"""
