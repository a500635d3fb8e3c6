"""The ledger: one row for every message to one customer, planned, claimed and settled, at most once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from stammkunde.server.mail.models.templates import Version
from stammkunde.server.shop.models import Customer


class Send(models.Model):
    """A message to a customer. Unique on origin, run, step and customer: planning it again changes nothing.

    `origin` and `origin_id` name what wanted it ("journey", its id; "campaign"; "order"; "opt_in"), `run` the
    enrolment or the campaign, `step` the step. `refs` name rows the text speaks of ({"order": 7, "cart": 9}), `context`
    holds values of its own for the text. `unless` is looked at again within the claim: {"ordered_since":
    "2026-03-01T…", "cart": 9, "withdrawn": 7, "sold_out": 12}. `expected` is the contribution it is expected to bring,
    in the smallest unit of the shop's currency: the best one gets the slot. `bases` says for every block why it was
    allowed or left out.
    """

    class State(models.TextChoices):
        """Waiting, with a worker, or ended one of four ways. `unknown`: a worker died with it in its hands."""

        WAITING = "waiting", _("waiting")
        CLAIMED = "claimed", _("being sent")
        SENT = "sent", _("sent")
        REFUSED = "refused", _("refused")
        SUPPRESSED = "suppressed", _("not sent")
        UNKNOWN = "unknown", _("unknown")

    origin = models.CharField(max_length=20)
    origin_id = models.BigIntegerField(default=0)
    run = models.BigIntegerField(default=0)
    step = models.CharField(max_length=60)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="sends", db_index=False)
    address = models.CharField(max_length=254, blank=True)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="sends")
    variant = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=20)
    marketing = models.BooleanField()
    refs = models.JSONField(default=dict)
    context = models.JSONField(default=dict)
    unless = models.JSONField(default=dict)
    expected = models.BigIntegerField(null=True)
    planned_at = models.DateTimeField()
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    bases = models.JSONField(default=list)
    voice = models.CharField(max_length=8, blank=True)
    subject = models.CharField(max_length=300, blank=True)
    worker = models.CharField(max_length=80, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    message_id = models.CharField(max_length=200, blank=True)
    provider = models.CharField(max_length=30, blank=True)
    response = models.CharField(max_length=500, blank=True)

    class Meta:
        """Once each; claimed by what is due; read by customer, by origin, and newest first."""

        constraints = (models.UniqueConstraint(fields=["origin", "run", "step", "customer"], name="send_once"),)
        indexes = (
            models.Index(fields=["state", "due_at"], name="send_due"),
            models.Index(fields=["customer", "-due_at"], name="send_customer"),
            models.Index(fields=["origin", "origin_id", "step", "state"], name="send_origin"),
            models.Index(fields=["message_id"], name="send_message"),
        )

    def __str__(self) -> str:
        return f"{self.origin} {self.origin_id} {self.step} to {self.customer_id}: {self.state}"
