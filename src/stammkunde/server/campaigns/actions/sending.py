"""A newsletter goes out: scheduled, planned block by block, stopped, gone on with, finished.

Who gets it is settled when it begins: one row in the ledger for each customer, unique, so that planning a block again
after a restart changes nothing. Whether each row may go is looked at when it is due (consent, cap, order since).
"""

import math
import zlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.actions.outgoing import tell
from stammkunde.server.campaigns.actions.writing import RefusedError, Who
from stammkunde.server.campaigns.models import Campaign, Tenure, Variant
from stammkunde.server.campaigns.pacing import Pacing
from stammkunde.server.campaigns.queries import audience, results
from stammkunde.server.campaigns.queries.audience import Addressee
from stammkunde.server.campaigns.queries.evidence import comparisons
from stammkunde.server.campaigns.queries.tenure import fitting
from stammkunde.server.lib.local_time import resolve, zone_of
from stammkunde.server.lib.work import enqueue
from stammkunde.server.mail.actions.planning import Planned, call_off, message_for, plan
from stammkunde.server.mail.models import Message, Send, Sender
from stammkunde.server.segments.queries import days

PLAN = "campaigns.plan"
STOPPED = "campaign_stopped"
FIRST_ZONE = ZoneInfo("Pacific/Kiritimati")  # where a day begins first
LATE = timedelta(days=7)  # after its time was missed by more, nothing goes out by itself: not after a restore, either
Tell = Callable[[str, int, int], None]


class StoppedError(Exception):
    """It is not going out any more: planning ends."""


def ready(now: datetime) -> str:
    """Why mail to many cannot leave now; empty where it can. What is only kept and not sent needs no check."""
    sender = Sender.now()
    if sender.paused_at is not None:
        return _("Sending is paused: %(why)s") % {"why": sender.paused_why or "–"}
    if sender.transport != "captured" and (sender.bulk_ready_at is None or sender.bulk_ready_at > now):
        return _(
            "Mail to many needs SPF, DKIM, DMARC and an imprint, or it lands in spam: run the check of deliverability "
            "under Messages first."
        )
    return ""


def begins(campaign: Campaign) -> datetime | None:
    """When planning begins: at its moment; with an hour of the customer, when the day begins where it begins first."""
    if campaign.day is not None:
        return resolve(campaign.day, time(), FIRST_ZONE)
    return campaign.at


@transaction.atomic
def schedule(campaign: Campaign, *, now: datetime, by: Who) -> Campaign:
    """Let it go out at its time, or at once where it has none.

    Raises
    ------
    RefusedError : it is not approved, its time is over, or the shop is not ready for mail to many.
    """
    found = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if found.state != Campaign.State.APPROVED:
        raise RefusedError(_("It is not approved."))
    if why := ready(now):
        raise RefusedError(why)
    if over(found, now):
        raise RefusedError(_("Its time is over: choose another one."))
    found.state, found.why = Campaign.State.SCHEDULED, ""
    found.save(update_fields=["state", "why"])
    when = max(begins(found) or now, now)
    enqueue(PLAN, {"campaign": found.pk}, now=now, key=str(found.pk), due_at=when)
    record("scheduled", "newsletter", now=now, by=by, subject_id=found.pk, title=found.name, change={"at": str(when)})
    return found


def over(campaign: Campaign, now: datetime) -> bool:
    """Whether its moment, or the hour of its day in the shop, has passed by more than a few minutes."""
    if campaign.day is not None and campaign.hour is not None:
        return resolve(campaign.day, campaign.hour, zone_of("")) < now - timedelta(minutes=10)
    return campaign.at is not None and campaign.at < now - timedelta(minutes=10)


# --- planning ---------------------------------------------------------------------------------------------------------


