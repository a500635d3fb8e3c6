"""Who the shop is, as the law wants it told in every mail and on every page that customers see."""

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models

WEB = URLValidator(schemes=["http", "https"])


class Imprint(models.Model):
    """The shop's name and address: one row. What § 5 DDG and § 35a GmbHG ask for stands in `legal`."""

    name = models.CharField(max_length=120, blank=True)
    address = models.TextField(blank=True)
    legal = models.TextField(blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    url = models.CharField(max_length=300, blank=True, validators=[WEB])
    privacy_url = models.CharField(max_length=300, blank=True, validators=[WEB])
    country = models.CharField(max_length=2, blank=True)

    def __str__(self) -> str:
        return self.name

    @property
    def complete(self) -> bool:
        """Whether it says enough: a name, where letters reach it, and a way to write to it (§ 5 (1) DDG)."""
        return bool(self.name and self.address.strip() and self.email)

    @classmethod
    def now(cls) -> "Imprint":
        """The row there is, or an empty one that names the server."""
        return cls.objects.first() or cls(url=settings.PUBLIC_URL)
