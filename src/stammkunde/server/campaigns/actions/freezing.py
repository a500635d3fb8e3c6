"""What was approved is what goes out: each text is kept as a version of its own, with the subject it was given."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from stammkunde.server.accounts.models import User
from stammkunde.server.campaigns.actions.writing import RefusedError
from stammkunde.server.campaigns.models import Campaign, Variant
from stammkunde.server.mail.models import Template, Version
from stammkunde.server.mail.rendering.compiling import compiled
from stammkunde.server.mail.rendering.documents import Document, DocumentError, digest, read, written


def freeze(campaign: Campaign, variant: Variant, *, now: datetime, by: User | None) -> Version:
    """Keep a text as it stands. Its template belongs to the newsletter alone: no journey ever takes that subject.

    Raises
    ------
    RefusedError : the mail cannot be read.
    """
    document = document_of(campaign, variant)
    name = f"{campaign.name} {variant.key.upper()}"[:160]
    template, _made = Template.objects.get_or_create(
        key=f"campaign-{campaign.pk}-{variant.key}",
        defaults={
            "name": name,
            "purpose": campaign.purpose,
            "origin": f"campaign:{campaign.pk}",
            "changed_at": now,
            "created_at": now,
            "retired_at": now,
        },
    )
    said = digest(document)
    try:
        texts = compiled(document)
    except DocumentError as error:
        raise _unfinished(variant, error) from error
    found = template.versions.filter(digest=said).order_by("-number").first()
    if found is None:
        last = template.versions.aggregate(last=Max("number"))["last"] or 0
        found = Version.objects.create(
            template=template,
            number=last + 1,
            document=written(document),
            compiled=texts,
            digest=said,
            by=by,
            created_at=now,
        )
    variant.version = found
    variant.save(update_fields=["version"])
    return found


def document_of(campaign: Campaign, variant: Variant) -> Document:
    """The mail of a text as it stands now: what is being written of it, else its last version.

    Raises
    ------
    RefusedError : it cannot be read; the text says where.
    """
    draft = variant.template.draft
    if not draft:
        last = variant.template.versions.order_by("-number").first()
        draft = last.document if last else {}
    wanted = with_subjects(draft, variant.subjects) | {"purpose": campaign.purpose}
    try:
        return read(wanted, key=variant.template.key)
    except DocumentError as error:
        raise _unfinished(variant, error) from error


def _unfinished(variant: Variant, error: DocumentError) -> RefusedError:
    told = {"mail": variant.template.name, "where": error.where or "–", "what": error.what}
    return RefusedError(_("The mail “%(mail)s” is not finished: %(where)s: %(what)s") % told)


def with_subjects(document: Mapping[str, Any], subjects: Mapping[str, str]) -> dict[str, Any]:
    """A document with other subjects, voice by voice. One for "de" stands for both German voices."""
    said = document.get("subject") or {}
    kept = dict(said) if isinstance(said, Mapping) else {}
    for voice, text in subjects.items():
        if voice == "de":
            kept = {name: other for name, other in kept.items() if not name.startswith("de")}
        kept[voice] = text
    return dict(document) | {"subject": kept}
