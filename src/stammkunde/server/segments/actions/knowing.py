"""What is known of each customer, as one row of facts: from the record and the latest values, set by set.

What is relative to others and to the own rhythm stands in the same rows, is `lifecycle`'s, and stays as it was.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

from stammkunde.server.clv.queries.rates import day_number
from stammkunde.server.segments.models import CustomerFacts

#: Columns that this module fills, in the order of `_SELECT`.
COLUMNS = (
    "country", "locale", "type", "channel", "postcode", "has_email", "has_phone", "is_company", "known_on",
    "orders", "order_days", "charged", "refunded", "revenue", "refunds", "coupon_orders", "service_minutes",
    "average_order", "returned_share", "first_on", "last_on", "gaps", "median_gap", "last_gap", "first_order",
    "first_channel", "last_event_on", "p_alive", "expected_orders", "historic", "predicted", "clv",
)  # fmt: skip
ALL = ", ".join(str(f.column) for f in CustomerFacts._meta.concrete_fields)


def know(whom: str, *, now: datetime) -> None:
    """Fill the rows of the customers that `whom` (SQL on `c`, a customer) names; rows of who was merged go.

    What was known before is kept once in `FactsBefore`, from which moves are explained.
    """
    with connection.cursor() as cursor:
        for sql in (_BEFORE, _GONE, _fill(now)):
            cursor.execute(sql.format(whom=whom, all=ALL))


_BEFORE = """INSERT INTO segments_factsbefore ({all}) SELECT {all} FROM segments_customerfacts
    WHERE customer_id IN (SELECT c.id FROM shop_customer c WHERE {whom}) ON CONFLICT DO NOTHING"""
_GONE = """DELETE FROM segments_customerfacts WHERE customer_id IN (
    SELECT c.id FROM shop_customer c WHERE {whom} AND c.merged_into_id IS NOT NULL)"""

_SELECT = """
    WITH w AS (SELECT c.* FROM shop_customer c WHERE {{whom}} AND c.merged_into_id IS NULL),
    counted AS (
        SELECT o.* FROM shop_order o
        WHERE o.customer_id IN (SELECT id FROM w) AND NOT o.test AND o.cancelled_at IS NULL),
    days AS (
        SELECT o.customer_id, {day} AS day, COUNT(*) AS orders, SUM(o.total) AS charged, SUM(o.refunded) AS refunded,
            SUM(CASE WHEN o.refunded > 0 THEN 1 ELSE 0 END) AS refunds,
            SUM(CASE WHEN o.coupon <> '' THEN 1 ELSE 0 END) AS coupons
        FROM counted o GROUP BY o.customer_id, o.day),
    bought AS (
        SELECT customer_id, SUM(orders) AS orders, COUNT(*) AS order_days, SUM(charged) AS charged,
            SUM(refunded) AS refunded, SUM(refunds) AS refunds, SUM(coupons) AS coupons, MIN(day) AS first_on,
            MAX(day) AS last_on
        FROM days GROUP BY customer_id),
    stray AS (
        SELECT r.customer_id, SUM(r.amount) AS amount, COUNT(*) AS refunds FROM shop_refund r
        WHERE r.order_id IS NULL AND r.customer_id IN (SELECT id FROM w) GROUP BY r.customer_id),
    gaps AS (
        SELECT customer_id, day, day - LAG(day) OVER (PARTITION BY customer_id ORDER BY day) AS gap FROM days),
    ranked AS (
        SELECT customer_id, day, gap, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY gap) AS place,
            COUNT(*) OVER (PARTITION BY customer_id) AS n, MAX(day) OVER (PARTITION BY customer_id) AS last
        FROM gaps WHERE gap IS NOT NULL),
    rhythm AS (
        SELECT customer_id, MAX(n) AS gaps,
            CAST(AVG(CASE WHEN place IN ((n + 1) / 2, (n + 2) / 2) THEN gap END) AS DOUBLE PRECISION) AS median_gap,
            MAX(CASE WHEN day = last THEN gap END) AS last_gap
        FROM ranked GROUP BY customer_id),
    firsts AS (
        SELECT customer_id, id, channel FROM (
            SELECT customer_id, id, channel,
                ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY placed_at, id) AS place
            FROM counted) r WHERE place = 1)
    SELECT w.id, w.country, w.locale, w.type, w.channel, w.postcode, w.email <> '', w.phone <> '', w.company <> '',
        {known_on}, COALESCE(b.orders, 0), COALESCE(b.order_days, 0), COALESCE(b.charged, 0),
        COALESCE(b.refunded, 0) + COALESCE(s.amount, 0),
        COALESCE(b.charged, 0) - COALESCE(b.refunded, 0) - COALESCE(s.amount, 0),
        COALESCE(b.refunds, 0) + COALESCE(s.refunds, 0), COALESCE(b.coupons, 0),
        COALESCE((SELECT SUM(k.minutes) FROM clv_booking k WHERE k.customer_id = w.id), 0),
        CASE WHEN b.orders > 0 THEN CAST(b.charged / b.orders AS BIGINT) END,
        CASE WHEN b.charged > 0
            THEN CAST(b.refunded + COALESCE(s.amount, 0) AS DOUBLE PRECISION) / b.charged END,
        b.first_on, b.last_on, COALESCE(g.gaps, 0), g.median_gap, g.last_gap, a.id, COALESCE(a.channel, ''),
        {event_on}, p.p_alive, p.expected_orders, p.historic, p.predicted, p.clv, ''
    FROM w LEFT JOIN bought b ON b.customer_id = w.id LEFT JOIN stray s ON s.customer_id = w.id
    LEFT JOIN rhythm g ON g.customer_id = w.id LEFT JOIN firsts a ON a.customer_id = w.id
    LEFT JOIN clv_prediction p ON p.customer_id = w.id
"""


def _fill(now: datetime) -> str:
    event = "(SELECT MAX(e.at) FROM shop_event e WHERE e.customer_id = w.id)"
    select = _SELECT.format(
        day=day_number("o.day"), known_on=_shop_day("w.known_since", now), event_on=_shop_day(event, now)
    )
    names = ", ".join(("customer_id", *COLUMNS, "state"))
    updates = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS)
    # Without a WHERE, SQLite would take ON CONFLICT for the condition of the last join.
    update = f"WHERE 1 = 1 ON CONFLICT (customer_id) DO UPDATE SET {updates}"
    return f"INSERT INTO segments_customerfacts ({names}) {select} {update}"


def _shop_day(moment: str, now: datetime) -> str:
    """The day of a moment in the shop's zone, by the zone's distance from UTC today: in the other half of the year an
    hour beside midnight may count for the neighbouring day."""
    offset = now.astimezone(ZoneInfo(settings.SHOP_ZONE)).utcoffset()
    seconds = int(offset.total_seconds()) if offset is not None else 0
    if connection.vendor == "postgresql":
        return f"CAST(FLOOR((EXTRACT(EPOCH FROM {moment}) + {seconds}) / 86400) AS INTEGER)"
    return f"CAST(JULIANDAY({moment}) - 2440587.5 + {seconds} / 86400.0 AS INTEGER)"
