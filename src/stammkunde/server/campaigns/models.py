"""Newsletters, the texts they have, and what was known when mails were given to one text or the other.

Nothing here counts what was sent: that is read from the ledger (`mail.models.Send`), every time.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from stammkunde.server.consent.purposes import Purpose
from stammkunde.server.mail.models import Message, Template, Version
from stammkunde.server.segments.models import Segment


class Campaign(models.Model):
    """One message to many. To a segment, to whom a rule finds, or to everybody with an address where neither is set.

    It goes out at `at`; or, where `hour` is set, at that hour of `day` in each customer's own zone; at most `per_hour`
    (0: as fast as the sender can); a test of several texts spreads over `spread_hours`, since it learns from the mails
    before. `rate` is what came of both at the start. `categories` are those of the goods it advertises (§ 7 (3) UWG).
    `planned_to` is the last customer who has a row in the ledger, `pacing` what of the throttle is taken: both go on
    where they were after a restart. Texts have their share up to `assigned_to`. `why` says why it was stopped.
    """

    class State(models.TextChoices):
        """From a draft to the last mail that is settled, or to a stop."""

        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        SCHEDULED = "scheduled", _("Scheduled")
        SENDING = "sending", _("Going out")
        DONE = "done", _("Done")
        STOPPED = "stopped", _("Stopped")

    class Goal(models.TextChoices):
        """What decides between texts. Orders need no tracking: they are the shop's own, and only sums are looked at."""

        ORDERS = "orders", _("Orders")
        CLICKS = "clicks", _("Clicks")

    PURPOSES = ((Purpose.NEWSLETTER, Purpose.NEWSLETTER.label), (Purpose.OFFER, Purpose.OFFER.label),
                (Purpose.DIGEST, Purpose.DIGEST.label))  # fmt: skip

    name = models.CharField(max_length=160)
    slug = models.SlugField(max_length=80, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    purpose = models.CharField(max_length=20, choices=PURPOSES, default=Purpose.NEWSLETTER)
    segment = models.ForeignKey(Segment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    rule = models.JSONField(null=True, blank=True)
    at = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    hour = models.TimeField(null=True)
    per_hour = models.PositiveIntegerField(default=0)
    goal = models.CharField(max_length=10, choices=Goal, default=Goal.ORDERS)
    window_hours = models.PositiveSmallIntegerField(default=72)
    spread_hours = models.PositiveSmallIntegerField(default=20)
    public = models.BooleanField(default=False)
    categories = models.JSONField(default=list)
    rate = models.PositiveIntegerField(default=0)
    planned_to = models.BigIntegerField(default=0)
    pacing = models.JSONField(default=list)
    assigned_to = models.DateTimeField(null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    planned_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        """Read newest first, and by what is going on."""

        indexes = (models.Index(fields=["state"], name="campaign_state"),)

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> str:
        """The scope of its rows in the ledger."""
        return f"campaign:{self.pk}:"

    @property
    def open(self) -> bool:
        """Whether its texts, audience and time may still be changed."""
        return self.state in (self.State.DRAFT, self.State.APPROVED)


class Tenure(models.TextChoices):
    """How long somebody has been a customer: see `queries.tenure`."""

    ALL = "all", _("everybody")
    NEW = "new", _("new customers")
    LONG = "long_standing", _("long-standing customers")


class Variant(models.Model):
    """A text of a newsletter, and for whom. A text for somebody's own tenure goes before one for everybody; of several
    that fit, each customer gets one, and which is what a test is about. `subjects` replaces the mail's subject, voice
    by voice. `version` is what was approved, with that subject in it, `message` what its rows in the ledger carry."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="variants")
    key = models.SlugField(max_length=20)
    tenure = models.CharField(max_length=13, choices=Tenure, default=Tenure.ALL)
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="+")
    message = models.ForeignKey(Message, null=True, on_delete=models.PROTECT, related_name="+")
    subjects = models.JSONField(default=dict)

    class Meta:
        """Keys tell them apart."""

        constraints = (models.UniqueConstraint(fields=["campaign", "key"], name="campaign_variant_once"),)

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.key}"


class Batch(models.Model):
    """Mails that were given to texts at a moment, and on what grounds: what each text had until then (`known`: sent,
    ripe, answers), and the share of the batch each one got. `settled` where there was too little left to gain."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="batches")
    tenure = models.CharField(max_length=13, choices=Tenure)
    at = models.DateTimeField()
    until = models.DateTimeField()
    mails = models.PositiveIntegerField()
    known = models.JSONField(default=dict)
    shares = models.JSONField(default=dict)
    settled = models.BooleanField(default=False)

    class Meta:
        """One for each stretch of time and tenure."""

        constraints = (models.UniqueConstraint(fields=["campaign", "tenure", "until"], name="campaign_batch_once"),)

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.tenure} to {self.until}"
