"""What comes back: deliveries, bounces, complaints, replies, openings and clicks, and the mail that told of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from stammkunde.server.mail.models.ledger import Send
from stammkunde.server.shop.models import Customer


class Arrival(models.Model):
    """A mail that came back, kept as it came. `kind` is what it was taken for, `verdict` what was read in it; one that
    nothing could be read in stays in the tray (`handled_at` empty) until somebody looks. `forwarded_at`: a reply was
    handed to a person of the shop."""

    received_at = models.DateTimeField()
    digest = models.CharField(max_length=64, unique=True)
    raw = models.BinaryField()
    kind = models.CharField(max_length=12, blank=True)
    verdict = models.JSONField(default=dict)
    send = models.ForeignKey(Send, null=True, on_delete=models.SET_NULL, related_name="arrivals")
    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="+")
    handled_at = models.DateTimeField(null=True)
    forwarded_at = models.DateTimeField(null=True)

    class Meta:
        """The tray, newest first."""

        indexes = (models.Index(fields=["handled_at", "-received_at"], name="arrival_tray"),)

    def __str__(self) -> str:
        return f"{self.kind or 'unread'} of {self.received_at:%Y-%m-%d}"


class Signal(models.Model):
    """Something that became known about a message after it left. `key` is the sender's id of it: told again, it is the
    same row. `machine` marks what no person did: a privacy proxy's opening, a scanner's click. `hard`: the address is
    dead. Without a `send` where sums are kept without persons; then `message` tells which mail it was."""

    class Kind(models.TextChoices):
        """What it is, in one vocabulary for all providers (that of django-anymail where it has a word)."""

        DELIVERED = "delivered", _("delivered")
        DEFERRED = "deferred", _("deferred")
        BOUNCED = "bounced", _("came back")
        COMPLAINED = "complained", _("complaint")
        OPENED = "opened", _("opened")
        CLICKED = "clicked", _("clicked")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        REPLIED = "replied", _("replied")
        AUTO_REPLIED = "auto_replied", _("automatic reply")

    send = models.ForeignKey(Send, null=True, on_delete=models.CASCADE, related_name="signals")
    message = models.ForeignKey("mail.Message", null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    key = models.CharField(max_length=200, unique=True)
    source = models.CharField(max_length=30)
    hard = models.BooleanField(default=False)
    machine = models.BooleanField(default=False)
    code = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    url = models.CharField(max_length=1000, blank=True)

    class Meta:
        """Counted by message and kind."""

        indexes = (models.Index(fields=["message", "kind"], name="signal_message"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"
