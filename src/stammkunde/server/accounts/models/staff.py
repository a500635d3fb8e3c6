"""Staff, invitations, API keys, what was changed by whom, and how often something was tried lately."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from stammkunde.server.accounts.roles import RIGHTS, Right, Role


class UserManager(BaseUserManager["User"]):
    """Makes users by address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Somebody new; addresses are kept in small letters."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """Somebody who works at the shop."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=12, choices=Role, default=Role.READER)
    language = models.CharField(max_length=5, blank=True)
    theme = models.CharField(max_length=5, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(null=True)

    objects = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email

    def may(self, right: Right) -> bool:
        """Whether the role has this right."""
        return self.is_active and right in RIGHTS.get(self.role, frozenset())


class Invitation(models.Model):
    """A link that lets one person in, once; only its hash is kept."""

    digest = models.CharField(max_length=64, unique=True)
    email = models.EmailField(blank=True)
    role = models.CharField(max_length=12, choices=Role)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.role} {self.email}".strip()


class Key(models.Model):
    """An API key: `start` is shown, only the hash of the whole is kept. Scopes are rights.

    A key can do no more than whoever made it: with their access it ends, and with another role it may less.
    """

    name = models.CharField(max_length=120)
    start = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="keys")
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name

    def may(self, right: Right) -> bool:
        """Whether the key has this scope, and whoever made it still has the right."""
        return self.ended_at is None and right in self.scopes and (self.by is None or self.by.may(right))


class Entry(models.Model):
    """A change somebody made: the verb, what it was made to, and what was before and after. Never a secret."""

    at = models.DateTimeField()
    user = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    key = models.ForeignKey(Key, null=True, on_delete=models.SET_NULL, related_name="+")
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60, blank=True)
    title = models.CharField(max_length=200, blank=True)
    change = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        """Read newest first, and by what was changed."""

        indexes = (
            models.Index(fields=["-at", "-id"], name="entry_newest"),
            models.Index(fields=["subject", "subject_id"], name="entry_subject"),
        )

    def __str__(self) -> str:
        return f"{self.verb} {self.subject} {self.title}"


class Tally(models.Model):
    """Something remembered for a while by `accounts.tallies`: attempts to log in, codes that were used."""

    key = models.CharField(max_length=250, primary_key=True)
    value = models.JSONField(null=True)
    until = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return self.key
