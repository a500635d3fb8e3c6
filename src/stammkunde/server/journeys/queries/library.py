"""The flows there are to copy, and what a shop has copied of them."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from stammkunde.server.journeys.library.reading import GROUPS, Flow, read_flow
from stammkunde.server.journeys.models import Journey

FOLDER = files("stammkunde.server.journeys.library") / "flows"


@cache
def flows() -> tuple[Flow, ...]:
    """All flows, in the order in which a customer comes to them. Files of the package: read once a process."""
    found = (read_flow(each.read_text(encoding="utf-8")) for each in FOLDER.iterdir() if each.name.endswith(".yaml"))
    order = list(GROUPS)
    return tuple(sorted(found, key=lambda flow: (order.index(flow.group), flow.place, flow.key)))


def flow(key: str) -> Flow | None:
    """The flow of that name."""
    return next((each for each in flows() if each.key == key), None)


def copies() -> Mapping[str, list[Journey]]:
    """What was copied of each flow, the oldest first."""
    found: dict[str, list[Journey]] = defaultdict(list)
    for journey in Journey.objects.exclude(flow="").order_by("created_at", "pk"):
        found[journey.flow].append(journey)
    return found
