"""Part people by chance: by a draw that is the same for a customer each time, and differs from split to split."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.utils.translation import gettext as _

from stammkunde.server.journeys.definitions import values
from stammkunde.server.journeys.definitions.language import Data
from stammkunde.server.journeys.running.draws import PRIME, drawn_sql, seed
from stammkunde.server.journeys.running.lots import Lot
from stammkunde.server.journeys.steps.base import Step, begun, kind
from stammkunde.server.segments.rules.compiling import Sql

WHOLE = 100  # per cent


@dataclass(frozen=True)
class Way:
    """So many per cent go there."""

    share: int
    to: str


@kind
@dataclass(frozen=True)
class Split(Step):
    """Everybody goes one of the ways."""

    parts: tuple[Way, ...] = ()

    do: ClassVar[str] = "split"
    settings: ClassVar[tuple[str, ...]] = ("ways",)

    @property
    def ways(self) -> tuple[str, ...]:
        """The steps it names."""
        return tuple(each.to for each in self.parts)

    @property
    def falls_through(self) -> bool:
        """Never."""
        return False

    @classmethod
    def read(cls, data: Data, path: str) -> Self:
        """See `Step`."""
        where = values.place(path, "ways")
        given = values.items(data.get("ways"), where, most=10)
        parts = tuple(_way(each, values.place(where, number)) for number, each in enumerate(given))
        if sum(each.share for each in parts) != WHOLE:
            raise values.DefinitionError(where, _("The shares of a split are 100 together."))
        return cls(**begun(data, path), parts=parts)

    def written(self) -> dict[str, Any]:
        """See `Step`."""
        return {"ways": [{"share": each.share, "to": each.to} for each in self.parts]}

    def run(self, lot: Lot) -> None:
        """Everybody goes the way of their draw."""
        draw, share = drawn_sql("n.draw", seed("split", self.id)), 0
        for each in self.parts:
            share += each.share
            below = Sql(f"{draw} < {PRIME * share // WHOLE}") if share < WHOLE else None
            lot.put(f"to {each.to}", to=each.to, where=below)


def _way(value: Any, path: str) -> Way:
    data = values.mapping(value, path)
    values.only(data, ("share", "to"), path)
    return Way(values.whole(data, "share", path, low=1, high=WHOLE), values.key(data, "to", path, of=values.ID))
