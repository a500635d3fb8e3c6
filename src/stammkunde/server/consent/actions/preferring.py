"""What people choose about how they are written to."""

from collections.abc import Iterable
from datetime import datetime

from stammkunde.server.consent.models import Preference
from stammkunde.server.consent.purposes import TRANSACTIONAL, Purpose
from stammkunde.server.shop.models import Customer

#: What there is to choose from. A welcome and a farewell come with the newsletter.
CHOICES = tuple(each for each in Purpose if each not in {*TRANSACTIONAL, Purpose.WELCOME, Purpose.SUNSET})


def prefer(
    customer: Customer, *, off: Iterable[str], rhythm: str, paused_until: datetime | None, now: datetime
) -> Preference:
    """Keep what somebody chose: purposes they do not want, at most how often, and a pause.

    Raises
    ------
    ValueError : no such rhythm.
    """
    unwanted = sorted({str(each) for each in off} & {str(each) for each in CHOICES})
    values = {"off": unwanted, "rhythm": Preference.Rhythm(rhythm), "paused_until": paused_until, "changed_at": now}
    return Preference.objects.update_or_create(customer=customer, defaults=values)[0]
