"""Orders, their lines, money given back, and parcels.

All amounts are in the smallest unit of the shop's currency (`Order.currency` is the one that was paid in), positive,
and what they are is in their name; null is "not known", to be estimated from stated rates.
"""

from django.db import models

from stammkunde.server.shop.models.catalogue import Variant
from stammkunde.server.shop.models.door import Import, Source
from stammkunde.server.shop.models.people import Customer, Identity


class Order(models.Model):
    """An order. total = gross - discount + shipping: what was charged, VAT (`tax`) inside.

    `goods_cost` is the cost of the lines whose cost is known, `uncosted` the charge for lines whose cost is not.
    Facts follow the identity they came with; `customer` is whom that belongs to today.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="orders", db_index=False)
    external_id = models.CharField(max_length=120)
    version = models.BigIntegerField(default=0)
    number = models.CharField(max_length=120, blank=True)
    identity = models.ForeignKey(Identity, null=True, on_delete=models.SET_NULL, related_name="orders", db_index=False)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="orders", db_index=False)
    placed_at = models.DateTimeField()
    day = models.DateField()
    paid_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    test = models.BooleanField(default=False)
    currency = models.CharField(max_length=3)
    gross = models.BigIntegerField()
    discount = models.BigIntegerField(default=0)
    shipping = models.BigIntegerField(default=0)
    total = models.BigIntegerField()
    tax = models.BigIntegerField(null=True)
    goods_cost = models.BigIntegerField(null=True)
    uncosted = models.BigIntegerField(default=0)
    shipping_cost = models.BigIntegerField(null=True)
    payment_fee = models.BigIntegerField(null=True)
    other_cost = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    coupon = models.CharField(max_length=120, blank=True)
    channel = models.CharField(max_length=80, blank=True)
    country = models.CharField(max_length=2, blank=True)
    cart_token = models.CharField(max_length=120, blank=True)
    batch = models.ForeignKey(Import, null=True, on_delete=models.SET_NULL, related_name="orders")

    class Meta:
        """Known by the id of its source; read by customer and by day."""

        constraints = (models.UniqueConstraint(fields=["source", "external_id"], name="order_once"),)
        indexes = (
            models.Index(fields=["customer", "day"], name="order_customer_day"),
            models.Index(fields=["day"], name="order_day"),
            models.Index(fields=["paid_at"], name="order_paid", condition=models.Q(paid_at__isnull=False)),
            models.Index(fields=["identity"], name="order_identity"),
            models.Index(fields=["cart_token"], name="order_cart"),
            models.Index(fields=["number"], name="order_number"),
            models.Index(fields=["external_id"], name="order_key"),
        )

    def __str__(self) -> str:
        return self.number or self.external_id


class OrderLine(models.Model):
    """One article of an order. `total` is what was charged for it after its discount; `cost` for all pieces."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    external_id = models.CharField(max_length=120)
    variant = models.ForeignKey(Variant, null=True, on_delete=models.SET_NULL, related_name="+")
    sku = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=300, blank=True)
    category = models.CharField(max_length=200, blank=True)
    quantity = models.IntegerField()
    price = models.BigIntegerField()
    discount = models.BigIntegerField(default=0)
    total = models.BigIntegerField()
    tax = models.BigIntegerField(null=True)
    cost = models.BigIntegerField(null=True)
    returned = models.IntegerField(default=0)

    class Meta:
        """Known by its id within the order."""

        constraints = (models.UniqueConstraint(fields=["order", "external_id"], name="line_once"),)
        indexes = (models.Index(fields=["sku"], name="line_sku"),)

    def __str__(self) -> str:
        return f"{self.quantity} x {self.title or self.sku}"


class Refund(models.Model):
    """Money given back: `amount` with its VAT, `goods_back` the cost of goods that came back.

    Its `customer` is that of its order; where it names none that is known (a credit note), whom it names itself.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+", db_index=False)
    external_id = models.CharField(max_length=120)
    version = models.BigIntegerField(default=0)
    order_key = models.CharField(max_length=120)
    order = models.ForeignKey(Order, null=True, on_delete=models.CASCADE, related_name="refunds", db_index=False)
    identity = models.ForeignKey(Identity, null=True, on_delete=models.SET_NULL, related_name="refunds")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="refunds", db_index=False)
    at = models.DateTimeField()
    day = models.DateField()
    dated = models.BooleanField(default=True)
    amount = models.BigIntegerField()
    tax = models.BigIntegerField(null=True)
    goods_back = models.BigIntegerField(null=True)
    fee = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=200, blank=True)
    batch = models.ForeignKey(Import, null=True, on_delete=models.SET_NULL, related_name="refunds")

    class Meta:
        """May come before its order: `order_key` is the order's id in the source, `order` is set when it is there."""

        constraints = (models.UniqueConstraint(fields=["source", "external_id"], name="refund_once"),)
        indexes = (
            models.Index(fields=["order", "day"], name="refund_order_day"),
            models.Index(fields=["customer", "day"], name="refund_customer_day"),
            models.Index(fields=["source", "order_key"], name="refund_order_key"),
            models.Index(fields=["at"], name="refund_at"),
        )

    def __str__(self) -> str:
        return f"{self.amount} for {self.order_key}"


class Returned(models.Model):
    """Pieces of a line that came back with a refund; the line by its id, since it may not be there yet."""

    refund = models.ForeignKey(Refund, on_delete=models.CASCADE, related_name="pieces")
    line_key = models.CharField(max_length=120)
    quantity = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.quantity} of {self.line_key}"


class Parcel(models.Model):
    """A parcel of an order."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+", db_index=False)
    external_id = models.CharField(max_length=120)
    version = models.BigIntegerField(default=0)
    order_key = models.CharField(max_length=120)
    order = models.ForeignKey(Order, null=True, on_delete=models.CASCADE, related_name="parcels")
    state = models.CharField(max_length=40, blank=True)
    carrier = models.CharField(max_length=80, blank=True)
    tracking = models.CharField(max_length=200, blank=True)
    shipped_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        """May come before its order, as refunds do."""

        constraints = (models.UniqueConstraint(fields=["source", "external_id"], name="parcel_once"),)
        indexes = (
            models.Index(fields=["source", "order_key"], name="parcel_order_key"),
            models.Index(fields=["shipped_at"], name="parcel_shipped"),
            models.Index(fields=["delivered_at"], name="parcel_delivered"),
        )

    def __str__(self) -> str:
        return self.tracking or self.external_id
