"""What is put together in the background so that pages need not ask millions of rows: the Start page of each day, and
customers on shelves: those alike in all that the list filters by. And which cards were put off.

Amounts are in the smallest unit of the shop's currency.
"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from stammkunde.server.clv.models import Run
from stammkunde.server.shop.models import Customer


class Tier(models.TextChoices):
    """How much a customer is worth (so far and expected), compared with all who have ordered."""

    TOP = "top", _("Best tenth")
    GOOD = "good", _("Next best 15%")
    MIDDLE = "middle", _("Next best 25%")
    LOW = "low", _("Lower half")
    BELOW = "below", _("Cost more than they bring")


class Overview(models.Model):
    """What the Start page says, one row a day: the last state of that day.

    `marks` name what it was read from (run, states, spending, shelves): what has not changed is not read again.
    """

    day = models.DateField(unique=True)
    made_at = models.DateTimeField()
    run = models.ForeignKey(Run, null=True, on_delete=models.SET_NULL, related_name="+")
    marks = models.JSONField(default=dict)
    figures = models.JSONField(default=dict)
    cards = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.day}"


class Shelf(models.Model):
    """Customers of one state, value tier, country, channel, with or without an e-mail address; and their sums.

    `valued` of the `customers` have a prediction. `variance` is that of `predicted`, from the customers alone.
    """

    state = models.CharField(max_length=12, blank=True)
    tier = models.CharField(max_length=10, blank=True)
    country = models.CharField(max_length=2, blank=True)
    channel = models.CharField(max_length=80, blank=True)
    has_email = models.BooleanField()
    customers = models.IntegerField(default=0)
    valued = models.IntegerField(default=0)
    historic = models.BigIntegerField(default=0)
    predicted = models.BigIntegerField(default=0)
    variance = models.FloatField(default=0.0)

    class Meta:
        """One for each combination that there is."""

        constraints = (
            models.UniqueConstraint(fields=["state", "tier", "country", "channel", "has_email"], name="shelf_once"),
        )

    def __str__(self) -> str:
        return " ".join(filter(None, (self.state, self.tier, self.country, self.channel)))


class Shelved(models.Model):
    """On which shelf a customer is.

    The database does not hold the two keys: it would look them up a million times a night.
    """

    customer = models.OneToOneField(
        Customer, primary_key=True, on_delete=models.CASCADE, related_name="shelved", db_constraint=False
    )
    shelf = models.ForeignKey(
        Shelf, on_delete=models.CASCADE, related_name="shelved", db_constraint=False, db_index=False
    )

    class Meta:
        """Read by shelf."""

        indexes = (models.Index(fields=["shelf", "customer"], name="shelved_by_shelf"),)

    def __str__(self) -> str:
        return f"{self.customer_id} on {self.shelf_id}"


class PutOff(models.Model):
    """A card of the Start page that nobody wants to see until a day; for all staff alike."""

    card = models.CharField(max_length=20, unique=True)
    until = models.DateField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.card} until {self.until}"
