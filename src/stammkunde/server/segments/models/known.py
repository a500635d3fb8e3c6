"""What is known of each customer in one row, for rules to ask; and in which state of their life with the shop they are.

Days are whole numbers, days since 1 January 1970 in the shop's zone: differences are then the same arithmetic on both
databases. An order counts unless it was a test or was cancelled. Money is in the smallest unit of the shop's currency.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from stammkunde.server.shop.models import Customer


class State(models.TextChoices):
    """Where somebody is in their life with the shop; see `actions.lifecycle` for what each means exactly."""

    LEAD = "lead", _("Lead")
    NEW = "new", _("New")
    ONE_TIME = "one_time", _("One-time buyer")
    ACTIVE = "active", _("Active")
    DUE = "due", _("Due")
    SLIPPING = "slipping", _("Slipping")
    LOST = "lost", _("Lost")
    REACTIVATED = "reactivated", _("Reactivated")


class Facts(models.Model):
    """The columns of a customer's row; null is "not known" or "does not apply", and no comparison with it holds.

    From the record: `orders` and `order_days`; `charged` (what orders cost), `refunded`, `revenue` (the difference),
    `returned_share` (refunded / charged); `refunds` and `coupon_orders` (orders with one); `service_minutes` that were
    booked; `median_gap` of `gaps` between order days and `last_gap`; the first order and its channel; the last event.
    From the latest run: `p_alive`, `expected_orders`, `historic`, `predicted`, `clv`.
    Relative to others: `r`, `f`, `m` from 1 to 5, and `value_percent`, how many hundredths of the customers are worth
    more (0 to 99). Relative to their own rhythm (days): `state` since a day, and the type whose rule fits first.
    """

    country = models.CharField(max_length=2, blank=True)
    locale = models.CharField(max_length=16, blank=True)
    type = models.CharField(max_length=60, blank=True)
    channel = models.CharField(max_length=80, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    has_email = models.BooleanField(default=False)
    has_phone = models.BooleanField(default=False)
    is_company = models.BooleanField(default=False)
    known_on = models.IntegerField()
    orders = models.IntegerField(default=0)
    order_days = models.IntegerField(default=0)
    charged = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    revenue = models.BigIntegerField(default=0)
    refunds = models.IntegerField(default=0)
    coupon_orders = models.IntegerField(default=0)
    service_minutes = models.IntegerField(default=0)
    average_order = models.BigIntegerField(null=True)
    returned_share = models.FloatField(null=True)
    first_on = models.IntegerField(null=True)
    last_on = models.IntegerField(null=True)
    gaps = models.IntegerField(default=0)
    median_gap = models.FloatField(null=True)
    last_gap = models.IntegerField(null=True)
    first_order = models.BigIntegerField(null=True)
    first_channel = models.CharField(max_length=80, blank=True)
    last_event_on = models.IntegerField(null=True)
    p_alive = models.FloatField(null=True)
    expected_orders = models.FloatField(null=True)
    historic = models.BigIntegerField(null=True)
    predicted = models.BigIntegerField(null=True)
    clv = models.BigIntegerField(null=True)
    r = models.SmallIntegerField(null=True)
    f = models.SmallIntegerField(null=True)
    m = models.SmallIntegerField(null=True)
    value_percent = models.SmallIntegerField(null=True)
    rhythm = models.FloatField(null=True)
    state = models.CharField(max_length=12, choices=State, blank=True)
    state_since = models.IntegerField(null=True)
    customer_type = models.BigIntegerField(null=True)

    class Meta:
        """Two tables have these columns."""

        abstract = True


class CustomerFacts(Facts):
    """What is known of a customer today; who was merged into another has none."""

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE, related_name="known")

    class Meta(Facts.Meta):
        """Rules read the whole table; states and types are counted."""

        abstract = False
        indexes = (
            models.Index(fields=["state"], name="facts_state"),
            models.Index(fields=["customer_type"], name="facts_type"),
        )

    def __str__(self) -> str:
        return str(self.customer_id)


class FactsBefore(Facts):
    """What was known of those who changed, as it was at the last computation: what moves are explained from."""

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE, related_name="+")

    class Meta(Facts.Meta):
        """Emptied when all segments are computed."""

        abstract = False

    def __str__(self) -> str:
        return str(self.customer_id)


class Standing(models.Model):
    """How many customers have all of this in common, and what those of them who are `valued` are worth together.

    Derived from `CustomerFacts`: counted anew when all are computed, carried on when some are. Nothing is 0 or empty.
    """

    state = models.CharField(max_length=12, choices=State, blank=True)
    tier = models.CharField(max_length=8, blank=True)
    r = models.SmallIntegerField()
    f = models.SmallIntegerField()
    customer_type = models.BigIntegerField()
    customers = models.IntegerField()
    valued = models.IntegerField()
    clv = models.BigIntegerField()

    class Meta:
        """One row for each combination that somebody has, or had."""

        constraints = (
            models.UniqueConstraint(fields=["state", "tier", "r", "f", "customer_type"], name="standing_once"),
        )

    def __str__(self) -> str:
        return f"{self.state} {self.tier} {self.r}{self.f} {self.customer_type}: {self.customers}"


class StateMove(models.Model):
    """A customer came from one state of their life with the shop into another, on a day (since 1970)."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="state_moves")
    before = models.CharField(max_length=12, choices=State)
    after = models.CharField(max_length=12, choices=State)
    day = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        """Counted by week."""

        indexes = (models.Index(fields=["day", "before", "after"], name="state_move_day"),)

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.before} to {self.after}"


class Recompute(models.Model):
    """A computation: of everybody, or of those who changed since the last one.

    `marks` say up to where the record was read. `typical_gap` is the shop's median rhythm in days, `cuts` where the
    scores and the hundredths of value began, so that whoever changes by day is scored alike until the next night.
    """

    full = models.BooleanField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    day = models.IntegerField()
    customers = models.IntegerField(default=0)
    moves = models.IntegerField(default=0)
    seconds = models.FloatField(null=True)
    marks = models.JSONField(default=dict)
    typical_gap = models.FloatField(null=True)
    cuts = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{'all' if self.full else 'changed'} on {self.day}"
