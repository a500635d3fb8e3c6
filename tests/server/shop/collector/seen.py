"""What the record says after the clients came by; read within the tests, or by a process beside a running server."""

import json
from typing import Any

from django.utils import timezone

from stammkunde.server.shop.collecting import collect
from stammkunde.server.shop.models import Cart, Customer, Delivery, Event, Source


def seen() -> dict[str, Any]:
    """Events with their names by person, people by their address, carts by their key, and what was not understood."""
    events: dict[str, list[str]] = {}
    for name, person in Event.objects.order_by("name").values_list("name", "identity__value"):
        events.setdefault(person, []).append(name)
    return {
        "events": events,
        "people": dict(Customer.objects.filter(merged_into=None).exclude(email="").values_list("email", "name")),
        "carts": dict(Cart.objects.values_list("external_id", "value")),
        "wrong": list(Delivery.objects.filter(state="failed").values_list("error", flat=True)),
        "waiting": Delivery.objects.filter(state="new").count(),
    }


def main() -> None:
    """Tell it to another process."""
    print(json.dumps(seen()))


def keys() -> None:
    """Understand what is left, and tell the ids of all events to another process."""
    for source in Source.objects.all():
        collect(source, now=timezone.now())
    print(json.dumps(list(Event.objects.values_list("key", flat=True))))
