"""Lines to paste: how each kind of client is pointed here, with its write key."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Snippet:
    """A client, and the lines it needs."""

    client: str | Promise
    lines: str


_BROWSER = """<script>
  const shop = "{url}/v1/track", key = "{key}"
  // Ask for consent before a number is kept in the browser (Germany: section 25 TDDDG).
  const visitor = localStorage.visitor || (localStorage.visitor = crypto.randomUUID())
  function tell(event, properties) {{
    const body = {{ writeKey: key, messageId: crypto.randomUUID(), anonymousId: visitor, event, properties }}
    navigator.sendBeacon(shop, JSON.stringify(body))
  }}
  tell("Product Viewed", {{ product_id: "TEA-1", name: "Assam", price: 12.5, currency: "EUR" }})
</script>"""
_NEXT = """import {{ AnalyticsBrowser }} from "@segment/analytics-next"
const analytics = AnalyticsBrowser.load({{ writeKey: "{key}", cdnURL: "{url}" }})"""
_PYTHON = """import segment.analytics as analytics
analytics.host, analytics.write_key = "{url}", "{key}"
analytics.track("customer-7", "Product Viewed", {{"product_id": "TEA-1"}})"""
_RUDDER = """import RudderAnalytics from "@rudderstack/rudder-sdk-node"
const client = new RudderAnalytics("{key}", {{ dataPlaneUrl: "{url}" }})"""
_POSTHOG = """from posthog import Posthog
posthog = Posthog("{key}", host="{url}")"""
_CURL = """curl {url}/v1/track -u {key}: -H 'Content-Type: application/json' \\
  -d '{{"userId": "7", "event": "Product Viewed", "properties": {{"product_id": "TEA-1"}}}}'"""


def snippets(url: str, key: str) -> list[Snippet]:
    """What to paste where, for a server at this address and a source with this write key."""
    told: tuple[tuple[str | Promise, str], ...] = (
        (_("Pages of the shop, without a library"), _BROWSER),
        ("Segment, analytics-next", _NEXT),
        ("Segment, Python", _PYTHON),
        ("RudderStack, Node", _RUDDER),
        ("PostHog, Python", _POSTHOG),
        ("curl", _CURL),
    )
    return [Snippet(client, lines.format(url=url, key=key)) for client, lines in told]
