"""Products, their variants, and what each cost when."""

from django.db import models

from stammkunde.server.shop.models.door import Source


class Product(models.Model):
    """What a shop sells."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+", db_index=False)
    external_id = models.CharField(max_length=120)
    title = models.CharField(max_length=300, blank=True)
    category = models.CharField(max_length=200, blank=True)
    brand = models.CharField(max_length=120, blank=True)
    image = models.CharField(max_length=500, blank=True)
    url = models.CharField(max_length=500, blank=True)
    active = models.BooleanField(default=True)
    version = models.BigIntegerField(default=0)

    class Meta:
        """Known by the id of its source."""

        constraints = (models.UniqueConstraint(fields=["source", "external_id"], name="product_once"),)

    def __str__(self) -> str:
        return self.title or self.external_id


class Variant(models.Model):
    """What is put in the basket: price and cost in the smallest unit of `currency`; null is not known."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants", db_index=False)
    external_id = models.CharField(max_length=120)
    sku = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=200, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    price = models.BigIntegerField(null=True)
    cost = models.BigIntegerField(null=True)
    stock = models.IntegerField(null=True)

    class Meta:
        """Known by the id of its product's source."""

        constraints = (models.UniqueConstraint(fields=["product", "external_id"], name="variant_once"),)
        indexes = (models.Index(fields=["sku"], name="variant_sku"),)

    def __str__(self) -> str:
        return self.sku or self.external_id


class Price(models.Model):
    """A price or cost as it was from a moment on (§ 11 PAngV asks for the lowest of 30 days)."""

    variant = models.ForeignKey(Variant, on_delete=models.CASCADE, related_name="prices", db_index=False)
    price = models.BigIntegerField(null=True)
    cost = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        """Read by variant, newest first."""

        indexes = (models.Index(fields=["variant", "-at"], name="price_newest"),)

    def __str__(self) -> str:
        return f"{self.variant_id} {self.price}"
