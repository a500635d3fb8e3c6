"""What happens between orders: carts that rest, events, sign-ups, segments that somebody comes into."""

from django.db import connection

from stammkunde.server.journeys.definitions.language import NOTHING, Trigger
from stammkunde.server.journeys.running.moments import later, stamp
from stammkunde.server.journeys.running.words import WITHDRAWN, json_text
from stammkunde.server.journeys.triggers.base import NONE, Window, source
from stammkunde.server.segments.rules.compiling import Sql


@source("cart_idle")
def cart_idle(trigger: Trigger, window: Window) -> Sql:
    """A cart with something in it, when nothing had changed in it for a time."""
    after = trigger.after or NOTHING
    within = window.before(after.time).on("c.changed_at")
    text = f"""SELECT c.customer_id, {later("c.changed_at", after.seconds)} AS moment, c.order_id, c.id AS cart_id,
        '{{}}' AS refs, 'cart:' || c.id AS what FROM shop_cart c
        WHERE {within.text} AND c.customer_id IS NOT NULL AND c.order_id IS NULL AND CAST(c.lines AS TEXT) <> '[]'"""
    return Sql(text, within.values)


@source("event")
def event(trigger: Trigger, window: Window) -> Sql:
    """An event, when it happened; or, with a silence, when it had not happened again for that long."""
    idle = trigger.idle or NOTHING
    within = window.before(idle.time).on("e.at")
    again, values = "", within.values
    if idle.count:
        again = f""" AND NOT EXISTS (SELECT 1 FROM shop_event b WHERE b.customer_id = e.customer_id AND b.name = e.name
            AND b.at > e.at AND b.at <= {later("e.at", idle.seconds)} AND b.at <= %s)"""
        values = (*values, trigger.name, stamp(window.end))
    else:
        values = (*values, trigger.name)
    moment = later("e.at", idle.seconds) if idle.count else "e.at"
    text = f"""SELECT e.customer_id, {moment} AS moment, {NONE} AS order_id, {NONE} AS cart_id,
        {_refs()} AS refs, 'event:' || e.id AS what FROM shop_event e
        WHERE {within.text} AND e.name = %s AND e.customer_id IS NOT NULL{again}"""
    return Sql(text, values)


def _refs() -> str:
    """The event, and the key of the request that it answers, where it names one."""
    if connection.vendor == "postgresql":
        both = "CAST(JSON_BUILD_OBJECT('event', e.id, 'request', e.properties ->> 'request') AS TEXT)"
    else:
        both = "JSON_OBJECT('event', e.id, 'request', e.properties ->> 'request')"
    return f"CASE WHEN e.properties ->> 'request' IS NULL THEN '{{\"event\": ' || e.id || '}}' ELSE {both} END"


@source("withdrawn")
def withdrawn(_: Trigger, window: Window) -> Sql:
    """A withdrawal from an order (§ 355 BGB), when it was received. The event names the order as the shop does."""
    within = window.on("e.at")
    named = json_text("e.properties", "order_id")
    text = f"""SELECT e.customer_id, e.at AS moment, o.id AS order_id, {NONE} AS cart_id,
        '{{"event": ' || e.id || '}}' AS refs, COALESCE('order:' || o.id, 'event:' || e.id) AS what
        FROM shop_event e LEFT JOIN shop_order o ON o.source_id = e.source_id AND o.external_id = {named}
        WHERE {within.text} AND e.name IN {WITHDRAWN} AND e.customer_id IS NOT NULL"""
    return Sql(text, within.values)


@source("signed_up")
def signed_up(_: Trigger, window: Window) -> Sql:
    """Somebody whom the shop knows by the address was signed up, and has not confirmed it yet."""
    unanswered = " AND NOT EXISTS (SELECT 1 FROM consent_entry a WHERE a.about_id = y.id AND a.at <= %s)"
    found = _said("requested", window, unanswered)
    return Sql(found.text, (*found.values, stamp(window.end)))


@source("confirmed")
def confirmed(_: Trigger, window: Window) -> Sql:
    """An address confirmed its sign-up."""
    return _said("confirmed", window, "")


def _said(kind: str, window: Window, only: str) -> Sql:
    """An entry of the ledger of consents, by its customer or by whom the address belongs to."""
    within = window.on("y.at")
    text = f"""SELECT COALESCE(y.customer_id, (SELECT MIN(c.id) FROM shop_customer c WHERE c.email = y.address
            AND c.merged_into_id IS NULL AND y.address <> '')) AS customer_id, y.at AS moment, {NONE} AS order_id,
        {NONE} AS cart_id, '{{"entry": ' || y.id || '}}' AS refs, 'entry:' || y.id AS what FROM consent_entry y
        WHERE {within.text} AND y.kind = '{kind}'{only}"""
    return Sql(text, within.values)


@source("segment")
def segment(trigger: Trigger, window: Window) -> Sql:
    """Somebody came into a segment."""
    return _moves("starter", trigger.starter, window) if trigger.starter else _moves("name", trigger.name, window)


@source("p_alive")
def p_alive(trigger: Trigger, window: Window) -> Sql:
    """The chance to be still a customer fell below a number. What it was before is kept by a segment, which is made
    when the journey is published (see `actions.publishing`)."""
    return _moves("starter", below(trigger.below), window)


def below(share: float) -> str:
    """The starter of the segment of those below a chance."""
    return f"p_alive<{share:g}"


def _moves(column: str, value: str, window: Window) -> Sql:
    """Not because its rule was changed, nor with so many at once that something happened to the shop, not to them."""
    within = window.on("m.at")
    text = f"""SELECT m.customer_id, m.at AS moment, {NONE} AS order_id, {NONE} AS cart_id,
        '{{"move": ' || m.id || '}}' AS refs, 'move:' || m.id AS what
        FROM segments_move m JOIN segments_segment g ON g.id = m.segment_id
        WHERE {within.text} AND g.{column} = %s AND m.entered
            AND CAST(m.why AS TEXT) NOT IN ('[{{"because": "rule"}}]', '[{{"because": "many"}}]')"""
    return Sql(text, (*within.values, value))
