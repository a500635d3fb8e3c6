"""A draft becomes a version, which never changes, with the versions of the mails it sends."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import User
from stammkunde.server.journeys.actions.editing import JourneyError, Who
from stammkunde.server.journeys.definitions.language import Definition
from stammkunde.server.journeys.definitions.reading import read, written
from stammkunde.server.journeys.models import Journey, JourneyVersion
from stammkunde.server.journeys.running.planned import rules_of
from stammkunde.server.journeys.steps.send import Send
from stammkunde.server.journeys.triggers.happenings import below
from stammkunde.server.mail.actions import templates
from stammkunde.server.mail.actions.planning import message_for
from stammkunde.server.mail.models import Template
from stammkunde.server.mail.models import Version as MailVersion
from stammkunde.server.mail.rendering.documents import read as read_mail
from stammkunde.server.mail.rendering.documents import unfilled
from stammkunde.server.segments.actions import audiences
from stammkunde.server.segments.models import Segment
from stammkunde.server.segments.rules.language import Compare


@transaction.atomic
def publish(journey: Journey, *, now: datetime, by: Who) -> JourneyVersion:
    """Make the draft the version that people enter from now on; who is on an earlier one stays there (see `moving`).

    The mails it sends are published too. Where nothing has changed, it is the version there is. Who had a reason to
    enter before now does not enter anew: where only steps changed, those who were just about to still do.

    Raises
    ------
    DefinitionError : the draft cannot be read.
    DocumentError : a mail it sends cannot be published.
    JourneyError : a mail it sends is not there, was put away, or lacks a link that the shop has still to give.
    """
    there = Journey.objects.select_for_update().get(pk=journey.pk)
    definition = read(there.draft)
    mails = {step.id: _mail(step, now=now, by=by) for step in definition.steps if isinstance(step, Send)}
    said = _digest(written(definition), {step: mail.pk for step, mail in mails.items()})
    live = there.live
    if live is not None and live.digest == said:
        return live
    made = _version(there, definition, mails, said, now=now, by=by)
    watch(definition, now=now, by=by)
    there.live_since = there.live_since if live is not None and _same_door(live.definition, made.definition) else now
    there.live = made
    there.save(update_fields=["live", "live_since"])
    change = {"version": made.number, "digest": said[:16]}
    record("published", "journey", now=now, by=by, subject_id=there.pk, title=there.name, change=change)
    return made


def _mail(step: Send, *, now: datetime, by: Who) -> MailVersion:
    template = Template.objects.filter(key=step.mail).first()
    if template is None or template.retired_at is not None:
        raise JourneyError(_("The mail “%(mail)s” is not there, or was put away.") % {"mail": step.mail}, where=step.id)
    lacking = unfilled(read_mail(template.draft, key=template.key))
    if lacking:
        told = {"mail": template.name, "where": ", ".join(lacking)}
        message = _("The mail “%(mail)s” lacks a link: %(where)s.") % told
        raise JourneyError(message, where=step.id, advice=_("Open the mail and fill it in."))
    return templates.publish(template, now=now, by=by)


def _version(
    journey: Journey, definition: Definition, mails: Mapping[str, MailVersion], digest: str, *, now: datetime, by: Who
) -> JourneyVersion:
    messages = {
        step.id: message_for(
            "journey", journey.pk, step=step.id, version=mails[step.id], rules=rules_of(definition, step), now=now
        ).pk
        for step in definition.steps
        if isinstance(step, Send)
    }
    last = journey.versions.order_by("-number").first()
    return JourneyVersion.objects.create(
        journey=journey,
        number=last.number + 1 if last else 1,
        definition=written(definition),
        messages=messages,
        digest=digest,
        by=by if isinstance(by, User) else by.by if by else None,
        created_at=now,
    )


def _same_door(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two definitions let the same people in."""
    return all(one.get(part) == other.get(part) for part in ("trigger", "audience", "per", "again"))


def _digest(definition: Mapping[str, Any], mails: Mapping[str, int]) -> str:
    return hashlib.sha256(json.dumps([definition, mails], sort_keys=True).encode()).hexdigest()


def watch(definition: Definition, *, now: datetime, by: Who) -> None:
    """Have the segment by which it is noticed that somebody's chance falls below a number, where a journey asks it."""
    trigger = definition.trigger
    if trigger.on != "p_alive" or Segment.objects.filter(starter=below(trigger.below)).exists():
        return
    name = _("Chance to be still a customer below %(percent)s %%") % {"percent": f"{100 * trigger.below:g}"}
    node = Compare("p_alive", "<", trigger.below)
    audiences.save(None, kind="audience", name=name, node=node, now=now, by=by, starter=below(trigger.below))
