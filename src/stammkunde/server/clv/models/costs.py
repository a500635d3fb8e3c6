"""What the shop's own figures do not tell: stated rates, money spent on winning customers, and single bookings.

Shares are in basis points (hundredths of a per cent), amounts in the smallest unit of the shop's currency.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from stammkunde.server.shop.models import Customer


class Rates(models.Model):
    """Costs as they are stated from a day on; null is "not stated", and counts as nothing.

    Days before the first row take the first row: whoever states rates today means the past too. A figure of the order
    itself always wins over a rate.

    `vat` of prices that include it; `goods` of net sales; `resale`: of the goods of refunds, the share that can be sold
    again; `shipping` per order; `payment` of the charge and `payment_fixed` per paid order; `marketplace` of the charge
    in the channels of `marketplaces`; `handling` per refund; `minute` of service; `discount` a year.
    """

    valid_from = models.DateField(unique=True)
    vat = models.PositiveIntegerField(null=True)
    goods = models.PositiveIntegerField(null=True)
    resale = models.PositiveIntegerField(null=True)
    shipping = models.PositiveBigIntegerField(null=True)
    payment = models.PositiveIntegerField(null=True)
    payment_fixed = models.PositiveBigIntegerField(null=True)
    marketplace = models.PositiveIntegerField(null=True)
    marketplaces = models.JSONField(default=list)
    handling = models.PositiveBigIntegerField(null=True)
    minute = models.PositiveBigIntegerField(null=True)
    discount = models.PositiveIntegerField(default=1000)
    horizon_months = models.PositiveSmallIntegerField(default=12)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"from {self.valid_from}"


class Spend(models.Model):
    """What was spent on winning new customers in a channel and month: media, agency, tools. Never brand spend."""

    channel = models.CharField(max_length=80)
    month = models.DateField()
    amount = models.PositiveBigIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        """Once for each channel and month; `month` is its first day."""

        constraints = (models.UniqueConstraint(fields=["channel", "month"], name="spend_once"),)

    def __str__(self) -> str:
        return f"{self.channel} {self.month:%Y-%m}"


class Booking(models.Model):
    """A signed line of a customer's ledger that no order tells: what it cost is negative, what it brought positive.

    Minutes of service without an `amount` cost what the rate of their day says. `key` is the sender's id of it: sent
    again, it is the same row. A cost of acquisition is shown apart and is no part of the contribution.
    """

    class Kind(models.TextChoices):
        """What it is about."""

        SERVICE = "service", _("Service")
        REWARD = "reward", _("Reward")
        ENTITLEMENT = "entitlement", _("Entitlement")
        ACQUISITION = "acquisition", _("Acquisition")
        OTHER = "other", _("Other")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="bookings")
    day = models.DateField()
    kind = models.CharField(max_length=12, choices=Kind)
    amount = models.BigIntegerField(null=True)
    minutes = models.PositiveIntegerField(null=True)
    text = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=40, default="hand")
    key = models.CharField(max_length=120, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        """Read by customer; one of `amount` and `minutes` is there."""

        constraints = (
            models.UniqueConstraint(fields=["source", "key"], condition=~Q(key=""), name="booking_once"),
            models.CheckConstraint(
                condition=Q(amount__isnull=False) | Q(minutes__isnull=False, kind="service"), name="booking_worth"
            ),
        )
        indexes = (models.Index(fields=["customer", "day"], name="booking_customer_day"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.text}".strip()
