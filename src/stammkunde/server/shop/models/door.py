"""Where facts come in: sources, what they delivered (raw), and files that were imported."""

from pathlib import Path

from django.conf import settings
from django.db import models


class Source(models.Model):
    """A place facts come from: a shop, a file, a collector. Secrets are sealed (see `lib.seal`)."""

    kind = models.CharField(max_length=30)
    name = models.CharField(max_length=120)
    options = models.JSONField(default=dict)
    sealed = models.TextField(blank=True)
    token = models.CharField(max_length=64, unique=True)
    active = models.BooleanField(default=True)
    demo = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    pulled_to = models.DateTimeField(null=True)
    pulled_at = models.DateTimeField(null=True)
    heard_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    error_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """A payload as it came, before anything was understood: the row is written, then the sender is thanked.

    Unique on source, key and hash of the body: the same delivery again is the same row, while two different ones that
    share a sender's id are two rows. `version` is the entity's own time of change: older ones are stale.
    """

    class State(models.TextChoices):
        """New, taken into the record, older than what is known, without meaning for us, or not understood."""

        NEW = "new"
        DONE = "done"
        STALE = "stale"
        IGNORED = "ignored"
        FAILED = "failed"

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    topic = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    entity = models.CharField(max_length=120, blank=True)
    version = models.BigIntegerField(null=True)
    body = models.BinaryField()
    headers = models.JSONField(default=dict)
    received_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.NEW)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        """Once each."""

        constraints = (models.UniqueConstraint(fields=["source", "key", "digest"], name="delivery_once"),)
        indexes = (models.Index(fields=["source", "state", "id"], name="delivery_due"),)

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"


class Import(models.Model):
    """A file of orders: dry run, then taken in, and possibly undone."""

    class State(models.TextChoices):
        """Uploaded, looked at, being taken in, in, undone, or given up."""

        UPLOADED = "uploaded"
        CHECKED = "checked"
        RUNNING = "running"
        DONE = "done"
        UNDOING = "undoing"
        UNDONE = "undone"
        FAILED = "failed"

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="imports")
    filename = models.CharField(max_length=255)
    path = models.CharField(max_length=500)
    digest = models.CharField(max_length=64)
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    outcome = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    @property
    def file(self) -> Path:
        """Where it lies: `path` is told from the folder of uploads, which may be another after a restore."""
        return Path(settings.MEDIA_ROOT) / self.path

    def __str__(self) -> str:
        return self.filename
