"""Runs of the library, what they predicted for each customer, and the figures they drew.

Amounts are in the smallest unit of the shop's currency.
"""

from django.db import models

from stammkunde.server.shop.models import Customer


class Run(models.Model):
    """A computation of everybody's value with the orders up to the end of the day `until`.

    `basis` is "contribution", or "revenue" where no cost is known or stated. `predicted`, with bounds that hold it with
    80 % probability, is what all customers together bring until `horizon_end`, `discounted` its value today.
    `estimated_share` is the share of costs that came from stated rates; `completeness` counts orders by what was known
    of them. `quality` is how the model did on the shop's past; `groups` are customers by channel, first product and
    country, and channels by age; `what_if` says what one point more of repeat buyers is worth; `saved` is the model.
    """

    class State(models.TextChoices):
        """Being computed, the one that counts or counted once, given up, or of a record that is gone."""

        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        RETIRED = "retired"

    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    timings = models.JSONField(default=dict)
    until = models.DateField()
    first_day = models.DateField(null=True)
    horizon = models.CharField(max_length=10)
    horizon_end = models.DateField(null=True)
    discount = models.FloatField()
    currency = models.CharField(max_length=3)
    basis = models.CharField(max_length=12, blank=True)
    model = models.CharField(max_length=40, blank=True)
    timing = models.CharField(max_length=40, blank=True)
    parameters = models.JSONField(default=dict)
    log_likelihood = models.FloatField(null=True)
    saved = models.TextField(blank=True)
    quality = models.JSONField(default=dict)
    customers = models.PositiveBigIntegerField(default=0)
    repeaters = models.PositiveBigIntegerField(default=0)
    orders = models.PositiveBigIntegerField(default=0)
    order_days = models.PositiveBigIntegerField(default=0)
    active = models.FloatField(null=True)
    historic = models.BigIntegerField(default=0)
    predicted = models.BigIntegerField(null=True)
    predicted_low = models.BigIntegerField(null=True)
    predicted_high = models.BigIntegerField(null=True)
    discounted = models.BigIntegerField(null=True)
    new_customer = models.BigIntegerField(null=True)
    expected_orders = models.FloatField(null=True)
    estimated_share = models.FloatField(default=0.0)
    completeness = models.JSONField(default=dict)
    warnings = models.JSONField(default=list)
    groups = models.JSONField(default=dict)
    cohorts = models.JSONField(default=dict)
    distribution = models.JSONField(default=dict)
    what_if = models.JSONField(default=dict)

    class Meta:
        """Read newest first."""

        indexes = (models.Index(fields=["state", "-until", "-id"], name="run_newest"),)

    def __str__(self) -> str:
        return f"until {self.until}"


class Scores(models.Model):
    """What is predicted for a customer: `predicted` until the run's `horizon_end`, between `low` and `high` with 80 %
    probability; `clv` is `historic` and `predicted`, discounted, together. `orders` counts days with orders.

    `next_order` is the day by which the next order is as likely to have come as not; null where it is likelier never
    to come. Null in what is predicted: nobody has come back yet, so nothing can be.
    """

    first_day = models.DateField()
    last_day = models.DateField()
    orders = models.PositiveIntegerField()
    historic = models.BigIntegerField()
    p_alive = models.FloatField(null=True)
    expected_orders = models.FloatField(null=True)
    expected_order_value = models.BigIntegerField(null=True)
    predicted = models.BigIntegerField(null=True)
    low = models.BigIntegerField(null=True)
    high = models.BigIntegerField(null=True)
    clv = models.BigIntegerField()
    next_order = models.DateField(null=True)

    class Meta:
        """Two tables have these columns."""

        abstract = True


class Prediction(Scores):
    """The prediction of a customer: one row each, all of them of one run, exchanged in one transaction.

    The database does not hold the two keys: it would look them up two million times a night, and each row is gone with
    the next run.
    """

    customer = models.OneToOneField(
        Customer, primary_key=True, on_delete=models.CASCADE, related_name="prediction", db_constraint=False
    )
    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, related_name="predictions", db_constraint=False, db_index=False
    )

    class Meta(Scores.Meta):
        """Lists are read by value."""

        abstract = False
        indexes = (models.Index(fields=["-clv", "-customer"], name="prediction_clv"),)

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.clv}"


class NextPrediction(Scores):
    """A prediction of a run that is not complete; nobody reads it but the run."""

    customer = models.OneToOneField(
        Customer, primary_key=True, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False)

    class Meta(Scores.Meta):
        """Empty between runs."""

        abstract = False

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.clv}"


class Picture(models.Model):
    """A figure of a run as it is shown, in one language."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=40)
    language = models.CharField(max_length=5)
    place = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=300)
    html = models.TextField()

    class Meta:
        """One of each name and language."""

        constraints = (models.UniqueConstraint(fields=["run", "name", "language"], name="picture_once"),)
        ordering = ("place",)

    def __str__(self) -> str:
        return f"{self.name} {self.language}"
