"""Due work as rows: what is to be done, when, who is at it, how far it is."""

from django.db import models
from django.db.models import Q


class Job(models.Model):
    """A piece of work. `kind` names a task (see `lib.work.task`); `key` makes a second request for the same a no-op."""

    class State(models.TextChoices):
        """Where it is: waiting, being worked on, done, or given up after its tries."""

        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, blank=True)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    worker = models.CharField(max_length=80, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    doing = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        """A key names one waiting or running job of its kind."""

        indexes = (
            models.Index(fields=["state", "due_at"], name="job_due"),
            models.Index(fields=["state", "kind", "finished_at"], name="job_kind"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=Q(state__in=["waiting", "running"]) & ~Q(key=""),
                name="job_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.key}".strip()
