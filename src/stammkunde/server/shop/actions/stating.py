"""What the shop knows of a customer that no source tells: type, birthday, how they were won, and what that cost."""

from datetime import datetime
from typing import Any

from django.db import transaction

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.shop.actions.people import changed
from stammkunde.server.shop.models import Customer

STATED = ("type", "channel", "acquisition_cost", "born_on")


@transaction.atomic
def state(customer: Customer, *, now: datetime, by: User | Key, **values: Any) -> None:
    """Some of `STATED`, as known from now on; what depends on it is computed anew."""
    kept = Customer.objects.select_for_update().get(pk=customer.pk)
    told = {name: values[name] for name in STATED if name in values and values[name] != getattr(kept, name)}
    if not told:
        return
    change = {"from": {name: getattr(kept, name) for name in told}, "to": told}
    Customer.objects.filter(pk=kept.pk).update(**told, changed_at=now)
    changed([kept.pk])
    record("changed", "customer", now=now, by=by, subject_id=kept.pk, title=str(kept), change=change)
