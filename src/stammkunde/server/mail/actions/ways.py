"""The way out, and what belongs to it: transport, mailbox of returns, webhooks of a provider. What the gate looks at is
changed here alone, so that a change shuts it until it was looked at again."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings as django_settings
from django.db import transaction

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.lib.seal import seal, unseal
from stammkunde.server.mail.actions import settings
from stammkunde.server.mail.actions.gating import BESIDE, setting_of
from stammkunde.server.mail.deliverability.providers import PROVIDERS
from stammkunde.server.mail.models import Sender

Who = User | Key | None
HIDDEN_BESIDE = ("imap_password", "hooks")  # secrets that are not about the way out
USER = "stammkunde"


@transaction.atomic
def set_values(values: Mapping[str, Any], *, now: datetime, by: Who) -> Sender:
    """Set from whom, how fast, how often.

    Raises
    ------
    StammkundeError : a value is none.
    """
    return _watched(lambda: settings.save(values=values, options={}, given={}, now=now, by=by))


@transaction.atomic
def choose(transport: str, options: Mapping[str, Any], given: Mapping[str, str], *, now: datetime, by: Who) -> Sender:
    """Take this way out. Secrets that are left empty stay as they are; mailbox and webhooks stay in any case.

    Raises
    ------
    StammkundeError : there is no such way.
    """
    found = Sender.now()
    kept = {name: value for name, value in found.options.items() if name in BESIDE}
    hidden: dict[str, Any] = _unsealed(found)
    told: dict[str, Any] = {name: hidden[name] for name in HIDDEN_BESIDE if name in hidden}
    provider = PROVIDERS.get(transport)
    signing = given.get("api_key") if provider and provider.hook == "api_key" else given.get("hook")
    if provider and signing:
        told["hooks"] = {**told.get("hooks", {}), transport: {provider.hook: signing}}
    told |= {name: value for name, value in given.items() if name != "hook"}
    values, whole = {"transport": transport}, {**kept, **options}
    return _watched(lambda: settings.save(values=values, options=whole, given=told, now=now, by=by))


@transaction.atomic
def set_mailbox(mailbox: Mapping[str, Any], password: str, *, now: datetime, by: Who) -> Sender:
    """Where mail that comes back is fetched from."""
    given = {"imap_password": password}
    _forget_lost()
    return settings.save(values={}, options={"imap": dict(mailbox)}, given=given, now=now, by=by)


@transaction.atomic
def hook_address(*, now: datetime, by: Who) -> str:
    """The address that the provider's webhooks go to, with a new password in it; shown this once. Empty where the
    provider signs with a key of its own."""
    found = Sender.objects.select_for_update().order_by("pk").first()
    provider = PROVIDERS.get(found.transport) if found else None
    if found is None or provider is None or provider.hook != "webhook_secret":
        return ""
    password, hidden = secrets.token_urlsafe(24), _unsealed(found)
    hidden["hooks"] = {**hidden.get("hooks", {}), found.transport: {"webhook_secret": f"{USER}:{password}"}}
    Sender.objects.filter(pk=found.pk).update(secrets=seal(hidden))
    change = {"hook": found.transport}
    record("set", "sender", now=now, by=by, subject_id=found.pk, title=found.address, change=change)
    here = urlsplit(django_settings.PUBLIC_URL)
    return f"{here.scheme}://{USER}:{password}@{here.netloc}/hooks/mail/{found.transport}/"


def known_secrets(sender: Sender) -> list[str]:
    """The names of what is sealed; of webhooks as `hook`."""
    hidden = _unsealed(sender)
    hook = ["hook"] if sender.transport in hidden.get("hooks", {}) else []
    return sorted(name for name, value in hidden.items() if value and name != "hooks") + hook


def _unsealed(sender: Sender) -> dict[str, Any]:
    try:
        return unseal(sender.secrets)
    except ValueError:  # sealed with a key that is not known any more: nothing is left of them
        return {}


def _watched(save: Callable[[], Sender]) -> Sender:
    """Save, and shut the gate where what it looks at is another now."""
    _forget_lost()
    before = setting_of(Sender.now())
    saved = save()
    if setting_of(saved) != before and saved.bulk_ready_at is not None:
        Sender.objects.filter(pk=saved.pk).update(bulk_ready_at=None)
        saved.bulk_ready_at = None
    return saved


def _forget_lost() -> None:
    """Take out what nobody can open any more, so that it can be entered anew."""
    found = Sender.objects.order_by("pk").first()
    if found is not None and found.secrets and not _unsealed(found):
        Sender.objects.filter(pk=found.pk).update(secrets="")
