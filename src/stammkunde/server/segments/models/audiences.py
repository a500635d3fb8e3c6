"""Saved rules, who is in them, who came and went and why, and how large they were."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from stammkunde.server.shop.models import Customer


class Segment(models.Model):
    """A saved rule. An audience is a set of customers; a type is one of several of which each customer has one.

    `rule` is what `rules.language` reads. Of the types, the first in the order of `position` that fits counts.
    `size` and `computed_at` are as of the last computation; both are derived from `Member` again each time.
    """

    class Kind(models.TextChoices):
        """What the rule is for."""

        AUDIENCE = "audience", _("Segment")
        TYPE = "type", _("Customer type")

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.AUDIENCE)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=500, blank=True)
    rule = models.JSONField()
    position = models.PositiveIntegerField(default=0)
    starter = models.CharField(max_length=40, blank=True)
    size = models.IntegerField(null=True)
    computed_at = models.DateTimeField(null=True)
    computed_on = models.IntegerField(null=True)
    rule_changed_at = models.DateTimeField()
    stale = models.BooleanField(default=True)
    alarm = models.JSONField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        """Names tell them apart."""

        constraints = (models.UniqueConstraint(fields=["kind", "name"], name="segment_name_once"),)

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A customer in a segment, as of its last computation, and since when."""

    pk = models.CompositePrimaryKey("segment_id", "customer_id")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="members", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="memberships")
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.customer_id} in {self.segment_id}"


class Move(models.Model):
    """A customer entered or left a segment, and why: the conditions that turned, with what was known before and after.

    `why` is a list of {"path", "before", "after"}, or {"because"} where it was no fact: the rule was changed, the
    customer was merged.
    """

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="moves")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="moves")
    entered = models.BooleanField()
    at = models.DateTimeField()
    why = models.JSONField(default=list)

    class Meta:
        """Read by segment, newest first."""

        indexes = (
            models.Index(fields=["segment", "-id"], name="move_newest"),
            models.Index(fields=["segment", "at"], name="move_at"),
        )

    def __str__(self) -> str:
        return f"{self.customer_id} {'entered' if self.entered else 'left'} {self.segment_id}"


class Size(models.Model):
    """How large a segment was at the end of a day (days since 1970), and how many entered and left on it.

    `restarted` marks a day on which the rule was new or changed: moves of that day say nothing about customers.
    """

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="sizes")
    day = models.IntegerField()
    size = models.IntegerField()
    entered = models.IntegerField(default=0)
    left = models.IntegerField(default=0)
    restarted = models.BooleanField(default=False)

    class Meta:
        """One a day."""

        constraints = (models.UniqueConstraint(fields=["segment", "day"], name="size_once"),)

    def __str__(self) -> str:
        return f"{self.segment_id}: {self.size}"
