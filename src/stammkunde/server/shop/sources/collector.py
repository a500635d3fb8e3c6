"""The collector: not a shop, but tracking clients in pages, apps and servers, which send to `/v1/` and others."""

from typing import Any

from stammkunde.server.shop.facts import Fact
from stammkunde.server.shop.models import Source
from stammkunde.server.shop.sources.base import Kind


class Collector(Kind):
    """Clients that show the write key of the source; what they send is understood by `shop.collecting`."""

    name = "collector"
    title = "Tracking (Segment, RudderStack, PostHog, Klaviyo, Snowplow)"
    pulls = False
    hears = False

    def facts(self, topic: str, payload: Any, source: Source) -> list[Fact]:
        """Nothing: a request holds many events, each of which may fail alone."""
        del topic, payload, source
        return []


KIND = Collector()
