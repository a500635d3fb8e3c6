"""How entries of the log read. Their words have the context `log` in the catalogues; a room adds those it writes."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from stammkunde.server.accounts.models import Entry

NOTHING = "–"


@dataclass(frozen=True)
class Change:
    """A value before and after; `before` is nothing where a fact is told rather than a change."""

    name: str
    after: str
    before: str | None = None


@dataclass(frozen=True)
class Line:
    """An entry of the log for reading."""

    entry: Entry
    what: str
    changes: list[Change]


def line(entry: Entry) -> Line:
    """An entry in the reader's words."""
    return Line(entry, word(f"{entry.verb} {entry.subject}"), changes(entry.change))


def word(text: str) -> str:
    """A word of the log in the reader's language, or as it was written."""
    return pgettext("log", text) if text else ""


def changes(change: dict[str, Any]) -> list[Change]:
    """What `record` was told: `from` and `to` side by side where they differ, then what stands beside them."""
    found: list[Change] = []
    if "from" in change or "to" in change:
        before, after = _named(change.get("from")), _named(change.get("to"))
        names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
        found = [Change(_label(name), _shown(after.get(name)), _shown(before.get(name))) for name in names]
    rest = {name: value for name, value in change.items() if name not in ("from", "to") and value not in ([], "", None)}
    return found + [Change(_label(name), _shown(value)) for name, value in rest.items()]


def _named(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"": value}


def _label(name: str) -> str:
    return word(name.replace("_", " "))


def _shown(value: Any) -> str:
    if value is None or value in ("", []):
        return NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if isinstance(value, dict):
        return ", ".join(f"{_label(name)}: {_shown(part)}" for name, part in value.items())
    return word(value) if isinstance(value, str) else str(value)
