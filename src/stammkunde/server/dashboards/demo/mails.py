"""The journeys and newsletters of the demo: flows of the library as any shop copies them, and two letters."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from stammkunde.server.campaigns.actions import approving, sending, writing
from stammkunde.server.campaigns.actions.writing import Text, Wanted
from stammkunde.server.campaigns.models import Campaign
from stammkunde.server.dashboards.demo.dressing import SHOP
from stammkunde.server.journeys.actions.copying import copy
from stammkunde.server.journeys.actions.editing import switch
from stammkunde.server.journeys.actions.publishing import publish
from stammkunde.server.journeys.models import Journey
from stammkunde.server.journeys.queries.library import flow
from stammkunde.server.mail.actions import templates
from stammkunde.server.mail.models import Template
from stammkunde.server.offers.actions import coupons
from stammkunde.server.offers.models import Pool
from stammkunde.server.segments.models import Segment

FLOWS = ("opt-in", "second-order", "cart", "replenishment", "win-back-defecting", "vip")
LATE = ("order-confirmation",)  # as most shops do: the mail that must not fail is left to us last
AUDIENCE = "regulars"
CODES = 2500  # in each pool


def copy_flows(*, now: datetime) -> None:
    """Copy the flows, fill in what a shop has to, and publish them."""
    made = []
    for key in (*FLOWS, *LATE):
        found = flow(key)
        if found is None:
            raise LookupError(key)
        made.append(copy(found, language=settings.LANGUAGE_CODE, now=now))
    for number, pool in enumerate(Pool.objects.order_by("pk")):
        coupons.load(pool, (f"DEMO-{number}-{code:05}" for code in range(CODES)), now=now, by=None)
    for template in Template.objects.filter(origin__startswith="flow:"):
        fill_in(template, now=now)
    for journey in made:
        publish(journey, now=now, by=None)


def switch_on(flows: Sequence[str], *, now: datetime) -> None:
    """From now on people enter the journeys of these flows."""
    for journey in Journey.objects.filter(flow__in=flows):
        switch(journey, Journey.State.ON, now=now, by=None)


def fill_in(template: Template, *, now: datetime) -> Template:
    """Give a link to every part that asks for one."""
    blocks = [_linked(each) for each in template.draft["blocks"]]
    document = template.draft | {"blocks": blocks}
    return templates.save_draft(template, document, now=now, by=None, language=settings.LANGUAGE_CODE)


def _linked(block: Mapping[str, Any]) -> dict[str, Any]:
    lacks = block["kind"] in ("document", "survey") and not block.get("link")
    return dict(block) | ({"link": f"{SHOP}/{block['kind']}"} if lacks else {})


def newsletter(key: str, name: str, *, at: datetime, now: datetime, starter: str = "") -> Campaign:
    """A letter to a segment, or to everybody who may have it, approved, and to leave at a moment."""
    segment = Segment.objects.get(starter=starter) if starter else None
    template = Template.objects.filter(key=key).first() or templates.create(
        _document(key, name), language=settings.LANGUAGE_CODE, now=now, by=None
    )
    made = writing.make(Wanted(name, segment=segment, at=at, public=True), [Text(template)], now=now, by=None)
    return sending.schedule(approving.approve(made, now=now, by=None), now=now, by=None)


def audience() -> frozenset[int]:
    """The segment that the letter that went out was for."""
    return frozenset(Segment.objects.filter(starter=AUDIENCE).values_list("pk", flat=True))


def _document(key: str, name: str) -> dict[str, Any]:
    title = {"en": name, "de": name}
    hello = {
        "en": "Hello{% if customer.first_name %} {{ customer.first_name }}{% endif %},\n\nthe season is long and the "
        "shelves are full. We have put together what people came back for most.",
        "de": "Hallo{% if customer.first_name %} {{ customer.first_name }}{% endif %},\n\ndie Saison ist lang, und die "
        "Regale sind voll. Wir haben zusammengestellt, wofür die meisten wiederkamen.",
    }
    look = {"en": "Have a look", "de": "Ansehen"}
    return {
        "key": key,
        "name": title,
        "purpose": "newsletter",
        "subject": title,
        "preheader": {"en": "What people came back for most.", "de": "Wofür die meisten wiederkamen."},
        "blocks": [
            {"kind": "heading", "text": title},
            {"kind": "text", "text": hello},
            {"kind": "products", "pick": "popular", "most": 4, "text": {"en": "Most liked:", "de": "Am beliebtesten:"}},
            {"kind": "button", "label": look, "link": SHOP},
            {"kind": "footer"},
        ],
    }


def names() -> tuple[str, str]:
    """What the letter that went out and the one that will are called."""
    return _("What people came back for this autumn"), _("Ideas for the coming weeks")
