"""How many would get a newsletter if it went out now, and why the others would not: asked of the gate that is asked
again when each mail leaves. A large audience is asked in a sample, and said to be."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from stammkunde.server.campaigns.models import Campaign
from stammkunde.server.campaigns.queries import audience
from stammkunde.server.consent.gate import Asked
from stammkunde.server.consent.queries.gate import gate
from stammkunde.server.consent.queries.people import people
from stammkunde.server.mail.models import Send, Sender
from stammkunde.server.mail.rendering.voices import language_of, voice_of
from stammkunde.server.segments.queries import days
from stammkunde.server.shop.models import Customer
from stammkunde.server.shop.queries.people import in_sets

MOST, SAMPLE = 5_000, 3_000


@dataclass(frozen=True)
class Reach:
    """How many belong to the audience, how many were asked about, and what was found of those, scaled up to all.

    `bases` by which law lets it, `reasons` why not; `capped` have had their share of advertising already and may get it
    later; `languages` of those who would get it.
    """

    audience: int
    asked: int
    allowed: int
    capped: int
    bases: Mapping[str, int]
    reasons: Mapping[str, int]
    languages: Mapping[str, int]
    without_address: int

    @property
    def sampled(self) -> bool:
        """Whether these are numbers of a sample, scaled up."""
        return self.asked < self.audience

    @property
    def now(self) -> int:
        """Who would get it at once."""
        return self.allowed - self.capped


def reach(campaign: Campaign, *, now: datetime) -> Reach:
    """Look at everybody, or at a sample of a large audience."""
    today = days.number(now)
    whole = sum(audience.sizes(campaign, today=today).values())
    ids = audience.some(campaign, today=today, most=MOST if whole <= MOST else SAMPLE)
    bases, reasons, languages = Counter[str](), Counter[str](), Counter[str]()
    capped = 0
    for some in in_sets(ids):
        allowed = _decided(campaign, some, bases, reasons, now)
        capped += len(over_cap(allowed, now=now))
        languages += _languages(allowed)
    up = whole / len(ids) if ids else 0.0
    return Reach(
        audience=whole,
        asked=len(ids),
        allowed=round(sum(bases.values()) * up),
        capped=round(capped * up),
        bases=_scaled(bases, up),
        reasons=_scaled(reasons, up),
        languages=_scaled(languages, up),
        without_address=audience.without_address(campaign, today=today),
    )


def _scaled(found: Counter[str], up: float) -> dict[str, int]:
    return {name: round(number * up) for name, number in found.most_common()}


def _decided(
    campaign: Campaign, ids: Sequence[int], bases: Counter[str], reasons: Counter[str], now: datetime
) -> list[int]:
    """Ask the gate; count; say who may have it."""
    goods = frozenset(map(str, campaign.categories))
    asked = [Asked(pk, campaign.purpose, goods) for pk in ids]
    allowed = []
    for each, said in zip(asked, gate(asked, now=now, known=people(ids, until=now)), strict=True):
        if said.allowed:
            bases[str(said.basis)] += 1
            allowed.append(each.customer_id)
        else:
            reasons[said.reason] += 1
    return allowed


def over_cap(ids: Sequence[int], *, now: datetime) -> set[int]:
    """Who has had as much advertising in the shop's window as it sends at most."""
    sender = Sender.now()
    since = now - timedelta(days=sender.cap_days)
    sent = Send.objects.filter(customer__in=ids, marketing=True, state=Send.State.SENT, settled_at__gt=since)
    counted = sent.values_list("customer").annotate(n=Count("pk")).filter(n__gte=sender.cap).order_by()
    return {customer for customer, _ in counted}


def _languages(ids: Sequence[int]) -> Counter[str]:
    rows = Customer.objects.filter(pk__in=ids).values_list("locale", "country")
    form = Sender.now().form
    return Counter(language_of(voice_of(locale=locale, country=country, form=form)) for locale, country in rows)
