"""Histories as a likelihood wants them: every function of one column computed once a level, not once a customer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.intp]

BLOCK = 1 << 15


def weighed(weight: Array, rows: Array) -> float:
    """Sum of weight · rows, both (rows,). In one thread: NumPy's @ keeps all cores spinning for a sum this quick."""
    return float(np.einsum("i,i", weight, rows))


def blocks(size: int, rows: int = BLOCK) -> Iterator[slice]:
    """0 … size in slices of at most `rows`: what is needed on the way stays in the processor's own memory."""
    return (slice(start, min(start + rows, size)) for start in range(0, size, rows))


def in_blocks(
    function: Callable[..., NDArray[Any]], *columns: NDArray[Any], out: NDArray[Any] | None = None, rows: int = BLOCK
) -> NDArray[Any]:
    """`function` of columns, some rows at a time, into `out` (one of the columns will do) or a new array of floats."""
    found = np.empty(len(columns[0])) if out is None else out
    for part in blocks(len(found), rows):
        found[part] = function(*(column[part] for column in columns))
    return found


def factorised(values: Array) -> tuple[Array, Codes]:
    """Distinct values in order, and for each row the number of its own: `np.unique` by hashing, in half the time."""
    encoded = pa.array(values).dictionary_encode()
    found = encoded.dictionary.to_numpy()
    order = np.argsort(found)
    place = np.empty(len(order), dtype=np.intp)
    place[order] = np.arange(len(order))
    return found[order], place[encoded.indices.to_numpy()]


@dataclass(frozen=True)
class Column:
    """Values by level and code: row i holds `levels[codes[i]]`; without codes each row is its own level."""

    levels: Array
    codes: Codes | None = None

    @classmethod
    def of(cls, values: Array, *, factorise: bool = True) -> "Column":
        if not factorise:
            return cls(values)
        return cls(*factorised(values))

    def part(self, rows: slice) -> "Column":
        return Column(self.levels[rows]) if self.codes is None else Column(self.levels, self.codes[rows])

    @property
    def rows(self) -> Array:
        return self.map(lambda levels: levels)

    def map(self, function: Callable[[Array], Array]) -> Array:
        """`function` of the column, by row, computed on the levels. Shape (rows,)."""
        return self.expand(function(self.levels))

    def expand(self, by_level: Array) -> Array:
        return by_level if self.codes is None else np.take(by_level, self.codes)


@dataclass(frozen=True)
class Pair:
    """Two columns taken together, for functions of repeat orders and one date."""

    x: Array
    t: Array
    codes: Codes | None = None

    def expand(self, by_level: Array) -> Array:
        return by_level if self.codes is None else np.take(by_level, self.codes)


@dataclass(frozen=True)
class Sample:
    """Distinct histories: repeat orders `x`, time of the last `t_x` and age `T` (units), each with a `weight` (rows,).

    With covariates (`z`, rows by covariates) parameters differ by row, so columns are left unfactorised.
    """

    x: Column
    t_x: Column
    T: Column
    weight: Array
    z: Array | None = None

    @classmethod
    def of(cls, x: Array, t_x: Array, T: Array, weight: Array, z: Array | None = None) -> "Sample":
        columns = [Column.of(np.asarray(column, float), factorise=z is None) for column in (x, t_x, T)]
        return cls(columns[0], columns[1], columns[2], np.asarray(weight, float), z)

    def __len__(self) -> int:
        return len(self.weight)

    @property
    def customers(self) -> float:
        return float(self.weight.sum())

    @property
    def repeaters(self) -> float:
        return weighed(self.weight, self.x.map(lambda x: (x > 0).astype(float)))

    def pair(self, t: Column) -> Pair:
        """Distinct combinations of repeat orders and `t` (one of this sample's columns)."""
        if self.x.codes is None or t.codes is None:
            return Pair(self.x.rows, t.rows)
        width = len(t.levels)
        keys, codes = np.unique(self.x.codes * width + t.codes, return_inverse=True)
        return Pair(self.x.levels[keys // width], t.levels[keys % width], codes)

    def blocks(self, rows: int) -> "Iterator[Sample]":
        """The same histories, at most `rows` at a time."""
        for start in range(0, len(self), rows):
            some = slice(start, start + rows)
            x, t_x, T = (column.part(some) for column in (self.x, self.t_x, self.T))
            yield Sample(x, t_x, T, self.weight[some], None if self.z is None else self.z[some])

    def part(self, rows: int) -> "Sample":
        """About `rows` of the distinct histories, evenly spread, weighted up to the same number of customers."""
        chosen = np.linspace(0, len(self) - 1, rows).astype(np.intp)
        weight = self.weight[chosen] * (self.customers / self.weight[chosen].sum())
        x, t_x, T = (column.rows[chosen] for column in (self.x, self.t_x, self.T))
        return Sample.of(x, t_x, T, weight, None if self.z is None else self.z[chosen])
