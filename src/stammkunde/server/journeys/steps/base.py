"""What a kind of step answers: how it is read and written, and where it leads."""

from collections.abc import Mapping
from typing import ClassVar, Self, TypeVar

from django.utils.translation import gettext as _

from stammkunde.server.journeys.definitions import language, values
from stammkunde.server.journeys.definitions.language import Data
from stammkunde.server.journeys.running.lots import Lot
from stammkunde.server.lib.folders import import_all


class Step(language.Step):
    """One kind of step: derive a frozen dataclass of it with the word `do`, and put it under `kind`."""

    #: Names of its settings, in the order in which files have them.
    settings: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def read(cls, data: Data, path: str) -> Self:
        """The step of its data; `id` and `next` are there, and no setting is unknown."""
        raise NotImplementedError

    def run(self, lot: Lot) -> None:
        """Say of every row of the lot that is open where it goes (see `Lot.put`, `Lot.stay`, `Lot.end`)."""
        raise NotImplementedError


KINDS: dict[str, type[Step]] = {}


S = TypeVar("S", bound=Step)


def kind(cls: type[S]) -> type[S]:
    """Register a kind of step under its word."""
    KINDS[cls.do] = cls
    return cls


def kinds() -> Mapping[str, type[Step]]:
    """All kinds there are: those of this folder, and those that other rooms have registered."""
    import_all(__package__ or "")
    return KINDS


def begun(data: Data, path: str) -> dict[str, str]:
    """What every step has: its id, and where it leads if not to the one after it."""
    following = values.key(data, "next", path, of=values.ID) if "next" in data else ""
    return {"id": values.key(data, "id", path, of=values.ID), "next": following}


def ways(data: Data, path: str) -> tuple[str, str]:
    """Where it leads if something holds, and where else: at least one is named, the other may be what follows.

    Raises
    ------
    DefinitionError : neither is.
    """
    found = {name: values.key(data, name, path, of=values.ID) for name in ("then", "else") if name in data}
    if not found:
        raise values.DefinitionError(values.place(path, "then"), _("Name the step for those of whom it holds."))
    return found.get("then", ""), found.get("else", "")


def ways_written(yes: str, no: str) -> dict[str, str]:
    """The two as data again."""
    return {name: way for name, way in (("then", yes), ("else", no)) if way}
