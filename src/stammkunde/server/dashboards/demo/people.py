"""Who agreed to be written to, and who signs up in the weeks that are lived through."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Min

from stammkunde.server.consent.actions import recording
from stammkunde.server.consent.actions.recording import Brought, Proof
from stammkunde.server.consent.bases import Topic
from stammkunde.server.consent.models import Entry, Wording
from stammkunde.server.dashboards.demo.chance import share, whole
from stammkunde.server.dashboards.demo.dressing import SHOP
from stammkunde.server.shop.models import Customer

AGREED = {Topic.MARKETING: 0.42, Topic.BEHAVIOUR: 0.3, Topic.SURVEYS: 0.25}
CONFIRMED = 0.75  # of those who sign up
SIGN_UPS = 0.02  # of customers, within the weeks that are lived through
OBJECTED = 0.03


def customers() -> list[dict[str, Any]]:
    """Those with an address, and when they first ordered."""
    rows = Customer.objects.filter(merged_into=None).exclude(email="").order_by("pk")
    return [dict(each) for each in rows.annotate(first=Min("orders__placed_at")).values("pk", "email", "first")]


def agree(*, until: datetime, now: datetime) -> int:
    """Consents from before a moment, each given around an order and confirmed within two days; how many."""
    words = dict(Wording.objects.values_list("topic", "text"))
    rows = [each for row in customers() for each in _agreed(row, words, until)]
    return recording.bring(rows, source="demo", now=now)[0]


def _agreed(row: dict[str, Any], words: dict[str, str], until: datetime) -> Iterator[Brought]:
    if row["first"] is None or row["first"] >= until:
        return
    for topic, part in AGREED.items():
        if share(topic, row["email"]) < part:
            at = row["first"] + timedelta(minutes=whole(f"{topic} at", row["email"], 1, 20))
            confirmed = at + timedelta(minutes=whole(f"{topic} confirmed", row["email"], 2, 2880))
            page = f"{SHOP}/checkout"
            yield Brought(row["pk"], row["email"], topic, at, min(confirmed, until), page, words=words[topic])


@dataclass(frozen=True)
class SignUp:
    """Somebody who will sign up at a moment."""

    at: datetime
    customer: int
    email: str


def sign_ups(*, since: datetime, until: datetime) -> list[SignUp]:
    """Those who will, in the order of time; most were not written to before."""
    days = (until - since) // timedelta(days=1)
    found = []
    for row in customers():
        new = share(Topic.MARKETING, row["email"]) >= AGREED[Topic.MARKETING]
        if new and row["first"] is not None and row["first"] < since and share("sign up", row["email"]) < SIGN_UPS:
            hours = 24 * whole("day", row["email"], 0, days - 2) + whole("hour", row["email"], 6, 19)
            found.append(SignUp(since + timedelta(hours=hours), row["pk"], row["email"]))
    return sorted(found, key=lambda each: each.at)


def sign_up(who: SignUp) -> None:
    """They fill the form in; the mail that asks for a confirmation is the engine's."""
    wording = Wording.objects.filter(topic=Topic.MARKETING).order_by("-number").first()
    proof = Proof("demo", page=f"{SHOP}/newsletter", wording=wording)
    customer = Customer.objects.get(pk=who.customer)
    recording.request_opt_in(address=who.email, customer=customer, proof=proof, now=who.at)


def confirm(*, before: datetime, now: datetime) -> int:
    """Most of those who signed up some hours ago have found the mail and follow its link; how many."""
    asked = Entry.objects.filter(kind=Entry.Kind.REQUESTED, source="demo", at__lte=before, answers=None)
    found = [each for each in asked.order_by("pk") if share("confirms", each.address) < CONFIRMED]
    for each in found:
        recording.confirm(each, proof=Proof("demo", page=f"{SHOP}/newsletter"), now=now)
    return len(found)


def object_to_it(customer: Customer, *, now: datetime) -> bool:
    """Some have had enough after a newsletter: whether this one has."""
    if share("objects", customer.email) >= OBJECTED:
        return False
    recording.object_to(customer, topic=Topic.MARKETING, proof=Proof("demo", note="mail"), now=now)
    return True