def start(campaign_id: int, *, now: datetime) -> Campaign:
    """Settle what holds for all of it, once: its messages, and how fast.

    Raises
    ------
    StoppedError : it was stopped or taken back meanwhile.
    RefusedError : the shop is not ready any more, or its time was missed by days.
    """
    with transaction.atomic():
        found = Campaign.objects.select_for_update().get(pk=campaign_id)
        if found.state == Campaign.State.SENDING:
            return found
        if found.state != Campaign.State.SCHEDULED:
            raise StoppedError(found.state)
        wrong = ready(now) or _missed(found, now)
        if not wrong:
            _settle(found, now)
            return found
    Campaign.objects.filter(pk=campaign_id).update(state=Campaign.State.APPROVED, why=wrong[:300])
    raise RefusedError(wrong)


def _missed(campaign: Campaign, now: datetime) -> str:
    due = begins(campaign)
    return _("Its time was missed by days.") if due is not None and now - due > LATE else ""


def _settle(campaign: Campaign, now: datetime) -> None:
    variants = list(campaign.variants.select_related("version"))
    for each in variants:
        if each.version is None:
            raise RefusedError(_("A text was not kept when it was approved: approve it again."))
        rules = {"categories": list(campaign.categories)}
        each.message = message_for(
            "campaign", campaign.pk, step="", version=each.version, variant=each.key, rules=rules, now=now
        )
        each.save(update_fields=["message"])
    campaign.state, campaign.started_at, campaign.rate = Campaign.State.SENDING, now, _rate(campaign, variants, now)
    campaign.save(update_fields=["state", "started_at", "rate"])


def _rate(campaign: Campaign, variants: Sequence[Variant], now: datetime) -> int:
    """How many an hour: as stated, and where texts are tested no more than lets one batch learn from another."""
    if not comparisons(variants):
        return campaign.per_hour
    people = sum(audience.sizes(campaign, today=days.number(now)).values())
    spread = max(math.ceil(people / campaign.spread_hours), 1)
    return min(campaign.per_hour, spread) if campaign.per_hour else spread


def plan_all(campaign: Campaign, *, now: datetime, tell: Tell) -> int:
    """Put a row into the ledger for everybody of the audience, from where it was. Returns how many were looked at.

    Raises
    ------
    StoppedError : it was stopped meanwhile.
    """
    since = campaign.started_at or now
    total = sum(audience.sizes(campaign, today=days.number(since)).values())
    done = 0
    for rows in audience.blocks(campaign, after=campaign.planned_to, now=since):
        plan_block(campaign.pk, rows, now=now)
        done += len(rows)
        tell(_("Mails are put down"), done, max(total, done))
    Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.SENDING).update(planned_at=now)
    return done


