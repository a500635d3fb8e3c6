"""A newsletter is looked at before it goes out: what is wrong with its mails, and how they arrive at oneself."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import User
from stammkunde.server.campaigns.actions.freezing import document_of
from stammkunde.server.campaigns.actions.writing import RefusedError
from stammkunde.server.campaigns.models import Campaign, Variant
from stammkunde.server.mail.actions.settings import trial
from stammkunde.server.mail.models import Sender
from stammkunde.server.mail.rendering.compiling import Compiled, compiled
from stammkunde.server.mail.rendering.documents import Document, DocumentError
from stammkunde.server.mail.rendering.lint import Finding, Level, lint
from stammkunde.server.mail.rendering.previewing import previewed


def findings(campaign: Campaign, variant: Variant) -> list[Finding]:
    """What is wrong with a text, in any voice, the worst first; what cannot be read at all is the one thing wrong."""
    try:
        document = document_of(campaign, variant)
        return linted(document, compiled(document))
    except RefusedError as error:
        return [Finding(Level.ERROR, "", str(error))]
    except DocumentError as error:
        return [Finding(Level.ERROR, error.path, error.what)]


def linted(document: Document, texts: Mapping[str, Mapping[str, Any]]) -> list[Finding]:
    """What is wrong with a mail in its voices; what is wrong in several is told once."""
    found: dict[tuple[str, str, str], Finding] = {}
    for voice, text in texts.items():
        for each in lint(document, Compiled.read(dict(text)), voice):
            found.setdefault((each.level, each.where, each.text), each)
    order = list(Level)
    return sorted(found.values(), key=lambda each: (order.index(each.level), each.where))


def send_test(campaign: Campaign, *, language: str, now: datetime, by: User) -> int:
    """Send every text to whoever asks, as somebody made up would get it; returns how many. No row of the ledger is
    written, and no customer is told anything.

    Raises
    ------
    StammkundeError : there is no text, a mail cannot be shown, or the server does not take mail.
    """
    variants = list(campaign.variants.select_related("template").order_by("key"))
    if not variants:
        raise RefusedError(_("It has no text yet: choose a mail."))
    sender = Sender.now()
    voice = f"de-{sender.form}" if language.startswith("de") else "en"
    for number, each in enumerate(variants):
        apart = now + timedelta(microseconds=number)  # a mail is named by its moment
        mail = previewed(document_of(campaign, each), None, now=now, voice=voice).rendered
        trial(sender, by.email, now=apart, mail=replace(mail, subject=f"[Test {each.key.upper()}] {mail.subject}"))
    record("tested", "newsletter", now=now, by=by, subject_id=campaign.pk, title=campaign.name)
    return len(variants)
