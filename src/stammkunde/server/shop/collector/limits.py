"""How much a source may send: a bucket of requests that fills itself, in each web process.

A write key is public; whoever found one is slowed down before the database is, and told when to come again.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from stammkunde.server.shop.collector.refusals import RefusedError

RATE = 2000.0  # requests a second of one source
BURST = 5.0  # seconds of it that may come at once


@dataclass
class Buckets:
    """What each source may still send now."""

    rate: float = RATE
    clock: Callable[[], float] = time.monotonic
    _left: dict[int, tuple[float, float]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, source: int) -> None:
        """Count one request.

        Raises
        ------
        RefusedError : 429, the bucket is empty.
        """
        now = self.clock()
        with self._lock:
            left, at = self._left.get(source, (self.rate * BURST, now))
            left = min(self.rate * BURST, left + (now - at) * self.rate)
            self._left[source] = (max(left - 1, 0.0), now)
        if left < 1:
            raise RefusedError(429, "too_many", "Too many requests of this source: send more events at once.", 1)

    def fill(self) -> None:
        """Forget what was sent."""
        with self._lock:
            self._left.clear()


buckets = Buckets()
