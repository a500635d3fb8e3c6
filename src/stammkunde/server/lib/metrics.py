"""`/metrics` for Prometheus: figures of rows, counted when asked, and times of requests.

What rows can tell is read from rows, so it is the same from whichever process answers, and after a restart. Requests
are counted in memory; `stammkunde serve` names a folder in PROMETHEUS_MULTIPROC_DIR, where its web processes add up.
Rooms have figures of their own in a module named `metrics`.
"""

import ipaddress
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from stammkunde import __version__
from stammkunde.server.lib.models import Job
from stammkunde.server.lib.seal import same

log = structlog.get_logger("stammkunde.metrics")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
#: Headers a proxy adds: the address the request comes from is then that of the proxy, and says nothing.
BY_PROXY = ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via")

Figure = Callable[[datetime], Iterable[Metric]]
FIGURES: list[Figure] = []

_own = CollectorRegistry()
_seconds = Histogram(
    "stammkunde_request_seconds",
    "Time to answer a request",
    ["method", "status"],
    buckets=BUCKETS,
    registry=_own,
)


def figure(function: Figure) -> Figure:
    """Register a function that reads figures from rows: it gets the time and gives metrics."""
    FIGURES.append(function)
    return function


def count_request(method: str, status: int, seconds: float) -> None:
    """Note that a request was answered. What cannot be noted is no fault of the answer: the folder of the counters lies
    among temporary files, which others clean up."""
    try:
        _seconds.labels(method if method in METHODS else "other", str(status)).observe(seconds)
    except OSError:
        log.warning("a request is not counted: the folder of the counters is gone until the next start")


def gauge(
    name: str, text: str, labels: Iterable[str], values: Iterable[tuple[Iterable[object], float]]
) -> GaugeMetricFamily:
    """A figure with its labels: `gauge("stammkunde_jobs", "…", ["kind"], [(["import"], 3)])`."""
    found = GaugeMetricFamily(name, text, labels=list(labels))
    for of, value in values:
        found.add_metric([str(one) for one in of], value)
    return found


@figure
def jobs(now: datetime) -> Iterator[Metric]:
    """Work: how much in which state, for how long the oldest waits, how long ago the last was done."""
    open_states = (Job.State.WAITING, Job.State.RUNNING, Job.State.FAILED)
    counted = Job.objects.filter(state__in=open_states).values_list("kind", "state").annotate(n=Count("pk"))
    yield gauge(
        "stammkunde_jobs",
        "Jobs by kind and state; waiting ones may be due later",
        ["kind", "state"],
        [((kind, state), n) for kind, state, n in counted],
    )
    due = Q(state=Job.State.WAITING, due_at__lte=now) | Q(state=Job.State.RUNNING, lease_until__lt=now)
    oldest = Job.objects.filter(due).values_list("kind").annotate(oldest=Min("due_at"))
    yield gauge(
        "stammkunde_job_oldest_seconds",
        "For how long the oldest due job waits for a worker",
        ["kind"],
        [([kind], (now - at).total_seconds()) for kind, at in oldest],
    )
    done = Job.objects.filter(state=Job.State.DONE).values_list("kind").annotate(last=Max("finished_at"))
    yield gauge(
        "stammkunde_job_last_done_seconds",
        "How long ago the last job of the kind was done",
        ["kind"],
        [([kind], (now - at).total_seconds()) for kind, at in done if at is not None],
    )


class Rows(Collector):
    """The figures of all rooms at one moment; a database that does not answer is a figure too."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        """All of them."""
        yield gauge("stammkunde_version", "The version that runs", ["version"], [([__version__], 1)])
        found: list[Metric] = []
        answers = 1
        try:
            for each in FIGURES:
                found += each(self.now)
        except DatabaseError:
            log.exception("figures cannot be read")
            answers = 0
        yield gauge("stammkunde_database_answers", "1 where the database answers", [], [([], answers)])
        yield from found


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The figures, for who may see them: from the local network, or with the token."""
    if not may_see(request):
        return HttpResponse("From elsewhere, show STAMMKUNDE_METRICS_TOKEN as bearer.\n", "text/plain", status=403)
    everything = CollectorRegistry()
    everything.register(Rows(timezone.now()))
    together = generate_latest(everything) + generate_latest(_requests())
    return HttpResponse(together, content_type=CONTENT_TYPE_LATEST)


def may_see(request: HttpRequest) -> bool:
    """Whether a request comes from the local network and through no proxy, or shows the token."""
    wanted = settings.ENVIRONMENT["METRICS_TOKEN"]
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    if wanted and scheme.lower() == "bearer" and same(shown.strip(), wanted):
        return True
    if any(name in request.headers for name in BY_PROXY):
        return False
    try:
        address = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_private or mapped.is_loopback)


def _requests() -> CollectorRegistry:
    """Times of requests: of all web processes where they share a folder, else of this one."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return _own
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared
