"""A rule while somebody works on it: groups and conditions with what stands in their slots, right or not yet.

The form's fields are named by where they stand: `r` is the outermost group, `r-0` its first part, `r-0-op` a slot of
it. Buttons that change the shape are named `do`, with a verb and a place: "add r", "group r", "drop r-0".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from stammkunde.server.segments.forms import conditions as known
from stammkunde.server.segments.forms import typed as typing
from stammkunde.server.segments.forms.conditions import BEGINS
from stammkunde.server.segments.forms.slots import Slot, World
from stammkunde.server.segments.rules.language import Condition as Kept
from stammkunde.server.segments.rules.language import Group as KeptGroup
from stammkunde.server.segments.rules.language import Node

FIELD = re.compile(r"(r(?:-\d{1,3}){0,12})-([a-z][a-z_0-9]*)")
GROUPS = ("all", "any", "none")
DEEPEST, MOST = 5, 60  # what an editor can show; rules from files may be larger


@dataclass(frozen=True)
class Shown:
    """A slot as the page shows it: with its id, and what is wrong in it."""

    slot: Slot
    id: str
    error: str
    drops: str


@dataclass
class Condition:
    """A condition: what it is about, what stands in its slots, and what is wrong there."""

    about: str = BEGINS
    typed: dict[str, list[str]] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)
    path: str = ""
    place: str = ""
    focus: bool = False
    slots: "list[Shown]" = field(default_factory=list)

    is_group = False

    def show(self, world: World) -> None:
        """Make its places to fill in ready for the page."""
        self.slots = [
            Shown(slot, f"{self.path}-{slot.name}", self.wrong.get(slot.name, ""), self._drops(slot))
            for slot in known.family(self.about).slots(self.about, self.typed, world)
        ]

    @property
    def narrowed(self) -> bool:
        """Whether something stands in the slots that are folded away otherwise."""
        return any(shown.slot.more and shown.slot.value for shown in self.slots)

    @property
    def narrows(self) -> bool:
        """Whether it has such slots."""
        return any(shown.slot.more for shown in self.slots)

    def _drops(self, slot: Slot) -> str:
        return "" if slot.drops is None else f"forget {self.path} {slot.drops}"

    @property
    def told(self) -> str:
        """What is wrong with it, in one line."""
        return " ".join(dict.fromkeys(self.wrong.values()))

    def data(self) -> dict[str, Any]:
        """It as data, with words in `wrong` where something cannot be read."""
        self.wrong.clear()
        return known.family(self.about).data(self.about, self.typed, self.wrong)


@dataclass
class Group:
    """A group: which of its parts have to hold, and the parts."""

    kind: str = "all"
    parts: "list[Part]" = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)
    path: str = "r"
    place: str = ""
    focus: bool = False

    is_group = True

    @property
    def depth(self) -> int:
        """How deep it lies: 0 for the outermost."""
        return self.path.count("-")

    @property
    def may_hold_groups(self) -> bool:
        """Whether a group in it could still be shown."""
        return self.depth + 1 < DEEPEST

    @property
    def told(self) -> str:
        """What is wrong with it, in one line."""
        return " ".join(dict.fromkeys(self.wrong.values()))

    def show(self, world: World) -> None:
        """Make all its parts ready for the page."""
        for part in self.parts:
            part.show(world)

    def data(self) -> dict[str, Any]:
        """It and all its parts as data."""
        self.wrong.clear()
        if not self.parts:
            self.wrong["parts"] = _("A group needs a condition: add one.")
        return {self.kind: [part.data() for part in self.parts]}


Part = Condition | Group


def begun() -> Group:
    """A rule to begin with: one condition."""
    return numbered(Group(parts=[first()]))


def first() -> Condition:
    """A condition to begin with: whoever has ordered."""
    return Condition(BEGINS, {"op": [">="], "value": ["1"]})


def of(node: Node) -> Group:
    """A rule that is kept, as a draft; a lone condition gets a group around it."""
    part = _part(node)
    return numbered(part if isinstance(part, Group) else Group(parts=[part]))


def _part(node: Node) -> Part:
    if isinstance(node, KeptGroup):
        return Group(node.kind, [_part(each) for each in node.parts])
    kept: Kept = node
    about, typed = known.filled(kept)
    return Condition(about, typed)


def typed(fields: Mapping[str, Sequence[str]]) -> Group:
    """What somebody typed, from the fields of a form; what is no field of a rule is passed over."""
    found: dict[str, dict[str, list[str]]] = {"r": {}}
    for name, values in fields.items():
        if match := FIELD.fullmatch(name):
            found.setdefault(match[1], {})[match[2]] = list(values)
    return numbered(_group("r", found))


def _group(path: str, found: Mapping[str, Mapping[str, list[str]]]) -> Group:
    kind = (found[path].get("kind") or ["all"])[0]
    inside = re.compile(rf"{re.escape(path)}-(\d+)")
    below = sorted((int(match[1]), each) for each in found if (match := inside.fullmatch(each)))
    parts = [_typed_part(each, found) for _at, each in below[:MOST]]
    return Group(kind if kind in GROUPS else "all", parts)


def _typed_part(path: str, found: Mapping[str, Mapping[str, list[str]]]) -> Part:
    fields = dict(found[path])
    if "kind" in fields:
        return _group(path, found)
    about = (fields.pop("about", None) or [BEGINS])[0]
    if fields.pop("was", [about]) != [about]:
        fields = {}  # what was typed answered another question
    return Condition(about if known.known(about) else BEGINS, fields)


def numbered(group: Group, path: str = "r", place: str = "") -> Group:
    """The group with every part told where it stands: `path` for fields, `place` as the language says it."""
    group.path, group.place = path, place
    for number, part in enumerate(group.parts):
        there = f"{place}.{group.kind}[{number}]".lstrip(".")
        if isinstance(part, Group):
            numbered(part, f"{path}-{number}", there)
        else:
            part.path, part.place = f"{path}-{number}", there
    return group


def every(group: Group) -> Iterator[Part]:
    """The group and all its parts, from the outermost on."""
    yield group
    for part in group.parts:
        if isinstance(part, Group):
            yield from every(part)
        else:
            yield part


def wait(group: Group) -> None:
    """Say nothing yet about slots in which nothing stands: somebody is still typing."""
    for part in every(group):
        part.wrong = {name: said for name, said in part.wrong.items() if said not in (typing.missing(), typing.none())}


def blame(group: Group, place: str, said: str) -> None:
    """Put a word about a place of the rule, as the language names it, where that is shown."""
    held = [part for part in every(group) if part.place and place.startswith(part.place)]
    max(held, key=lambda part: len(part.place), default=group).wrong["rule"] = said


def change(group: Group, asked: str) -> Group:
    """The rule with a part added or taken away, as a button asked; the focus goes where the change was."""
    verb, _blank, rest = asked.partition(" ")
    path, _blank, number = rest.partition(" ")
    found = {part.path: part for part in every(group)}
    part = found.get(path)
    if isinstance(part, Group) and verb in ("add", "group"):
        _add(group, part, verb)
    elif verb == "drop" and part is not None and isinstance(parent := found.get(path.rpartition("-")[0]), Group):
        parent.parts = [each for each in parent.parts if each is not part]
        parent.focus = True
    elif isinstance(part, Condition) and verb in ("property", "forget"):
        _properties(part, verb, number)
    return numbered(group)


def _add(whole: Group, group: Group, verb: str) -> None:
    if len(list(every(whole))) >= MOST:
        whole.wrong["parts"] = _("A rule in the editor has at most %(most)s parts.") % {"most": MOST}
        return
    added = first()
    added.focus = True
    if verb == "add":
        group.parts.append(added)
    elif group.may_hold_groups:
        group.parts.append(Group("any", [added]))


def _properties(condition: Condition, verb: str, number: str) -> None:
    """One more property of an event, or one less: their slots are numbered."""
    held = sorted(int(name.rpartition("_")[2]) for name in condition.typed if re.fullmatch(r"property_\d+", name))
    if verb == "property":
        condition.typed[f"property_{held[-1] + 1 if held else 0}"] = [""]
    else:
        for name in [each for each in condition.typed if each.endswith(f"_{number}")]:
            del condition.typed[name]
    condition.focus = True
