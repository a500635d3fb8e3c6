"""Fields of the editor: how a setting of a journey stands in a form, and how what was typed is a setting again.

A field that cannot hold what a file says (a rule within rules) shows it as JSON, and takes it as such.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stammkunde.server.journeys.forms.naming import EITHER, EVERY, LABELS, LATE, WEEKDAYS

Options = Sequence[tuple[str, Promise | str]]
Data = dict[str, Any]
SPANS = frozenset({"after", "idle", "max_age", "for", "within"})
TARGETS = frozenset({"then", "else", "next"})
NUMBERS = frozenset({"days", "day"})
FRACTIONS = frozenset({"factor", "below"})
WAYS = 4  # places for ways of a split


@dataclass(frozen=True)
class Slot:
    """A field: its name in the form, its label, what is in it, how it is shown, and what is wrong with it."""

    name: str
    label: Promise | str
    value: Any = ""
    kind: str = "line"
    options: Options = ()
    error: str = ""
    hint: Promise | str = ""


@dataclass(frozen=True)
class Choices:
    """What may be chosen: mails, pools, segments, words, and the steps there are."""

    mails: Options
    pools: Options
    segments: Options
    words: Options
    targets: Options


def slot(path: str, name: str, value: Any, choices: Choices, error: str = "") -> list[Slot]:
    """The field, or fields, of a setting."""
    made = _OWN.get(name)
    if made is not None:
        return made(path, value, choices, error)
    label = LABELS.get(name, name)
    if name in TARGETS:
        return [Slot(path, label, value or "", "choice", choices.targets, error)]
    if name in SPANS:
        hint = _("As 90m, 2h, 3d or 2w.")
        return [Slot(path, label, value or "", "line", (), error, hint)]
    return [Slot(path, label, "" if value is None else value, "line", (), error)]


def typed(posted: Mapping[str, Any], path: str, name: str) -> Any:
    """What was typed into the field, or fields, of a setting; empty where nothing was."""
    read = _READ.get(name)
    if read is not None:
        return read(posted, path)
    text = str(posted.get(path, "")).strip()
    if name in NUMBERS:
        return int(text) if text.removeprefix("-").isdecimal() else text
    if name in FRACTIONS:
        return _fraction(text)
    return text


def _fraction(text: str) -> Any:
    try:
        return float(text.replace(",", ".")) if text else ""
    except ValueError:
        return text


# --- fields of their own ----------------------------------------------------------------------------------------------


def _chosen(label: str, of: str) -> "Made":
    def made(path: str, value: Any, choices: Choices, error: str) -> list[Slot]:
        options = getattr(choices, of)
        known = {name for name, _label in options}
        more = [(str(value), str(value))] if value and value not in known else []
        return [Slot(path, LABELS[label], value or "", "choice", [*options, *more], error)]

    return made


def _fixed(label: str, options: Mapping[str, Promise | str]) -> "Made":
    def made(path: str, value: Any, choices: Choices, error: str) -> list[Slot]:
        del choices
        shown = {True: "yes", False: "no", None: ""}.get(value, value) if not isinstance(value, str) else value
        return [Slot(path, LABELS[label], shown, "choice", list(options.items()), error)]

    return made


def _weekdays(path: str, value: Any, choices: Choices, error: str) -> list[Slot]:
    del choices
    return [Slot(path, LABELS["weekdays"], list(value or ()), "several", list(WEEKDAYS.items()), error)]


def _ways(path: str, value: Any, choices: Choices, error: str) -> list[Slot]:
    ways = value if isinstance(value, list) else []
    found = []
    for place in range(max(len(ways) + 1, 2)):
        said = ways[place] if place < len(ways) and isinstance(ways[place], Mapping) else {}
        told = error if place == 0 else ""
        found.append(Slot(f"{path}[{place}].share", LABELS["share"], said.get("share", ""), "line", (), told))
        found.append(Slot(f"{path}[{place}].to", LABELS["to"], said.get("to", ""), "choice", choices.targets))
    return found


def condition(path: str, value: Any, choices: Choices, error: str = "") -> list[Slot]:
    """A condition: something happened or did not, somebody is in a segment or not, or what a file says."""
    way, what, own = split_condition(value)
    ways: Options = [
        ("happened", _("has happened since they entered")),
        ("not happened", _("has not happened since they entered")),
        ("in", _("they are in the segment")),
        ("not in", _("they are not in the segment")),
        ("own", _("a condition of its own, written as a file has it")),
    ]
    return [
        Slot(f"{path}.way", LABELS["if"], way, "choice", ways, error),
        Slot(
            f"{path}.word",
            _("What has, or has not, happened"),
            what if "happened" in way else "",
            "choice",
            choices.words,
        ),
        Slot(
            f"{path}.segment", _("Which segment"), what if way in ("in", "not in") else "", "choice", choices.segments
        ),
        Slot(f"{path}.own", _("The condition, as a file has it"), own, "json"),
    ]


def split_condition(value: Any) -> tuple[str, str, str]:
    """The way of a condition, what it is about, and the whole as text where it is none of the plain ways."""
    said, no = (value, "") if not _is(value, "not") else (value["not"], "not ")
    if _is(said, "happened"):
        return f"{no}happened", str(said["happened"]), ""
    rule = said.get("rule") if isinstance(said, Mapping) else None
    if isinstance(rule, Mapping) and set(rule) == {"segment", "op"}:
        inside = (rule["op"] == "in") != bool(no)
        return ("in" if inside else "not in"), str(rule["segment"]), ""
    return "own" if value else "happened", "", json.dumps(value, ensure_ascii=False) if value else ""


def typed_condition(posted: Mapping[str, Any], path: str) -> Any:
    """The condition that was chosen; empty where none was."""
    way, word = str(posted.get(f"{path}.way", "")), str(posted.get(f"{path}.word", "")).strip()
    if way == "own":
        return as_data(str(posted.get(f"{path}.own", "")))
    if way in ("in", "not in"):
        segment = str(posted.get(f"{path}.segment", ""))
        return {"rule": {"segment": int(segment), "op": way}} if segment.isdecimal() else ""
    if not word:
        return ""
    return {"happened": word} if way == "happened" else {"not": {"happened": word}}


def as_data(text: str) -> Any:
    """JSON as data; text that is none stays text, and is refused where it is read."""
    try:
        return json.loads(text) if text.strip() else ""
    except ValueError:
        return text


def _is(value: Any, name: str) -> bool:
    return isinstance(value, Mapping) and set(value) == {name}


def _typed_ways(posted: Mapping[str, Any], path: str) -> list[Data]:
    found, place = [], 0
    while f"{path}[{place}].to" in posted:
        share, to = str(posted.get(f"{path}[{place}].share", "")).strip(), str(posted[f"{path}[{place}].to"])
        if share or to:
            found.append({"share": int(share) if share.isdecimal() else share, "to": to})
        place += 1
    return found


def _typed_days(posted: Mapping[str, Any], path: str) -> list[str]:
    several = posted.getlist(path) if hasattr(posted, "getlist") else posted.get(path, [])
    return [str(each) for each in several]


Made = Callable[[str, Any, Choices, str], list[Slot]]
_OWN: Mapping[str, Made] = {
    "if": condition,
    "mail": _chosen("mail", "mails"),
    "pool": _chosen("pool", "pools"),
    "past_due": _fixed("past_due", LATE),
    "every": _fixed("every", EVERY),
    "quiet": _fixed("quiet", EITHER),
    "weekdays": _weekdays,
    "ways": _ways,
}
_READ: Mapping[str, Any] = {
    "if": typed_condition,
    "weekdays": _typed_days,
    "ways": _typed_ways,
    "quiet": lambda posted, path: {"yes": True, "no": False}.get(str(posted.get(path, "")), ""),
}
