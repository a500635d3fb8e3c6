"""Events that leave by webhook, by family; docs/how-to/webhooks.md has each of them with what it tells."""

import re

from django.utils.translation import gettext_lazy as _

NAME = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")
LONGEST = 120

#: Families an endpoint may listen to, as a page offers them.
FAMILIES = (
    ("*", _("everything, also what comes later")),
    ("message.*", _("mails: sent, not sent, come back, reported, unknown")),
    ("consent.*", _("consents given and taken back")),
    ("journey.*", _("journeys: entered, left, and events of their own steps")),
    ("campaign.*", _("newsletters that are through")),
    ("coupon.*", _("coupon pools that run low")),
)
TEST = "webhook.test"


def fits(pattern: str) -> bool:
    """Whether an endpoint may listen to this: everything, a family, or one event."""
    name = pattern.removesuffix(".*") + ".x" if pattern.endswith(".*") else pattern
    return pattern == "*" or (len(pattern) <= LONGEST and NAME.fullmatch(name) is not None)
