"""How the sources are doing."""

from django.db.models import Count, Q, QuerySet

from stammkunde.server.shop.models import Delivery, Source


def all_of_them() -> QuerySet[Source]:
    """Sources with how many deliveries wait (`waiting`) and how many were not understood (`failed`)."""
    waiting = Count("deliveries", filter=Q(deliveries__state=Delivery.State.NEW))
    failed = Count("deliveries", filter=Q(deliveries__state=Delivery.State.FAILED))
    return Source.objects.annotate(waiting=waiting, failed=failed).order_by("name", "pk")
