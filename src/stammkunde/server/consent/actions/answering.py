"""What somebody does with a link from a mail: leave, choose, confirm. Each may be done again and stays what it is."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from stammkunde.server.consent.actions import preferring, recording, suppressing
from stammkunde.server.consent.actions.recording import Proof
from stammkunde.server.consent.bases import Topic, topic_of
from stammkunde.server.consent.models import Entry
from stammkunde.server.consent.queries.people import people
from stammkunde.server.shop.models import Customer


def whom(customer_id: int) -> Customer | None:
    """The customer a link was made for, or the one they turned out to be; nobody where they were erased."""
    found = Customer.objects.filter(pk=customer_id).select_related("merged_into").first()
    while found is not None and found.merged_into is not None:
        found = found.merged_into
    return found


@transaction.atomic
def leave(customer: Customer, *, purpose: str, everything: bool, proof: Proof, now: datetime) -> bool:
    """Take somebody off a topic, or off all advertising. Whether anything changed: a second click writes nothing."""
    topic = Topic.ALL if everything else topic_of(purpose)
    said = [each for each in people([customer.pk], until=now)[customer.pk].said if each.topic in (topic, Topic.ALL)]
    answers = [each for each in said if each.kind in ("confirmed", "granted", "withdrawn", "objected")]
    if answers and answers[-1].kind == "objected" and (answers[-1].topic == topic or answers[-1].topic == Topic.ALL):
        return False
    recording.object_to(customer, topic=topic, proof=proof, now=now)
    return True


@transaction.atomic
def choose(
    customer: Customer,
    *,
    wanted: Iterable[str],
    rhythm: str,
    paused_until: datetime | None,
    topics: Iterable[str],
    proof: Proof,
    now: datetime,
) -> None:
    """Keep the choices of the preference page: `wanted` purposes, and the `topics` somebody is on from now on.

    A topic that was on and is not any more is objected to. One that was off and is wanted is a consent given while
    logged in by nothing but a link of one's own mailbox: that mailbox has confirmed it by following the link.

    Raises
    ------
    ValueError : no such rhythm.
    """
    chosen = set(wanted)
    off = [each for each in preferring.CHOICES if each not in chosen]
    preferring.prefer(customer, off=off, rhythm=rhythm, paused_until=paused_until, now=now)
    suppressing.resume(customer.email, now=now)
    on, asked = standing(customer, now=now), set(topics)
    for topic in (Topic.MARKETING, Topic.BEHAVIOUR, Topic.SURVEYS, Topic.TRACKING):
        if on[topic] and topic not in asked:
            recording.object_to(customer, topic=topic, proof=proof, now=now)
        elif not on[topic] and topic in asked:
            made, _ = recording.request_opt_in(
                address=customer.email, topic=topic, customer=customer, proof=proof, now=now
            )
            recording.confirm(made, proof=proof, now=now)


def standing(customer: Customer, *, now: datetime) -> dict[str, bool]:
    """For each topic, whether somebody has agreed to it and not changed their mind."""
    said = people([customer.pk], until=now)[customer.pk].said
    on: dict[str, bool] = dict.fromkeys(map(str, Topic), False)
    for each in said:
        topics = list(on) if each.topic == Topic.ALL else [each.topic]
        if each.kind in (Entry.Kind.CONFIRMED, Entry.Kind.GRANTED) and each.own:
            on |= dict.fromkeys(topics, True)
        elif each.kind in (Entry.Kind.WITHDRAWN, Entry.Kind.OBJECTED):
            on |= dict.fromkeys(topics, False)
    return on
