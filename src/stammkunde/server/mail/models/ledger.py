"""The ledger: one row for every message to one customer, planned, claimed and settled, at most once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from stammkunde.server.mail.models.templates import Version
from stammkunde.server.shop.models import Cart, Customer, Order


class Message(models.Model):
    """What a step of a journey, or a campaign, has for many: which version of which mail, and how it may go out.

    `origin` and `origin_id` name what wants it ("journey" and its id, "campaign", "system"), `step` the step in it,
    `variant` which of several texts. `purpose` is that of the mail; `marketing` whether it competes for attention.
    `rules` are looked at again within the claim of every send (see `sending.rules`); `digest` is that of them, so
    that a message never changes: other rules make another one.
    """

    origin = models.CharField(max_length=20)
    origin_id = models.BigIntegerField(default=0)
    step = models.CharField(max_length=60, blank=True)
    variant = models.CharField(max_length=40, blank=True)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="messages")
    purpose = models.CharField(max_length=20)
    marketing = models.BooleanField()
    rules = models.JSONField(default=dict)
    digest = models.CharField(max_length=16, default="")
    created_at = models.DateTimeField()

    class Meta:
        """A step has one message for each version, text and set of rules."""

        constraints = (
            models.UniqueConstraint(
                fields=["origin", "origin_id", "step", "variant", "version", "digest"], name="message_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.origin} {self.origin_id} {self.step}"


class Send(models.Model):
    """A message to a customer. Unique on scope, run and customer: planning it again changes nothing.

    `scope` is "origin:origin_id:step", `run` the enrolment or the campaign. `order` and `cart` are what the text speaks
    of, `refs` further rows ({"coupon": 3, "entry": 7}). Orders after `since` make it pointless where the message says
    so. `expected` is the contribution it is expected to bring, in the smallest unit of the shop's currency: the best
    gets the slot. `bases` says for the message and each block with a purpose of its own why it was allowed or left out:
    [{"block": "", "purpose": "offer", "basis": "consent", "reason": "", "entry": 3, "order": null, "source": "§ …"}].
    """

    class State(models.TextChoices):
        """Waiting, with a worker, being handed over, or ended one of four ways. A row that a dead worker had claimed
        goes back to waiting, since nothing had left; one that was being handed over becomes `unknown`."""

        WAITING = "waiting", _("waiting")
        CLAIMED = "claimed", _("being prepared")
        HANDING = "handing", _("being handed over")
        SENT = "sent", _("sent")
        REFUSED = "refused", _("refused")
        SUPPRESSED = "suppressed", _("not sent")
        UNKNOWN = "unknown", _("unknown")

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="sends", db_index=False)
    scope = models.CharField(max_length=110)
    run = models.BigIntegerField(default=0)
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="sends", db_index=False)
    address = models.CharField(max_length=254, blank=True)
    order = models.ForeignKey(Order, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    cart = models.ForeignKey(Cart, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    refs = models.JSONField(default=dict)
    since = models.DateTimeField(null=True)
    marketing = models.BooleanField()
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
    settled_at = models.DateTimeField(null=True)
    header_id = models.CharField(max_length=200, blank=True)
    provider = models.CharField(max_length=30, blank=True)
    response = models.CharField(max_length=500, blank=True)

    class Meta:
        """Once each; claimed as due, order mails first; counted as they left; read by customer, by message."""

        constraints = (models.UniqueConstraint(fields=["scope", "run", "customer"], name="send_once"),)
        indexes = (
            models.Index(fields=["state", "marketing", "due_at"], name="send_due"),
            models.Index(fields=["settled_at"], name="send_settled"),
            models.Index(fields=["customer", "-due_at"], name="send_customer"),
            models.Index(fields=["message", "state"], name="send_message"),
            models.Index(fields=["header_id"], name="send_header"),
        )

    def __str__(self) -> str:
        return f"{self.scope} to {self.customer_id}: {self.state}"
