"""Figures of the room for `/metrics`: what came in and waits, what could not be used."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Max, Min
from prometheus_client.core import Metric

from stammkunde.server.lib.metrics import figure, gauge
from stammkunde.server.shop.models import Delivery, Import, Source


@figure
def deliveries(now: datetime) -> Iterator[Metric]:
    """Deliveries that wait or were not understood, by source, and how old the oldest is."""
    open_states = (Delivery.State.NEW, Delivery.State.FAILED)
    waiting = Delivery.objects.filter(state__in=open_states).values_list("source", "source__name", "state")
    yield gauge(
        "stammkunde_deliveries",
        "Deliveries not yet taken in, by source and state",
        ["source", "name", "state"],
        [((pk, name, state), n) for pk, name, state, n in waiting.annotate(n=Count("pk"))],
    )
    new = Delivery.objects.filter(state=Delivery.State.NEW).values_list("source", "source__name")
    yield gauge(
        "stammkunde_delivery_oldest_seconds",
        "For how long the oldest new delivery waits",
        ["source", "name"],
        [((pk, name), (now - at).total_seconds()) for pk, name, at in new.annotate(at=Min("received_at"))],
    )


@figure
def sources(now: datetime) -> Iterator[Metric]:
    """How long ago a source was heard, and its imports by state with the rows that could not be used."""
    heard = Source.objects.filter(active=True, heard_at__isnull=False)
    yield gauge(
        "stammkunde_source_heard_seconds",
        "How long ago facts came from the source",
        ["source", "name"],
        [((each.pk, each.name), (now - each.heard_at).total_seconds()) for each in heard if each.heard_at],
    )
    counted = Import.objects.values_list("state").annotate(n=Count("pk"), last=Max("created_at"))
    yield gauge("stammkunde_imports", "Files by state", ["state"], [([state], n) for state, n, _ in counted])
    outcomes = Import.objects.filter(state=Import.State.DONE).values_list("outcome", flat=True)
    rejected = sum(int(outcome.get("totals", {}).get("rows_rejected") or 0) for outcome in outcomes.iterator())
    yield gauge("stammkunde_import_rejects", "Rows of files taken in that could not be used", [], [([], rejected)])
