"""Mails are written, made a version of, copied and put away. A version never changes, so what was sent can be shown."""

from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from stammkunde.errors import InputError
from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.mail.models import Template, Version
from stammkunde.server.mail.rendering.compiling import compiled
from stammkunde.server.mail.rendering.documents import Document, DocumentError, digest, read, unfilled, written

Who = User | Key | None
NAME, KEY = 160, 76  # characters of a name, and of a key with room for a number


class TemplateError(InputError):
    """A mail that cannot be made, changed or published so."""

    advice = "Choose another key, or bring the mail back first."


@transaction.atomic
def create(document: Mapping[str, Any], *, language: str, now: datetime, by: Who, origin: str = "") -> Template:
    """A new mail of a document, named in a language ("de" or "en").

    Raises
    ------
    DocumentError : the document cannot be kept.
    TemplateError : there is a mail of this key.
    """
    found = read(document)
    if Template.objects.filter(key=found.key).exists():
        raise TemplateError(_("There is a mail of the key %(key)s already.") % {"key": found.key})
    return _made(found, found.key, _named(found, language), now=now, by=by, origin=origin)


@transaction.atomic
def save_draft(template: Template, document: Mapping[str, Any], *, now: datetime, by: Who, language: str) -> Template:
    """Keep what is being written. It must be whole: what cannot be read cannot be shown either. Nothing that is sent
    changes by it.

    Raises
    ------
    DocumentError : the document cannot be kept.
    TemplateError : it was put away.
    """
    there = _open(template)
    found = read({**document, "key": there.key})
    kept = written(found)
    if there.draft != kept:
        change = {"from": {"digest": _digest_of(there.draft)}, "to": {"digest": digest(found)}}
        there.draft, there.purpose, there.name, there.changed_at = kept, found.purpose, _named(found, language), now
        there.save(update_fields=["draft", "purpose", "name", "changed_at"])
        record("changed", "template", now=now, by=by, subject_id=there.pk, title=there.name, change=change)
    return there


@transaction.atomic
def publish(template: Template, *, now: datetime, by: Who) -> Version:
    """Make a version of the draft, compiled in every voice. Where nothing has changed, it is the version there is.

    Raises
    ------
    DocumentError : the draft cannot be read, or not be compiled.
    TemplateError : it was put away, or lacks a link that the shop has still to give.
    """
    there = _open(template)
    document = read(there.draft, key=there.key)
    if lacking := unfilled(document):
        told = {"mail": there.name, "where": ", ".join(lacking)}
        raise TemplateError(_("The mail “%(mail)s” lacks a link: %(where)s.") % told, advice=_("Fill it in first."))
    last = there.versions.order_by("-number").first()
    if last is not None and last.digest == digest(document):
        return last
    made = Version.objects.create(
        template=there,
        number=last.number + 1 if last else 1,
        document=written(document),
        compiled=compiled(document),
        digest=digest(document),
        by=by if isinstance(by, User) else by.by if by else None,
        created_at=now,
    )
    record("published", "template", now=now, by=by, subject_id=there.pk, title=there.name,
           change={"version": made.number, "digest": made.digest})  # fmt: skip
    return made


@transaction.atomic
def copy(template: Template, *, name: str, now: datetime, by: Who) -> Template:
    """A mail like another, under the next key that is free.

    Raises
    ------
    DocumentError : its draft cannot be read.
    """
    document = read(template.draft, key=template.key)
    for number in count(2):
        try:
            with transaction.atomic():  # somebody else may copy it at this moment
                return _made(document, f"{template.key[:KEY]}-{number}", name, now=now, by=by, origin=template.origin)
        except IntegrityError:
            if number > 999:
                raise
    raise AssertionError


@transaction.atomic
def retire(template: Template, *, now: datetime, by: Who) -> Template:
    """Put it away: it is offered to nobody any more. What was planned with a version of it still leaves."""
    there = Template.objects.select_for_update().get(pk=template.pk)
    if there.retired_at is None:
        there.retired_at = now
        there.save(update_fields=["retired_at"])
        record("retired", "template", now=now, by=by, subject_id=there.pk, title=there.name)
    return there


@transaction.atomic
def restore(template: Template, *, now: datetime, by: Who) -> Template:
    """Bring it back."""
    there = Template.objects.select_for_update().get(pk=template.pk)
    if there.retired_at is not None:
        there.retired_at = None
        there.save(update_fields=["retired_at"])
        record("restored", "template", now=now, by=by, subject_id=there.pk, title=there.name)
    return there


def _made(document: Document, key: str, name: str, *, now: datetime, by: Who, origin: str) -> Template:
    made = Template.objects.create(
        key=key,
        name=name[:NAME],
        purpose=document.purpose,
        origin=origin,
        draft=written(document) | {"key": key},
        changed_at=now,
        created_at=now,
    )
    record("made", "template", now=now, by=by, subject_id=made.pk, title=made.name, change={"origin": origin})
    return made


def _open(template: Template) -> Template:
    there = Template.objects.select_for_update().get(pk=template.pk)
    if there.retired_at is not None:
        raise TemplateError(_("This mail was put away."), advice=_("Bring it back first."))
    return there


def _named(document: Document, language: str) -> str:
    return document.name.of("de-sie" if language.startswith("de") else "en")[:NAME]


def _digest_of(draft: Mapping[str, Any]) -> str:
    try:
        return digest(read(draft))
    except DocumentError:
        return ""
