"""Customers, the names they go by, and which of them turned out to be one person."""

from django.conf import settings
from django.db import models


class Customer(models.Model):
    """A person or company who ordered or was seen. `origin` is the identity they were first known by; of `born_on` only
    month and day matter (the year is 1904 where it is not known).

    One who was merged into another keeps their row and points to it: facts follow the identity, so it can be undone.
    """

    origin = models.CharField(max_length=400, unique=True)
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    company = models.CharField(max_length=200, blank=True)
    postcode = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2, blank=True)
    locale = models.CharField(max_length=16, blank=True)
    zone = models.CharField(max_length=60, blank=True)
    born_on = models.DateField(null=True)
    type = models.CharField(max_length=60, blank=True)
    channel = models.CharField(max_length=80, blank=True)
    acquisition_cost = models.BigIntegerField(null=True)
    known_since = models.DateTimeField()
    changed_at = models.DateTimeField()
    merged_into = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="absorbed")

    class Meta:
        """Lists are read by name, address, and newest first."""

        indexes = (
            models.Index(fields=["email"], name="customer_email"),
            models.Index(fields=["name"], name="customer_name"),
            models.Index(fields=["-known_since", "-id"], name="customer_newest"),
        )

    def __str__(self) -> str:
        return self.name or self.email or self.origin.split(":", 2)[-1]


class Changed(models.Model):
    """Something came in about a customer since it was last computed from; `times` tells whether more came meanwhile."""

    customer = models.OneToOneField(Customer, primary_key=True, on_delete=models.CASCADE, related_name="+")
    times = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.customer_id}, {self.times} times"


class Word(models.Model):
    """A word of a customer's name, company or address, folded as `words` folds, to be found by its beginning."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="words", db_index=False)
    word = models.CharField(max_length=60)

    class Meta:
        """Found by the beginning of the word; the operator class is PostgreSQL's, for LIKE."""

        indexes = (
            models.Index(fields=["word", "customer"], name="word_begins", opclasses=["varchar_pattern_ops", ""]),
        )
        constraints = (models.UniqueConstraint(fields=["customer", "word"], name="word_once"),)

    def __str__(self) -> str:
        return self.word


class Identity(models.Model):
    """A name a customer goes by: an e-mail address or telephone number anywhere, or an id within one source."""

    class Kind(models.TextChoices):
        """What it is; `shop`, `user` and `anonymous` are ids within their source."""

        EMAIL = "email"
        PHONE = "phone"
        SHOP = "shop"
        USER = "user"
        ANONYMOUS = "anonymous"

    kind = models.CharField(max_length=10, choices=Kind)
    scope = models.BigIntegerField(default=0)
    value = models.CharField(max_length=254)
    verified = models.BooleanField(default=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    seen_at = models.DateTimeField()

    class Meta:
        """One identity is one row; `scope` is the id of the source, 0 for what holds everywhere."""

        constraints = (models.UniqueConstraint(fields=["kind", "scope", "value"], name="identity_once"),)
        indexes = (models.Index(fields=["value"], name="identity_value"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class Merge(models.Model):
    """Two customers found to be one, by which rule, which identities moved and what was `filled` in the one who stays
    from what was known of the other; undone by moving them back."""

    kept = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="merges")
    gone = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    rule = models.CharField(max_length=40)
    reason = models.CharField(max_length=300)
    identities = models.JSONField(default=list)
    filled = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.gone_id} into {self.kept_id}"
