"""One slot, one winner: when a customer last had advertising, what stops it for now, and who lost a slot to whom."""

from django.db import models

from stammkunde.server.mail.models.ledger import Send
from stammkunde.server.shop.models import Customer


class Attention(models.Model):
    """The slot of a customer: given away with its row locked, so that no two workers do, to the message `send`. When
    that does not leave after all, the slot is free again: the ledger tells.

    `factor` stretches or shortens the shop's gap for this customer (1: as the shop says). It is learned from their last
    `mails`: how many they `answered`, and after how many they `refused` to get more (see `learning`)."""

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE, related_name="+")
    taken_at = models.DateTimeField(null=True)
    send = models.ForeignKey(Send, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    factor = models.FloatField(default=1.0)
    mails = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    learned_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.taken_at}"


class Hold(models.Model):
    """Why a customer gets no advertising for now: a reply nobody has answered, a ticket, something stated by staff.
    Late parcels, refunds and withdrawals are read from the shop's own rows and need none."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="holds")
    kind = models.CharField(max_length=20)
    ref = models.CharField(max_length=120, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        """One for each thing that holds."""

        constraints = (models.UniqueConstraint(fields=["customer", "kind", "ref"], name="hold_once"),)

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.kind}"


class Passed(models.Model):
    """A message that did not get the slot when it was due: to which other it lost, or which rule held it back."""

    send = models.ForeignKey(Send, on_delete=models.CASCADE, related_name="passed")
    winner = models.ForeignKey(Send, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    reason = models.CharField(max_length=40)
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        """Counted by time."""

        indexes = (models.Index(fields=["at"], name="passed_at"),)

    def __str__(self) -> str:
        return f"{self.send_id}: {self.reason}"


class Response(models.Model):
    """How a purpose's advertising was taken within the last year, counted at night: of `sends`, how many were `ordered`
    after, and how many `left` for good; `base` is how many would have ordered anyway, in a week like any other.

    The row without a purpose is of all together, with what an order brings (`order_value`, of which `basis`) and costs
    the customer (`order_charge`), and how customers differ: `answered` on the whole, as sure as after `strength` mails.
    """

    purpose = models.CharField(max_length=20, primary_key=True)
    sends = models.PositiveBigIntegerField(default=0)
    ordered = models.PositiveBigIntegerField(default=0)
    left = models.PositiveBigIntegerField(default=0)
    base = models.FloatField(default=0.0)
    order_value = models.BigIntegerField(null=True)
    order_charge = models.BigIntegerField(null=True)
    basis = models.CharField(max_length=12, blank=True)
    answered = models.FloatField(null=True)
    strength = models.FloatField(null=True)
    counted_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.purpose
