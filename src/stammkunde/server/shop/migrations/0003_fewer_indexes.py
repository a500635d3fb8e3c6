"""Indexes that another one begins with go: each cost every row that comes in, and none was ever read.

The fields say so in the state only: to alter a field, SQLite would copy its whole table.
"""

from typing import Any

from django.db import migrations, models
from django.db.models import CASCADE, SET_NULL

NULL: dict[str, Any] = {"null": True, "on_delete": SET_NULL}
GONE: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("cart", "customer", "shop_cart_customer_id_f4c598f5", {**NULL, "related_name": "carts"}),
    ("cart", "source", "shop_cart_source_id_2971b1a1", {"related_name": "+"}),
    ("delivery", "source", "shop_delivery_source_id_e3433241", {"related_name": "deliveries"}),
    ("event", "customer", "shop_event_customer_id_063f1169", {**NULL, "related_name": "events"}),
    ("event", "source", "shop_event_source_id_95591ba7", {"related_name": "+"}),
    ("order", "customer", "shop_order_customer_id_f638df20", {**NULL, "related_name": "orders"}),
    ("order", "identity", "shop_order_identity_id_aefe9b7a", {**NULL, "related_name": "orders"}),
    ("order", "source", "shop_order_source_id_dd321d54", {"related_name": "orders"}),
    ("orderline", "order", "shop_orderline_order_id_8ad562c5", {"related_name": "lines"}),
    ("parcel", "source", "shop_parcel_source_id_4fdc9659", {"related_name": "+"}),
    ("price", "variant", "shop_price_variant_id_3efed1a1", {"related_name": "prices"}),
    ("product", "source", "shop_product_source_id_951fc703", {"related_name": "+"}),
    ("refund", "customer", "shop_refund_customer_id_3efef519", {**NULL, "related_name": "refunds"}),
    ("refund", "order", "shop_refund_order_id_0ad89e2e", {"null": True, "related_name": "refunds"}),
    ("refund", "source", "shop_refund_source_id_566fc9e7", {"related_name": "+"}),
    ("variant", "product", "shop_variant_product_id_ab80580a", {"related_name": "variants"}),
    ("word", "customer", "shop_word_customer_id_0fc7a492", {"related_name": "words"}),
)


def _key(to: str, about: dict[str, Any]) -> "models.ForeignKey[Any, Any]":
    """A key to a table of the room without an index of its own."""
    return models.ForeignKey(**{"db_index": False, "to": f"shop.{to}", "on_delete": CASCADE, **about})


class Migration(migrations.Migration):
    dependencies = [("shop", "0002_search")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AlterField(model, name, _key(name, about)) for model, name, _, about in GONE],
            database_operations=[
                migrations.RunSQL(f"DROP INDEX IF EXISTS {index}", f"CREATE INDEX {index} ON shop_{model} ({name}_id)")
                for model, name, index, _ in GONE
            ],
        )
    ]
