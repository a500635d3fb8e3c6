"""Counting what sells, and what is bought together: read without holding anybody up, written in one transaction."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import groupby, islice
from operator import itemgetter

from django.db import connection, transaction

from stammkunde.server.lib import bulk
from stammkunde.server.offers.models import Seller, Together

SELLS = timedelta(days=90)
TOGETHER = timedelta(days=365)
SUPPORT = 3  # orders with both, below which it may be chance
COMPANIONS = 20  # kept of each product
BASKET = 40  # lines, above which an order is a dealer's, and says little of what goes together


def count(*, now: datetime) -> tuple[int, int]:
    """Count anew; how many products sell, and how many pairs were found."""
    sellers, pairs = _sellers(now.date() - SELLS), list(_pairs(now.date() - TOGETHER))
    with transaction.atomic():
        Seller.objects.all().delete()
        bulk.insert(Seller, ("product_id", "customers"), sellers)
        Together.objects.all().delete()
        bulk.insert(Together, ("product_id", "other_id", "orders"), pairs)
    return len(sellers), len(pairs)


def _sellers(since: date) -> list[tuple[int, int]]:
    """Products with how many customers bought them; one who buys every week counts once."""
    sql = """
        SELECT v.product_id, COUNT(DISTINCT o.customer_id)
        FROM shop_order o JOIN shop_orderline l ON l.order_id = o.id JOIN shop_variant v ON v.id = l.variant_id
        WHERE o.day >= %s AND NOT o.test AND o.cancelled_at IS NULL AND l.returned < l.quantity
        GROUP BY v.product_id HAVING COUNT(DISTINCT o.customer_id) > 0
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [since])
        return [(int(product), int(number)) for product, number in cursor.fetchall()]


def _pairs(since: date) -> Iterator[tuple[int, int, int]]:
    """Each product with its most frequent companions."""
    sql = """
        WITH basket AS (
            SELECT DISTINCT o.id AS order_id, v.product_id
            FROM shop_order o JOIN shop_orderline l ON l.order_id = o.id JOIN shop_variant v ON v.id = l.variant_id
            WHERE o.day >= %s AND NOT o.test AND o.cancelled_at IS NULL AND l.returned < l.quantity
        ), small AS (
            SELECT order_id FROM basket GROUP BY order_id HAVING COUNT(*) BETWEEN 2 AND %s
        )
        SELECT a.product_id, b.product_id, COUNT(*) AS orders
        FROM small s JOIN basket a ON a.order_id = s.order_id
            JOIN basket b ON b.order_id = s.order_id AND b.product_id <> a.product_id
        GROUP BY a.product_id, b.product_id HAVING COUNT(*) >= %s
        ORDER BY a.product_id, orders DESC, b.product_id
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, [since, BASKET, SUPPORT])
        for _product, rows in groupby(cursor.fetchall(), key=itemgetter(0)):
            yield from ((int(a), int(b), int(number)) for a, b, number in islice(rows, COMPANIONS))
