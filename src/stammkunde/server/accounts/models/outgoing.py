"""Events that leave the house: who listens, what is told, and how far each telling is."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from stammkunde.server.accounts.models.staff import User


class Endpoint(models.Model):
    """An address that is told of events. `events` are names, or beginnings of names such as "message.*", or "*".

    `sealed` holds the secret, and the one before it, which signs along until `old_until`. `private` allows an address
    of the own network. `failing_since` is when the telling first failed of those that failed in a row.
    """

    url = models.CharField(max_length=500)
    about = models.CharField(max_length=160, blank=True)
    sealed = models.TextField()
    old_until = models.DateTimeField(null=True)
    events = models.JSONField(default=list)
    private = models.BooleanField(default=False)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    told_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_why = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return self.about or self.url

    def wants(self, event: str) -> bool:
        """Whether it listens to an event."""
        return any(event.startswith(name[:-1]) if name.endswith(".*") else name in ("*", event) for name in self.events)


class Outgoing(models.Model):
    """Something that happened, as it is told: `body` to the letter, since that is signed; `uid` is its webhook-id."""

    uid = models.CharField(max_length=40, unique=True)
    event = models.CharField(max_length=120)
    body = models.TextField()
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.event} {self.uid}"


class Dispatch(models.Model):
    """The telling of one thing to one endpoint: tried until it is thanked for, with the same webhook-id each time."""

    class State(models.TextChoices):
        """Due some time, with a worker, thanked for, or given up."""

        WAITING = "waiting", _("waiting")
        CLAIMED = "claimed", _("being told")
        DONE = "done", _("delivered")
        FAILED = "failed", _("given up")

    outgoing = models.ForeignKey(Outgoing, on_delete=models.CASCADE, related_name="dispatches", db_index=False)
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="dispatches", db_index=False)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    worker = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    response = models.CharField(max_length=500, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        """Once each; claimed by what is due; read by endpoint, newest first."""

        constraints = (models.UniqueConstraint(fields=["outgoing", "endpoint"], name="dispatch_once"),)
        indexes = (
            models.Index(fields=["state", "due_at"], name="dispatch_due"),
            models.Index(fields=["endpoint", "-id"], name="dispatch_newest"),
        )

    def __str__(self) -> str:
        return f"{self.outgoing_id} to {self.endpoint_id}: {self.state}"
