"""Sequences, their versions, the people on them, and the steps they took."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from stammkunde.server.shop.models import Cart, Customer, Order


class Journey(models.Model):
    """A sequence a shop has. `draft` is the definition being written (see `definitions`); `live` the version that
    people enter, from what happened since `live_since` on. `flow` names the file of the library it was copied from."""

    class State(models.TextChoices):
        """Off: nobody enters and nobody moves. Closed: nobody enters, who is on it goes on. On: both."""

        OFF = "off", _("off")
        ON = "on", _("on")
        CLOSED = "closed", _("takes nobody new")

    key = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=160)
    flow = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.OFF)
    draft = models.JSONField(default=dict)
    live = models.ForeignKey("JourneyVersion", null=True, on_delete=models.SET_NULL, related_name="+")
    live_since = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class JourneyVersion(models.Model):
    """A definition as it was published. Never changed: an enrolment names the version it runs on. `messages` names for
    each step that sends the message it plans (`mail.models.Message`), and with it the version of the mail."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    messages = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        """Numbered from 1."""

        constraints = (models.UniqueConstraint(fields=["journey", "number"], name="journey_version_once"),)

    def __str__(self) -> str:
        return f"{self.journey_id} v{self.number}"


class Enrolment(models.Model):
    """A customer on a journey. `key` is what it is about: "order:7", "cart:9", a year, or "" where once is all.

    `step` is where they stand and `due_at` when that is looked at again. `entered_at` is the moment of what let them
    in, `stepped_at` that of the step. `draw` decides random splits, the same way each time.
    """

    class State(models.TextChoices):
        """On the way; at the end; left before the end, for a reason; or stopped at a step that cannot be done."""

        ACTIVE = "active", _("on the way")
        DONE = "done", _("at the end")
        LEFT = "left", _("left")
        STUCK = "stuck", _("stuck")

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="enrolments", db_index=False)
    version = models.ForeignKey(JourneyVersion, on_delete=models.PROTECT, related_name="enrolments", db_index=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="enrolments", db_index=False)
    key = models.CharField(max_length=40, blank=True)
    order = models.ForeignKey(Order, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    cart = models.ForeignKey(Cart, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    refs = models.JSONField(default=dict)
    step = models.CharField(max_length=40)
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    due_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    stepped_at = models.DateTimeField()
    draw = models.BigIntegerField()
    reason = models.CharField(max_length=60, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        """Once for each thing it is about; advanced by what is due; counted by step."""

        constraints = (models.UniqueConstraint(fields=["journey", "customer", "key"], name="enrolment_once"),)
        indexes = (
            models.Index(fields=["state", "due_at"], name="enrolment_due"),
            models.Index(fields=["version", "state", "step", "due_at"], name="enrolment_step"),
            models.Index(fields=["customer", "-entered_at"], name="enrolment_customer"),
        )

    def __str__(self) -> str:
        return f"{self.customer_id} on {self.journey_id} at {self.step}"


class Trace(models.Model):
    """A step somebody took: from where, how it ended, when. What is counted and shown is derived from these rows."""

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="traces")
    step = models.CharField(max_length=40)
    outcome = models.CharField(max_length=60)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.step}: {self.outcome}"


class Simulation(models.Model):
    """A draft over the shop's own past: what was asked, and what came out of it (see `simulating.findings`). `error`
    says why nothing did."""

    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="simulations")
    definition = models.JSONField()
    begin = models.DateTimeField()
    end = models.DateTimeField()
    asked_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    found = models.JSONField(null=True)
    error = models.TextField(blank=True)
    done_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.journey_id} {self.begin:%Y-%m-%d} to {self.end:%Y-%m-%d}"


class Tag(models.Model):
    """A word by which a step marked a customer, and when it first did."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="tags", db_index=False)
    tag = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        """Each once for a customer."""

        constraints = (models.UniqueConstraint(fields=["customer", "tag"], name="tag_once"),)

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.tag}"
