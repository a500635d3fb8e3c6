"""How the shop sends: set, tried, paused and resumed by staff."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from stammkunde.errors import StammkundeError
from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.lib.seal import seal, unseal
from stammkunde.server.lib.work import enqueue
from stammkunde.server.mail.actions.planning import ASKED, SENDING
from stammkunde.server.mail.models import Sender
from stammkunde.server.mail.rendering import mime
from stammkunde.server.mail.rendering.rendering import Rendered
from stammkunde.server.mail.sending.transports import open_session
from stammkunde.server.mail.sending.transports.base import ConfigurationError, Outcome, ProviderError

Who = User | Key | None
#: What may be set; the rest of the row is told by sending itself.
FIELDS = frozenset(
    {
        *("name", "address", "reply_to", "return_address", "transport", "connections", "per_minute"),
        *(
            "warm_up_since",
            "warm_up_first",
            "tracking",
            "form",
            "quiet_from",
            "quiet_to",
            "cap",
            "cap_days",
            "gap_hours",
            "look_ahead_hours",
            "late_days",
            "refund_days",
        ),
    }
)
TRANSPORT = re.compile(r"[a-z][a-z0-9_]{0,29}")
MOST_CONNECTIONS = 50


class SettingError(StammkundeError):
    """Mail cannot be sent the way it was set."""

    advice = "Correct the setting."


@transaction.atomic
def save(
    *, values: Mapping[str, Any], options: Mapping[str, Any], given: Mapping[str, str], now: datetime, by: Who
) -> Sender:
    """Set how the shop sends. `values` are fields of the row, `options` those of the transport; of the secrets `given`,
    an empty one keeps what is there. Another transport begins without the options and secrets of the one before.

    Raises
    ------
    SettingError : a value is none, or there is no such field.
    """
    found = Sender.objects.select_for_update().order_by("pk").first() or Sender()
    before = {name: getattr(found, name) for name in values}
    _judge(values)
    changed = values.get("transport", found.transport) != found.transport
    kept, hidden = ({}, {}) if changed else (found.options, unseal(found.secrets))
    for name, value in values.items():
        setattr(found, name, value)
    told = {name: value for name, value in given.items() if value}
    found.options, found.secrets = {**kept, **options}, seal({**hidden, **told}) if hidden or told else ""
    found.save()
    change = {"from": _plain(before), "to": _plain(values), "options": dict(options), "secrets": sorted(told)}
    record("set", "sender", now=now, by=by, subject_id=found.pk, title=found.address, change=change)
    return found


def _judge(values: Mapping[str, Any]) -> None:
    if strange := sorted(set(values) - FIELDS):
        raise SettingError(_("There is no such setting: %(name)s.") % {"name": ", ".join(strange)})
    if not TRANSPORT.fullmatch(str(values.get("transport", "smtp"))):
        raise SettingError(_("There is no such way to send."), advice=_("Choose SMTP or a provider."))
    if not 1 <= int(values.get("connections", 1)) <= MOST_CONNECTIONS:
        raise SettingError(_("Between 1 and 50 connections can be used."))
    for name in ("address", "reply_to", "return_address"):
        if values.get(name):
            mime.address(str(values[name]))


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value if isinstance(value, str | int | float) else str(value) for name, value in values.items()}


def trial(sender: Sender, to: str, *, now: datetime, mail: Rendered | None = None) -> str:
    """Send a mail, or a short one that says that it works, to a member of staff over what is set; what the server
    answered.

    Raises
    ------
    SettingError : it could not be handed over; the words of the server are in it.
    """
    says = _("This mail shows that what you set works.")
    mail = mail or Rendered(_("Mail of your shop can be sent"), "", f"<p>{says}</p>", f"{says}\n")
    domain = sender.address.rpartition("@")[2] or "localhost"
    letter = mime.Letter(
        from_address=sender.address,
        from_name=sender.name,
        to_address=to,
        subject=mail.subject,
        html=mail.html,
        text=mail.text,
        message_id=f"<trial.{now.astimezone(ZoneInfo('UTC')):%Y%m%d%H%M%S%f}@{domain}>",
        date=now,
    )
    session = None
    try:
        session = open_session(sender)
        receipt = session.send(sender.return_address or sender.address, to, mime.build(letter))
    except (ConfigurationError, ProviderError) as error:
        raise SettingError(_("The server does not take mail: %(why)s") % {"why": error}) from error
    finally:
        if session is not None:
            session.close()
    if receipt.outcome != Outcome.SENT:
        raise SettingError(_("The server does not take mail: %(why)s") % {"why": receipt.response})
    return receipt.response


@transaction.atomic
def pause(*, why: str, now: datetime, by: Who) -> None:
    """Let nothing leave until somebody resumes; what is due waits, and what gets too old meanwhile is not sent."""
    found = Sender.objects.order_by("pk").first() or Sender.objects.create()
    Sender.objects.filter(pk=found.pk).update(paused_at=now, paused_why=why[:500])
    record("paused", "sender", now=now, by=by, subject_id=found.pk, title=found.address, change={"why": why})


@transaction.atomic
def resume(*, now: datetime, by: Who) -> None:
    """Send again, at once."""
    found = Sender.objects.order_by("pk").first()
    if found is None:
        return
    fresh = {"paused_at": None, "paused_why": "", "rests_until": None, "rests_why": "", "failures": 0}
    Sender.objects.filter(pk=found.pk).update(**fresh)
    record("resumed", "sender", now=now, by=by, subject_id=found.pk, title=found.address)
    enqueue(SENDING, now=now, key=ASKED)


@transaction.atomic
def warm_up(*, first: int, now: datetime, by: Who) -> None:
    """Begin the plan of a new sender today: so many messages, then half as many more each day."""
    found = Sender.objects.order_by("pk").first() or Sender.objects.create()
    since = now.astimezone(ZoneInfo(settings.SHOP_ZONE)).date()
    Sender.objects.filter(pk=found.pk).update(warm_up_since=since, warm_up_first=first)
    record("warms up", "sender", now=now, by=by, subject_id=found.pk, title=found.address, change={"first": first})
