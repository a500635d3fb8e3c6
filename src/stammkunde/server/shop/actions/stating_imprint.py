"""The shop says who it is."""

from datetime import datetime
from typing import Any

from django.db import transaction

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.shop.models import Imprint

FIELDS = ("name", "address", "legal", "email", "phone", "url", "privacy_url", "country")


@transaction.atomic
def state_imprint(said: dict[str, Any], *, now: datetime, by: User | Key | None) -> Imprint:
    """Keep what the shop says of itself; the log keeps what it was before."""
    found = Imprint.objects.select_for_update().first() or Imprint()
    before = {name: getattr(found, name) for name in FIELDS}
    for name in FIELDS:
        setattr(found, name, said.get(name, getattr(found, name)))
    found.save()
    after = {name: getattr(found, name) for name in FIELDS}
    if before != after:
        record("changed", "imprint", now=now, by=by, title=found.name, change={"from": before, "to": after})
    return found
