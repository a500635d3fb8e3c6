"""The gate before mail goes to many: opened by a check that finds nothing bad, shut by one that does."""

import json
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.lib.seal import unseal
from stammkunde.server.mail.deliverability.checks import Setting, look
from stammkunde.server.mail.deliverability.findings import Level
from stammkunde.server.mail.deliverability.names import Names
from stammkunde.server.mail.models import Checkup, Sender, Trial
from stammkunde.server.shop.models import Imprint

KEPT = 100  # checks that are remembered
BESIDE = frozenset({"imap", "dkim_selector", "outgoing"})  # options that are not about the way out


def gate(names: Names, *, now: datetime, by: User | Key | None) -> Checkup:
    """Look at everything and open or shut the gate. Where the name system did not say, it stays as it was: shut, if it
    was never open."""
    sender = Sender.now()
    findings = look(setting_of(sender), names)
    levels = {each.level for each in findings}
    passed = Level.BAD not in levels and (Level.UNKNOWN not in levels or sender.bulk_ready_at is not None)
    with transaction.atomic():
        made = Checkup.objects.create(at=now, passed=passed, findings=[each.plain() for each in findings])
        if sender.pk is not None:
            Sender.objects.filter(pk=sender.pk).update(bulk_ready_at=now if passed else None)
        old = Checkup.objects.order_by("-pk").values_list("pk", flat=True)[KEPT:]
        Checkup.objects.filter(pk__in=list(old)).delete()
        if by is not None or passed != (sender.bulk_ready_at is not None):
            change = {"passed": passed, "bad": sum(each.level == Level.BAD for each in findings)}
            record("checked", "sender", now=now, by=by, subject_id=sender.pk or "", title=sender.address, change=change)
    return made


def setting_of(sender: Sender) -> Setting:
    """What is judged."""
    return Setting(
        address=sender.address,
        reply_to=sender.reply_to,
        return_address=sender.return_address,
        transport=sender.transport,
        host=str(sender.options.get("host") or "") if sender.transport == "smtp" else "",
        outgoing=tuple(str(sender.options.get("outgoing") or "").replace(",", " ").split()),
        selector=str(sender.options.get("dkim_selector") or ""),
        public_url=settings.PUBLIC_URL,
        imprint=Imprint.now().complete,
        tried=Trial.objects.filter(way=way(sender)).exists(),
    )


def way(sender: Sender) -> str:
    """What a test mail is a test of: the transport as it is set, and from whom; no secret can be read from it."""
    told = {name: value for name, value in sender.options.items() if name not in BESIDE}
    try:
        hidden = unseal(sender.secrets)
        secrets = {name: value for name, value in hidden.items() if name not in ("imap_password", "hooks")}
    except ValueError:  # sealed with a key that is not known any more: nothing leaves this way
        secrets = {}
    whole = json.dumps([sender.transport, sender.address, secrets, told], sort_keys=True, default=str)
    return salted_hmac("mail.way", whole, algorithm="sha256").hexdigest()


@transaction.atomic
def note_trial(sender: Sender, to: str, response: str, *, now: datetime, by: User | Key | None) -> Trial:
    """A test mail was taken."""
    record("tried", "sender", now=now, by=by, subject_id=sender.pk or "", title=sender.address, change={"to": to})
    return Trial.objects.create(at=now, to=to, way=way(sender), response=response[:500])
