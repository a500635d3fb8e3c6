"""Before a newsletter goes out somebody has to let it: a second person, where there is one who may."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.accounts.roles import RIGHTS, Right
from stammkunde.server.campaigns.actions.freezing import freeze
from stammkunde.server.campaigns.actions.trying import linted
from stammkunde.server.campaigns.actions.writing import RefusedError, Who, still_open
from stammkunde.server.campaigns.models import Campaign, Variant
from stammkunde.server.campaigns.queries import audience
from stammkunde.server.mail.rendering.documents import read
from stammkunde.server.mail.rendering.lint import Finding, Level
from stammkunde.server.segments.rules.reading import RuleError

MAY = [role for role, rights in RIGHTS.items() if Right.SEND in rights]


def others(campaign: Campaign) -> int:
    """How many people may let it go out who did not write it."""
    hands = {each for each in (campaign.made_by_id, campaign.changed_by_id) if each}
    return User.objects.filter(is_active=True, role__in=MAY).exclude(pk__in=hands).count()


def needs_another(campaign: Campaign, person: User | None) -> bool:
    """Whether this person wrote it, and somebody else is there who may let it go out."""
    wrote = person is None or person.pk in (campaign.made_by_id, campaign.changed_by_id)
    return wrote and others(campaign) > 0


@transaction.atomic
def approve(campaign: Campaign, *, now: datetime, by: Who) -> Campaign:
    """Let it go out as it stands: its mails are kept as they are at this moment, whatever becomes of their templates.

    Raises
    ------
    RefusedError : it has no text, a mail cannot be rendered, or whoever wrote it is to be looked at by another.
    """
    found = still_open(campaign)
    person = by.by if isinstance(by, Key) else by
    if needs_another(found, person):
        raise RefusedError(_("Whoever wrote it does not approve it: somebody else who may send has to look at it."))
    variants = list(found.variants.select_related("template").order_by("key"))
    if not variants:
        raise RefusedError(_("It has no text yet: choose a mail."))
    try:
        audience.node(found)
    except RuleError as error:
        raise RefusedError(error.message) from error
    for each in variants:
        version = freeze(found, each, now=now, by=person)
        _judge(each, linted(read(version.document), version.compiled))
    found.state, found.approved_by, found.approved_at = Campaign.State.APPROVED, person, now
    found.save(update_fields=["state", "approved_by", "approved_at"])
    alone = person is not None and person.pk in (found.made_by_id, found.changed_by_id)
    change = {"texts": [each.key for each in variants], "alone": alone}
    record("approved", "newsletter", now=now, by=by, subject_id=found.pk, title=found.name, change=change)
    return found


def _judge(variant: Variant, found: Sequence[Finding]) -> None:
    """Warnings are for people to weigh; what deceives, breaks the law or is cut off does not go out."""
    errors = [each for each in found if each.level == Level.ERROR]
    if errors:
        told = {"mail": variant.template.name, "what": errors[0].text}
        raise RefusedError(_("The mail “%(mail)s” cannot go out so: %(what)s") % told)


@transaction.atomic
def take_back(campaign: Campaign, *, now: datetime, by: Who) -> Campaign:
    """A draft again.

    Raises
    ------
    RefusedError : it is on its way.
    """
    found = still_open(campaign)
    Campaign.objects.filter(pk=found.pk).update(state=Campaign.State.DRAFT, approved_by=None, approved_at=None)
    record("took back", "newsletter", now=now, by=by, subject_id=found.pk, title=found.name)
    found.refresh_from_db()
    return found
