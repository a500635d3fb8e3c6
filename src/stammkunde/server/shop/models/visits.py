"""Carts and checkouts, and the timeline of everything that happened."""

from django.db import models

from stammkunde.server.shop.models.door import Source
from stammkunde.server.shop.models.orders import Order
from stammkunde.server.shop.models.people import Customer, Identity


class Cart(models.Model):
    """A basket on its way to an order; recovered when `order` is set. Lines: [{sku, title, quantity, price}]."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+", db_index=False)
    external_id = models.CharField(max_length=120)
    version = models.BigIntegerField(default=0)
    identity = models.ForeignKey(Identity, null=True, on_delete=models.SET_NULL, related_name="carts")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="carts", db_index=False)
    stage = models.CharField(max_length=20, default="cart")
    currency = models.CharField(max_length=3, blank=True)
    value = models.BigIntegerField(default=0)
    lines = models.JSONField(default=list)
    url = models.CharField(max_length=1000, blank=True)
    began_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    order = models.ForeignKey(Order, null=True, on_delete=models.SET_NULL, related_name="carts")

    class Meta:
        """Known by its token; those that rest are found by when they changed."""

        constraints = (models.UniqueConstraint(fields=["source", "external_id"], name="cart_once"),)
        indexes = (
            models.Index(fields=["customer", "changed_at"], name="cart_customer"),
            models.Index(fields=["changed_at"], name="cart_changed"),
        )

    def __str__(self) -> str:
        return self.external_id


class Event(models.Model):
    """Something that happened, under the name the Segment e-commerce specification has for it.

    `key` is the sender's id of it: sent again, it is the same row. `value` is money in the smallest unit.
    """

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=200)
    name = models.CharField(max_length=120)
    at = models.DateTimeField()
    received_at = models.DateTimeField()
    identity = models.ForeignKey(Identity, null=True, on_delete=models.SET_NULL, related_name="events")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="events", db_index=False)
    value = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True)
    properties = models.JSONField(default=dict)

    class Meta:
        """Once each; read by customer, newest first."""

        constraints = (models.UniqueConstraint(fields=["source", "key"], name="event_once"),)
        indexes = (
            models.Index(fields=["customer", "-at"], name="event_customer"),
            models.Index(fields=["name", "-at"], name="event_name"),
        )

    def __str__(self) -> str:
        return self.name
