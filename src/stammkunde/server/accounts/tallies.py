"""What attempts to log in are counted in: a cache in the database, so that limits hold over all processes.

Not Django's own: that one keeps pickles, and a restored backup could then run a program.
"""

from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from stammkunde.server.accounts.models import Tally


class Tallies(BaseCache):
    """A cache of small values that JSON can hold; what has run out goes at the next write."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        del location
        super().__init__(params)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """The value, where it has not run out."""
        found = _open().filter(key=self.make_and_validate_key(key, version=version)).first()
        return default if found is None else found.value

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        """Keep a value, in the place of an earlier one."""
        name = self.make_and_validate_key(key, version=version)
        _sweep()
        Tally.objects.update_or_create(key=name, defaults={"value": value, "until": self._until(timeout)})

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value where there is none. Of several who try at once, one succeeds."""
        name = self.make_and_validate_key(key, version=version)
        _sweep()
        try:
            with transaction.atomic():
                Tally(key=name, value=value, until=self._until(timeout)).save(force_insert=True)
        except IntegrityError:
            return False
        return True

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        """Keep a value for longer."""
        name = self.make_and_validate_key(key, version=version)
        return bool(_open().filter(key=name).update(until=self._until(timeout)))

    def delete(self, key: Any, version: int | None = None) -> bool:
        """Forget a value."""
        name = self.make_and_validate_key(key, version=version)
        return bool(Tally.objects.filter(key=name).delete()[0])

    def clear(self) -> None:
        """Forget everything."""
        Tally.objects.all().delete()

    def _until(self, timeout: Any) -> datetime | None:
        end = self.get_backend_timeout(timeout)
        return None if end is None else datetime.fromtimestamp(end, UTC)


def _open() -> QuerySet[Tally]:
    """What has not run out."""
    return Tally.objects.filter(Q(until=None) | Q(until__gt=timezone.now()))


def _sweep() -> None:
    Tally.objects.filter(until__lte=timezone.now()).delete()
