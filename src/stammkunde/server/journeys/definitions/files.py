"""Journeys as files: YAML in a stable order, that people read, compare and keep.

A flow file holds everything a journey needs: beside the journey, `mails` (the documents of its mails by key) and
`settings` (how it likes to be begun with).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.utils.translation import gettext as _

from stammkunde.server.journeys.definitions import values
from stammkunde.server.journeys.definitions.language import Definition
from stammkunde.server.journeys.definitions.reading import PARTS, read, written
from stammkunde.server.journeys.definitions.values import DefinitionError, place

LARGEST = 1_000_000  # characters of a file
MAILS, SETTINGS = "mails", "settings"


@dataclass(frozen=True)
class File:
    """A journey with the mails it brings: documents by key, as `mail` reads them."""

    definition: Definition
    mails: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)


class _Reader(yaml.SafeLoader):
    """YAML as 1.2 has it: yes and no are "true" and "false" alone, so that `on` is a word and NO a country."""


class _Lines(yaml.SafeDumper):
    """Lists stand in from their name, and texts of several lines stand as they are."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Never without indent."""
        del indentless
        super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Lines.add_representer(str, _text)

_BOOL = "tag:yaml.org,2002:bool"
for _either in (_Reader, _Lines):
    _either.yaml_implicit_resolvers = {
        sign: [each for each in resolvers if each[0] != _BOOL]
        for sign, resolvers in _either.yaml_implicit_resolvers.items()
    }
    _either.add_implicit_resolver(_BOOL, re.compile(r"true|false"), list("tf"))


def parsed(text: str) -> Mapping[str, Any]:
    """The data of a YAML file; nothing in it is executed, and it may not be made to blow up.

    Raises
    ------
    DefinitionError : it is no YAML, too large, or no mapping.
    """
    if len(text) > LARGEST:
        raise DefinitionError("", _("This file is too large for a journey."))
    try:
        if any(isinstance(each, yaml.AliasToken) for each in yaml.scan(text, Loader=_Reader)):
            raise DefinitionError("", _("Write everything out: references (&name, *name) are not read."))
        found = yaml.load(text, Loader=_Reader)  # noqa: S506  # derives from the safe one
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise DefinitionError(where, _("This is no YAML that can be read.")) from error
    return values.mapping(found, "")


def read_file(text: str) -> File:
    """A file of a journey, or a flow file of the library.

    Raises
    ------
    DefinitionError : it cannot be used, or sends a mail that it brings no text for although it brings others.
    """
    data = parsed(text)
    values.only(data, (*PARTS, MAILS, SETTINGS), "")
    definition = read({name: value for name, value in data.items() if name in PARTS})
    mails = values.mapping(data.get(MAILS, {}), MAILS)
    documents = {name: values.mapping(document, place(MAILS, name)) for name, document in mails.items()}
    for name in definition.mails if documents else ():
        if name not in documents:
            raise DefinitionError(place(MAILS, name), _("A step sends this mail; the file does not have it."))
    return File(definition, documents, values.mapping(data.get(SETTINGS, {}), SETTINGS))


def written_file(found: File) -> str:
    """The file again: the same journey is the same text."""
    data: dict[str, Any] = dict(written(found.definition))
    mails = {name: dict(found.mails[name]) for name in found.definition.mails if name in found.mails}
    data |= {MAILS: mails} if mails else {}
    data |= {SETTINGS: dict(found.settings)} if found.settings else {}
    return dumped(data)


def dumped(data: Mapping[str, Any]) -> str:
    """Data as YAML in its own order."""
    return yaml.dump(
        dict(data), Dumper=_Lines, sort_keys=False, allow_unicode=True, width=100, default_flow_style=False
    )
