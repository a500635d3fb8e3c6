"""The ledger of what people said, the words they said it to, and what stops mail to an address, whoever has it."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from stammkunde.server.accounts.models import Key, User
from stammkunde.server.consent.bases import Topic
from stammkunde.server.shop.models import Customer


class AppendOnlyError(RuntimeError):
    """A row of a ledger was to be changed or deleted: what was said stays said, and is answered by a new entry."""


class Wording(models.Model):
    """The exact text somebody agreed to, or was told, in a language; a change is a new version."""

    topic = models.CharField(max_length=12, choices=Topic)
    language = models.CharField(max_length=5)
    number = models.PositiveIntegerField()
    text = models.TextField()
    created_at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        """Numbered from 1."""

        constraints = (models.UniqueConstraint(fields=["topic", "language", "number"], name="wording_once"),)

    def __str__(self) -> str:
        return f"{self.topic} {self.language} {self.number}"


class Entry(models.Model):
    """Something somebody said, or was told, about being written to. Rows are added, never changed.

    `request` names what it is about where it is one thing: the key of what was asked for, the order whose checkout
    showed the notice. `proven`: time, page and wording of the consent are known (an import may lack them). `about` is
    the entry that this one answers: a confirmation its request.
    """

    class Kind(models.TextChoices):
        """What was said."""

        REQUESTED = "requested", _("signed up, not confirmed yet")
        CONFIRMED = "confirmed", _("confirmed")
        GRANTED = "granted", _("agreed")
        WITHDRAWN = "withdrawn", _("withdrew")
        OBJECTED = "objected", _("objected")
        NOTICE = "notice_shown", _("was told of the right to object")
        ASKED = "asked", _("asked for one thing")
        GIVEN = "given", _("got what was asked for")

    customer = models.ForeignKey(Customer, null=True, on_delete=models.SET_NULL, related_name="said", db_index=False)
    address = models.CharField(max_length=254)
    kind = models.CharField(max_length=12, choices=Kind)
    topic = models.CharField(max_length=12, choices=Topic)
    channel = models.CharField(max_length=10, default="email")
    request = models.CharField(max_length=120, blank=True)
    wording = models.ForeignKey(Wording, null=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=40)
    page = models.CharField(max_length=500, blank=True)
    ip = models.GenericIPAddressField(null=True)
    at = models.DateTimeField()
    proven = models.BooleanField(default=True)
    note = models.CharField(max_length=500, blank=True)
    about = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="answers")
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    key = models.ForeignKey(Key, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        """Read by address and by customer, in the order of time."""

        indexes = (
            models.Index(fields=["address", "at"], name="entry_address"),
            models.Index(fields=["customer", "at"], name="entry_customer"),
            models.Index(fields=["at"], name="entry_at"),
        )

    def __str__(self) -> str:
        return f"{self.address} {self.kind} {self.topic}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add it.

        Raises
        ------
        AppendOnlyError : it is there already.
        """
        if not self._state.adding:
            raise AppendOnlyError("Entries of the ledger of consents are added, never changed.")
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> Any:
        """Refused, always: forgetting a person takes the address off it instead (`actions.suppressing.forget`)."""
        raise AppendOnlyError("Entries of the ledger of consents are added, never deleted.")


class Notice(models.Model):
    """The shop's own statement that its checkout tells of the right to object, since when and in which words
    (§ 7 (3) no. 4 UWG). Orders since then count; `until` where it was taken down."""

    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    wording = models.ForeignKey(Wording, on_delete=models.PROTECT, related_name="+")
    page = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    stated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"since {self.since:%Y-%m-%d}"


class Use(models.Model):
    """When a consent was last made use of, by address and topic: unused for years, it is worth nothing."""

    pk = models.CompositePrimaryKey("address", "topic")
    address = models.CharField(max_length=254)
    topic = models.CharField(max_length=12, choices=Topic)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.address} {self.topic}"


class Suppression(models.Model):
    """An address that is not written to, kept as a hash so that it outlives erasure and comes back from no import.

    `scope` is "dead" (nothing at all reaches it), or a topic, "all" among them. `ended_at` where it was lifted.
    """

    digest = models.CharField(max_length=64)
    scope = models.CharField(max_length=12)
    reason = models.CharField(max_length=20)
    since = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        """Found by the hash."""

        indexes = (models.Index(fields=["digest"], name="suppression_digest"),)

    def __str__(self) -> str:
        return f"{self.scope}: {self.reason}"


class Listed(models.Model):
    """A hash of an address on a list of those who want no advertising: the ECG list of the Austrian regulator, or a
    Robinson list. Lists come as files of hashes or addresses; only hashes are kept."""

    digest = models.CharField(max_length=64, primary_key=True)
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.digest[:12]


class Preference(models.Model):
    """What somebody chose about how they are written to. `off` are purposes they do not want, `rhythm` at most how
    often; neither is a consent."""

    class Rhythm(models.TextChoices):
        """At most how often."""

        ALL = "all", _("Whenever there is something")
        WEEKLY = "weekly", _("At most once a week")
        MONTHLY = "monthly", _("At most once a month")
        QUARTERLY = "quarterly", _("At most once a quarter")

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE, related_name="preference")
    off = models.JSONField(default=list)
    rhythm = models.CharField(max_length=10, choices=Rhythm, default=Rhythm.ALL)
    paused_until = models.DateTimeField(null=True)
    channel = models.CharField(max_length=10, default="email")
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.rhythm}"


class RuleChange(models.Model):
    """What the owner made of a row of the matrix: the bases that may carry a purpose in a pack, or a setting
    (`purpose` empty). The latest one counts; earlier ones stay as the history of it."""

    pack = models.CharField(max_length=2, blank=True)
    purpose = models.CharField(max_length=20, blank=True)
    setting = models.CharField(max_length=20, blank=True)
    value = models.JSONField()
    loosened = models.BooleanField()
    reason = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"{self.pack} {self.purpose or self.setting}: {self.value}"


class Pepper(models.Model):
    """What addresses are hashed with: kept in the database, so that hashes hold after the secret key was changed."""

    value = models.CharField(max_length=64)

    def __str__(self) -> str:
        return "pepper"
