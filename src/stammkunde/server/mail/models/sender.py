"""How the shop sends: from whom, through what, how fast, at which hours, and how often at most."""

from datetime import time

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sender(models.Model):
    """The settings of sending: one row.

    `transport` is "captured" (kept as files, nothing leaves), "smtp", or a provider's name as django-anymail has it;
    `secrets` are sealed (`lib.seal`). `return_address` is where what cannot be delivered comes back to, with the send
    put in after a "+". Advertising: at most `cap` a customer in `cap_days`, `gap_hours` apart, not in the quiet hours
    of the customer's own zone. A better message is waited for if it is due within `look_ahead_hours`; a parcel that is
    `late_days` late, and money given back in the last `refund_days`, stop all of it. `bulk_ready_at` is when the check
    of deliverability last passed. `paused_at` stops sending until somebody has mended what `paused_why` says; after
    `failures` errors of the provider in a row it rests until `rests_until` and then tries again by itself.
    """

    class Tracking(models.TextChoices):
        """What is learnt of openings and clicks (§ 25 TDDDG): nothing; sums without persons; persons who agreed."""

        NONE = "none", _("nothing")
        AGGREGATE = "aggregate", _("sums, no persons")
        INDIVIDUAL = "individual", _("persons who agreed to it")

    class Form(models.TextChoices):
        """How German mails address people."""

        DU = "du", "du"
        SIE = "sie", "Sie"

    name = models.CharField(max_length=120, blank=True)
    address = models.EmailField(blank=True)
    reply_to = models.EmailField(blank=True)
    return_address = models.EmailField(blank=True)
    transport = models.CharField(max_length=30, default="captured")
    options = models.JSONField(default=dict)
    secrets = models.TextField(blank=True)
    connections = models.PositiveSmallIntegerField(default=4)
    per_minute = models.PositiveIntegerField(default=0)
    warm_up_since = models.DateField(null=True)
    warm_up_first = models.PositiveIntegerField(default=200)
    tracking = models.CharField(max_length=10, choices=Tracking, default=Tracking.NONE)
    form = models.CharField(max_length=4, choices=Form, default=Form.SIE)
    quiet_from = models.TimeField(default=time(20, 0))
    quiet_to = models.TimeField(default=time(8, 0))
    cap = models.PositiveSmallIntegerField(default=4)
    cap_days = models.PositiveSmallIntegerField(default=30)
    gap_hours = models.PositiveSmallIntegerField(default=48)
    look_ahead_hours = models.PositiveSmallIntegerField(default=12)
    late_days = models.PositiveSmallIntegerField(default=7)
    refund_days = models.PositiveSmallIntegerField(default=14)
    paused_at = models.DateTimeField(null=True)
    paused_why = models.CharField(max_length=500, blank=True)
    rests_until = models.DateTimeField(null=True)
    rests_why = models.CharField(max_length=500, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    bulk_ready_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.address

    @classmethod
    def now(cls) -> "Sender":
        """The row there is, or one with what holds where nobody has set anything."""
        return cls.objects.order_by("pk").first() or cls()
