"""What checks of deliverability found, and test mails that left."""

from django.db import models


class Checkup(models.Model):
    """A check: its findings as `deliverability.findings` keeps them, and whether mail may go to many."""

    at = models.DateTimeField()
    passed = models.BooleanField()
    findings = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {'passed' if self.passed else 'not passed'}"


class Trial(models.Model):
    """A test mail that a server took, and over which settings it left: changed ones have to be tried anew."""

    at = models.DateTimeField()
    to = models.EmailField()
    way = models.CharField(max_length=64)
    response = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} to {self.to}"
