"""Coupon codes by pool, each given to one customer; and what sells, alone and together."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stammkunde.server.shop.models import Customer, Order, Product

SECOND = (10, 50)  # per cent: less moves nobody to a second order, more gives the first one away too


class Pool(models.Model):
    """Codes of one kind. `worth` is per cent, or an amount in the smallest unit of the shop's currency.

    A code is good for `valid_days` from when it was given, and never beyond `ends_at`, when the shop stops taking any
    of the pool. `lacking` counts how often somebody was to be given one and none was there, last at `lacking_at`.
    """

    class Kind(models.TextChoices):
        """A share of the order, or a sum."""

        PERCENT = "percent", _("per cent")
        AMOUNT = "amount", _("amount")

    class Source(models.TextChoices):
        """Made in the shop and brought here, or made here and brought to the shop."""

        UPLOADED = "uploaded", _("made in the shop")
        GENERATED = "generated", _("made here")

    key = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=10, choices=Kind)
    worth = models.PositiveBigIntegerField(validators=[MinValueValidator(1)])
    second_purchase = models.BooleanField(default=False)
    valid_days = models.PositiveIntegerField(default=30, validators=[MinValueValidator(1)])
    minimum_order = models.PositiveBigIntegerField(default=0)
    alarm_below = models.PositiveIntegerField(default=100)
    source = models.CharField(max_length=10, choices=Source, default=Source.UPLOADED)
    active = models.BooleanField(default=True)
    ends_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    lacking = models.PositiveBigIntegerField(default=0)
    lacking_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Coupon(models.Model):
    """A code. `key` says what it was given for: the same customer is given the same code for the same thing.

    `folded` is the code in capital letters, as shops compare it. One made here is `ready` once the shop knows it.
    """

    pool = models.ForeignKey(Pool, on_delete=models.CASCADE, related_name="coupons", db_index=False)
    code = models.CharField(max_length=60)
    folded = models.CharField(max_length=60)
    ready = models.BooleanField(default=True)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="coupons", db_index=False)
    key = models.CharField(max_length=120, blank=True)
    issued_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    redeemed_at = models.DateTimeField(null=True)
    order = models.ForeignKey(Order, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        """A code once in its pool, and one for each customer and thing; taken from those not given yet."""

        constraints = (
            models.UniqueConstraint(fields=["pool", "folded"], name="coupon_once"),
            models.UniqueConstraint(
                fields=["customer", "pool", "key"], condition=~Q(customer=None), name="coupon_given_once"
            ),
        )
        indexes = (
            models.Index(fields=["pool", "id"], condition=Q(issued_at=None), name="coupon_left"),
            models.Index(fields=["folded"], name="coupon_folded"),
        )

    def __str__(self) -> str:
        return self.code


class Seller(models.Model):
    """How many customers bought a product in the last 90 days; counted by `actions.counting`."""

    product = models.OneToOneField(Product, primary_key=True, on_delete=models.CASCADE, related_name="+")
    customers = models.PositiveIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.product_id}: {self.customers}"


class Together(models.Model):
    """How many orders of the last year had both products; the most frequent companions of each are kept."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+", db_index=False)
    other = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    orders = models.PositiveIntegerField()

    class Meta:
        """Read by product."""

        constraints = (models.UniqueConstraint(fields=["product", "other"], name="together_once"),)

    def __str__(self) -> str:
        return f"{self.product_id} and {self.other_id}: {self.orders}"