@transaction.atomic
def plan_block(campaign_id: int, rows: Sequence[Addressee], *, now: datetime) -> None:
    """A block of the audience, with the place to go on from: all of it, or nothing."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
    if campaign.state != Campaign.State.SENDING:
        raise StoppedError(campaign.state)
    variants = list(campaign.variants.select_related("message"))
    texts = {each: fitting(variants, each) for each in (Tenure.NEW, Tenure.LONG)}
    pacing = Pacing(campaign.rate, campaign.pacing)
    by_message: defaultdict[Message, list[Planned]] = defaultdict(list)
    for each in rows:
        fit = texts[Tenure(each.tenure)]
        if fit:
            chosen = fit[_lot(campaign_id, each.customer) % len(fit)]
            due = pacing.slot(max(wanted_at(campaign, each), now))
            if chosen.message is not None:
                by_message[chosen.message].append(Planned(campaign_id, each.customer, due))
    for message, planned in by_message.items():
        plan(message, planned, now=now)
    Campaign.objects.filter(pk=campaign_id).update(planned_to=rows[-1].customer, pacing=pacing.taken)


def wanted_at(campaign: Campaign, addressee: Addressee) -> datetime:
    """When somebody is to have it, before the throttle; an hour that has passed there already is a moment gone by."""
    if campaign.day is not None and campaign.hour is not None:
        return resolve(campaign.day, campaign.hour, zone_of(addressee.zone, addressee.country))
    return campaign.at or datetime.min.replace(tzinfo=UTC)


def _lot(campaign: int, customer: int) -> int:
    """The same for the same customer in the same newsletter, and in no step with their number."""
    return zlib.crc32(f"{campaign}:{customer}".encode())


# --- stopping, going on, ending ---------------------------------------------------------------------------------------


def mine(campaign: Campaign) -> Q:
    """Its rows in the ledger."""
    return Q(scope=campaign.scope, run=campaign.pk)


@transaction.atomic
def stop(campaign: Campaign, *, now: datetime, by: Who) -> int:
    """Call off what has not left. Returns how many; what a worker holds already may still leave.

    Raises
    ------
    RefusedError : it is not on its way.
    """
    found = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if found.state not in (Campaign.State.SCHEDULED, Campaign.State.SENDING):
        raise RefusedError(_("It is not on its way."))
    called_off = call_off(mine(found), reason=STOPPED, now=now)
    before = found.state
    found.state, found.ended_at = Campaign.State.STOPPED, now
    if before == Campaign.State.SCHEDULED:
        found.state, found.ended_at = Campaign.State.APPROVED, None
    found.save(update_fields=["state", "ended_at"])
    change = {"called off": called_off}
    record("stopped", "newsletter", now=now, by=by, subject_id=found.pk, title=found.name, change=change)
    return called_off


@transaction.atomic
def resume(campaign: Campaign, *, now: datetime, by: Who) -> int:
    """Go on with what was called off: those rows wait again, from now on, at the same pace; nobody who got it gets it
    again. Returns how many.

    Raises
    ------
    RefusedError : it was not stopped, or the shop is not ready.
    """
    found = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if found.state != Campaign.State.STOPPED or found.started_at is None:
        raise RefusedError(_("It was not stopped on its way."))
    if why := ready(now):
        raise RefusedError(why)
    again = _wait_again(found, now)
    found.state, found.ended_at, found.why, found.assigned_to = Campaign.State.SENDING, None, "", None
    found.save(update_fields=["state", "ended_at", "why", "assigned_to", "pacing"])
    enqueue(PLAN, {"campaign": found.pk}, now=now, key=str(found.pk))
    record("resumed", "newsletter", now=now, by=by, subject_id=found.pk, title=found.name, change={"again": again})
    return again


def _wait_again(campaign: Campaign, now: datetime) -> int:
    """Everything is moved by as long as it stood still, so that pace and order stay."""
    held = Send.objects.filter(mine(campaign), state=Send.State.SUPPRESSED, reason=STOPPED)
    first = held.order_by("due_at").values_list("due_at", flat=True).first()
    if first is None:
        return 0
    later, again = max(now - first, timedelta(0)), 0
    rows = held.order_by("pk").only("pk", "due_at", "expires_at")
    while some := list(rows[: audience.BLOCK]):
        for each in some:
            each.due_at += later
            each.expires_at = each.expires_at + later if each.expires_at else None
            each.state, each.reason, each.settled_at = Send.State.WAITING, "", None
        Send.objects.bulk_update(some, ["due_at", "expires_at", "state", "reason", "settled_at"], batch_size=500)
        again += len(some)
    pacing = Pacing(campaign.rate, campaign.pacing)
    pacing.move(later)
    campaign.pacing = pacing.taken
    return again


def finish(campaign: Campaign, *, now: datetime) -> bool:
    """Done, if everybody was planned and no row is open; whoever listens is told, once."""
    if campaign.planned_at is None or results.open_rows(campaign):
        return False
    with transaction.atomic():
        going = Campaign.objects.filter(pk=campaign.pk, state=Campaign.State.SENDING)
        if not going.update(state=Campaign.State.DONE, ended_at=now):
            return False
        whole = results.total(results.results(campaign, now=now))
        counts = {"planned": whole.planned, "sent": whole.sent, "suppressed": whole.suppressed}
        tell("campaign.done", {"campaign": campaign.pk, **counts, "at": now}, now=now)
    return True
