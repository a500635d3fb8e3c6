"""Newsletters as the list shows them, and those that everybody may read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from stammkunde.server.campaigns.models import Campaign, Variant
from stammkunde.server.campaigns.queries.results import Result, results, total

PAGE = 25
OVER = (Campaign.State.DONE, Campaign.State.STOPPED, Campaign.State.SENDING)


@dataclass(frozen=True)
class Row:
    """A newsletter and what became of it."""

    campaign: Campaign
    result: Result


@dataclass(frozen=True)
class Page:
    """Newest first, and the number before which the next page begins; None where there is none."""

    rows: Sequence[Row]
    before: int | None


def page(*, now: datetime, before: int | None = None, most: int = PAGE) -> Page:
    """Newsletters before a number, with their results."""
    rows = Campaign.objects.order_by("-pk").prefetch_related("variants")
    found = list((rows if before is None else rows.filter(pk__lt=before))[: most + 1])
    shown = [Row(each, total(results(each, now=now))) for each in found[:most]]
    return Page(shown, found[most - 1].pk if len(found) > most else None)


def public() -> QuerySet[Campaign]:
    """What everybody may read: marked so, and gone out; newest first."""
    return Campaign.objects.filter(public=True, started_at__isnull=False, state__in=OVER).order_by("-started_at", "-pk")


def shown(campaign: Campaign) -> Variant | None:
    """The text that the archive shows: the first that is for everybody, else the first."""
    rows = list(campaign.variants.exclude(version=None).select_related("version").order_by("key"))
    return next((each for each in rows if each.tenure == "all"), rows[0] if rows else None)
