"""What a customer's page shows of their value: for the dashboards room, with `_value.html` and `_ledger.html`.

context |= profile(customer, now=now)        # then {% include "clv/_value.html" %}, {% include "clv/_ledger.html" %}
"""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from stammkunde.server.clv.models import Booking
from stammkunde.server.clv.queries import acquisition, runs
from stammkunde.server.clv.queries.ledger import ledger
from stammkunde.server.shop.models import Customer


def profile(customer: Customer, *, now: datetime, until: date | None = None) -> dict[str, Any]:
    """Keys: prediction (with its run; None before the first), ledger (up to `until`, else the run's last day, else
    today), acquisition, net (value so far less the cost of acquisition), until, kinds."""
    found = runs.prediction(customer.pk)
    run = found.run if found else runs.current()
    today = now.astimezone(ZoneInfo(settings.SHOP_ZONE)).date()
    end = until or (run.until if run else today)
    lines, cost = ledger(customer.pk, until=end), acquisition.of(customer, run)
    return {
        "customer": customer,
        "prediction": found,
        "run": run,
        "ledger": lines,
        "acquisition": cost,
        "net": None if cost.total is None else lines.total - cost.total,
        "until": end,
        "today": today,
        "kinds": Booking.Kind.choices,
    }
