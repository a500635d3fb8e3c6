"""Segments by name: one to begin with is called as in the reader's language, until somebody calls it otherwise."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise

from stammkunde.server.segments.models import Segment
from stammkunde.server.segments.rules.starters import starters


@dataclass(frozen=True)
class _Said:
    """A text of a starter, and how it reads in all languages."""

    text: Promise
    everywhere: frozenset[str]


def title(segment: Segment) -> str:
    """What a segment is called."""
    return _read(f"{segment.starter}.name", segment.name)


def purpose(segment: Segment) -> str:
    """What a segment is for."""
    return _read(f"{segment.starter}.description", segment.description)


def titles() -> dict[int, str]:
    """What all segments and types are called."""
    return {each.pk: title(each) for each in Segment.objects.only("name", "starter")}


def _read(key: str, stored: str) -> str:
    said = _texts().get(key)
    return str(said.text) if said is not None and stored in said.everywhere else stored


@cache
def _texts() -> dict[str, _Said]:
    found = {}
    for each in starters():
        for part, text in (("name", each.name), ("description", each.description)):
            found[f"{each.key}.{part}"] = _Said(text, frozenset(_in(code, text) for code, _ in settings.LANGUAGES))
    return found


def _in(language: str, text: Promise) -> str:
    with translation.override(language):
        return str(text)
