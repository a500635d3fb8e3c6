"""A flow of the library becomes a journey of the shop: its mails as templates, its pools, all of it off."""

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from typing import Any, TypeVar

from django.db import IntegrityError, models, transaction

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.journeys.definitions.reading import written
from stammkunde.server.journeys.library.reading import Codes, Flow
from stammkunde.server.journeys.models import Journey
from stammkunde.server.journeys.words import said
from stammkunde.server.mail.models import Template
from stammkunde.server.mail.rendering import documents
from stammkunde.server.offers.actions import pools
from stammkunde.server.offers.models import Pool

M = TypeVar("M", bound=models.Model)
NAME, KEY = 160, 76  # characters of a name, and of a key with room for a number


@transaction.atomic
def copy(flow: Flow, *, language: str, now: datetime, by: User | Key | None = None) -> Journey:
    """Make a journey of a flow, named in a language. Copied again, it is another journey with mails of its own; a pool
    of codes that is there already is used by both. Nobody enters before it is published and switched on."""
    for codes in flow.pools:
        _pool(codes, language=language, now=now, by=by)
    keys = {key: _template(flow, key, language=language, now=now).key for key in flow.documents}
    journey = _journey(flow, keys, language=language, now=now)
    told = {"flow": flow.key, "mails": list(keys.values())}
    record("copied", "journey", now=now, by=by, subject_id=journey.pk, title=journey.name, change=told)
    return journey


def _pool(codes: Codes, *, language: str, now: datetime, by: User | Key | None) -> None:
    if Pool.objects.filter(key=codes.key).exists():
        return
    terms = pools.Terms(
        name=said(codes.name, language)[:NAME],
        kind=Pool.Kind.PERCENT,
        worth=codes.percent,
        second_purchase=codes.second_purchase,
        valid_days=codes.days,
    )
    pools.make(codes.key, terms, source=Pool.Source.UPLOADED, now=now, by=by)


def _template(flow: Flow, key: str, *, language: str, now: datetime) -> Template:
    document = flow.documents[key]

    def make(free: str, number: int) -> Template:
        return Template.objects.create(
            key=free,
            name=_numbered(document.name.of("de-sie" if language.startswith("de") else "en"), number),
            purpose=document.purpose,
            origin=f"flow:{flow.key}",
            draft=documents.written(document) | {"key": free},
            changed_at=now,
            created_at=now,
        )

    return _free(key, make)


def _journey(flow: Flow, keys: Mapping[str, str], *, language: str, now: datetime) -> Journey:
    def make(free: str, number: int) -> Journey:
        name = _numbered(said(flow.definition.name, language), number)
        draft = written(flow.definition) | {"key": free}
        draft["steps"] = [_renamed(step, keys) for step in draft["steps"]]
        return Journey.objects.create(key=free, name=name, flow=flow.key, draft=draft, changed_at=now, created_at=now)

    return _free(flow.key, make)


def _renamed(step: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    """The step, with the mail it sends under the key that its copy has."""
    return dict(step) | ({"mail": keys[step["mail"]]} if "mail" in step else {})


def _free(key: str, make: Callable[[str, int], M]) -> M:
    """Make it under the first of key, key-2, key-3, … that nobody has: also where two copy at once."""
    for number in count(1):
        try:
            with transaction.atomic():
                return make(key[:KEY] if number == 1 else f"{key[:KEY]}-{number}", number)
        except IntegrityError:
            if number > 999:
                raise
    raise AssertionError


def _numbered(name: str, number: int) -> str:
    return name[:NAME] if number == 1 else f"{name[: NAME - 6]} ({number})"
