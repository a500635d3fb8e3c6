"""Orders of a wholesaler: thousands of articles in the mails of one claim."""

from datetime import datetime

import pytest

from stammkunde.server.mail.rendering import facts
from stammkunde.server.shop.models import Order, OrderLine, Product, Source, Variant

pytestmark = pytest.mark.django_db
ARTICLES = 1500


def test_orders_of_more_than_a_thousand_articles_are_read(now: datetime, source: Source) -> None:
    """SQLite refused them, and with them all mail that was due beside them."""
    product = Product.objects.create(source=source, external_id="tea", title="Tea")
    variants = Variant.objects.bulk_create(Variant(product=product, external_id=str(n)) for n in range(ARTICLES))
    fields = {"placed_at": now, "day": now.date(), "currency": "EUR", "gross": 1000, "total": 1000}
    order = Order.objects.create(source=source, external_id="1", **fields)
    lines = (OrderLine(order=order, external_id=str(v.pk), variant=v, quantity=1, price=1, total=1) for v in variants)
    OrderLine.objects.bulk_create(lines)
    read = facts.lines(facts.orders([order.pk])[order.pk])
    assert len(read) == ARTICLES
    assert {each.variant.product.title for each in read if each.variant} == {"Tea"}
