"""What is known of customers from the start, as numbers that move a model's parameters.

A column of text becomes one indicator a level, with the most frequent level as the base; a column of numbers is
standardised. A covariate then multiplies parameters by exp(± γ'z), one γ for each parameter it moves: in the BG/NBD
alpha by exp(-γ1'z), a by exp(γ2'z) and b by exp(γ3'z), in the Pareto/NBD alpha and beta by exp(-γ'z), in the
Gamma-Gamma the scale v, and with it the mean order, by exp(γ'z). So someone at every base with mean numbers has the
model's own parameters.

Fader, Hardie (2007), Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from stammkunde.errors import InputError
from stammkunde.facts import History
from stammkunde.notices import Notice

Array = NDArray[np.float64]

RARE = 20  # customers from which a level speaks for itself
MOST = 20  # levels of one column that do
FARTHEST = 4.0  # standard deviations; beyond, a number says no more than there
NONE = "(none)"
POOLED = "(rare)"
#: Columns of a history that name customers, or tell what they did later.
OWN = ("customer_id", "last_order", "orders", "frequency", "recency", "age", "value", "historic_value", "revenue")


@dataclass(frozen=True)
class Levels:
    """A column of text: levels with an indicator each, the `base` that has none, and the `rare` that share one.

    `mean` is the share of customers with each indicator.
    """

    column: str
    base: str
    levels: tuple[str, ...]
    rare: tuple[str, ...]
    mean: tuple[float, ...]

    @classmethod
    def learn(cls, column: str, values: pa.ChunkedArray) -> "Levels | Notice":
        """Levels from the values (customers,), or why there are none worth telling apart."""
        counted = sorted(_text(values).value_counts().to_pylist(), key=lambda row: (-row["counts"], row["values"]))
        own = [row["values"] for row in counted if row["counts"] >= RARE][:MOST]
        if not own or len(counted) < 2:
            if own:
                return Notice("covariate_same", column=column)
            return Notice("covariate_rare", column=column, customers=RARE)
        rare = [row for row in counted if row["values"] not in own]
        size = [row["counts"] for row in counted if row["values"] in own[1:]]
        size += [sum(row["counts"] for row in rare)] if rare else []
        mean = tuple(customers / len(values) for customers in size)
        return cls(column, own[0], tuple(own[1:]), tuple(row["values"] for row in rare), mean)

    @property
    def names(self) -> tuple[str, ...]:
        shown = (*self.levels, POOLED) if self.rare else self.levels
        return tuple(f"{self.column}={level}" for level in shown)

    def encode(self, values: pa.ChunkedArray) -> Array:
        """Indicators, shape (customers, names); a level never seen before counts as the base, with a warning."""
        known = pa.array([self.base, *self.levels, *self.rare], pa.string())
        text = _text(values)
        code = pc.index_in(text, known)
        if code.null_count:
            example = text.filter(pc.is_null(code))[0].as_py()
            warnings.warn(
                f"{code.null_count:,} customers have a {self.column} that the model never saw, such as {example!r}: "
                f"they count as {self.base!r}.",
                stacklevel=6,  # who asked the model
            )
        place = np.minimum(pc.fill_null(code, 0).to_numpy(), len(self.levels) + 1)
        return np.asarray(place[:, None] == np.arange(1, len(self.names) + 1), dtype=np.float64)

    def to_dict(self) -> dict[str, Any]:
        return {name: list(v) if isinstance(v, tuple) else v for name, v in vars(self).items()}


@dataclass(frozen=True)
class Number:
    """A column of numbers: z = (number - centre) / spread, at most 4 either way; a missing number counts as centre."""

    column: str
    centre: float
    spread: float
    mean: ClassVar[tuple[float, ...]] = (0.0,)

    @classmethod
    def learn(cls, column: str, values: pa.ChunkedArray) -> "Number | Notice":
        """Mean and standard deviation of the values (customers,), or why they say nothing."""
        numbers = _numbers(values)
        known = numbers[np.isfinite(numbers)]
        spread = float(known.std()) if len(known) else 0.0
        if not spread > 1e-9 * max(float(np.abs(known).max(initial=0.0)), 1e-300):
            return Notice("covariate_same", column=column)
        return cls(column, float(known.mean()), spread)

    @property
    def names(self) -> tuple[str, ...]:
        return (self.column,)

    def encode(self, values: pa.ChunkedArray) -> Array:
        """Standardised numbers, shape (customers, 1)."""
        z = (_numbers(values) - self.centre) / self.spread
        return np.asarray(np.clip(np.where(np.isfinite(z), z, 0.0), -FARTHEST, FARTHEST))[:, None]

    def to_dict(self) -> dict[str, Any]:
        return {"column": self.column, "centre": self.centre, "spread": self.spread}


@dataclass(frozen=True)
class Covariates:
    """How columns of a history become covariates: learnt on one history, used on all.

    `notes` says what was left out, and why.
    """

    columns: tuple[Levels | Number, ...]
    notes: tuple[Notice, ...] = field(default=(), compare=False)

    @classmethod
    def learn(cls, table: pa.Table, columns: Sequence[str]) -> "Covariates":
        """Levels, means and deviations of these columns of `History.table`.

        Levels with fewer than 20 customers, and those beyond the 20 most frequent, are pooled. A column that tells no
        customers apart is left out, with a note.

        Raises
        ------
        InputError : a column is not there, is neither text nor number, or tells what customers did later.
        """
        found = [_learn(name, table) for name in dict.fromkeys(columns)]
        notes = tuple(note for note in found if isinstance(note, Notice))
        return cls(tuple(column for column in found if not isinstance(column, Notice)), notes)

    @property
    def names(self) -> tuple[str, ...]:
        """One name a covariate: `first_value`, or `first_channel=web` for an indicator."""
        return tuple(name for column in self.columns for name in column.names)

    def encode(self, table: pa.Table) -> Array:
        """Covariates of customers, shape (customers, names).

        Raises
        ------
        InputError : a column is not there.
        """
        z = [column.encode(_column(column.column, table)) for column in self.columns]
        return np.hstack(z) if z else np.zeros((table.num_rows, 0))

    def one(self, known: Mapping[str, Any]) -> Array:
        """Covariates of one customer of whom this is known, shape (names,); what is not, is at the customers' mean.

        Raises
        ------
        InputError : the model knows no such covariate.
        """
        mine = {column.column: column for column in self.columns}
        if unknown := [name for name in known if name not in mine]:
            raise InputError(
                f"The model knows no covariate {unknown[0]!r}.", advice=f"It knows {', '.join(mine) or 'none'}."
            )
        parts = [
            column.encode(pa.chunked_array([pa.array([known[name]])])).ravel()
            if name in known
            else np.array(column.mean)
            for name, column in mine.items()
        ]
        return np.concatenate([np.zeros(0), *parts])

    def to_list(self) -> list[dict[str, Any]]:
        """Everything needed to bring it back, as plain JSON values."""
        return [column.to_dict() for column in self.columns]

    @classmethod
    def from_list(cls, saved: Sequence[Mapping[str, Any]]) -> "Covariates":
        """The covariates that `to_list` saved."""
        return cls(tuple(_loaded(column) for column in saved))


@dataclass(frozen=True)
class Effect:
    """By exp(`shift`), `error` its standard error, one indicator or one standard deviation multiplies a parameter."""

    parameter: str
    covariate: str
    shift: float
    error: float


def columns_of(covariates: Covariates | None, history: History) -> dict[str, Array]:
    """Covariates of a history's customers by name, (customers,) each; empty for none."""
    if covariates is None:
        return {}
    return dict(zip(covariates.names, covariates.encode(history.table).T, strict=True))


def merged(*columns: Array) -> tuple[list[Array], Array]:
    """Distinct rows of several columns, and how often each is there. Shapes (distinct,)."""
    order = np.lexsort(columns[::-1])
    new = np.ones(len(order), dtype=bool)
    new[1:] = np.logical_or.reduce([column[order[1:]] != column[order[:-1]] for column in columns])
    starts = np.flatnonzero(new)
    return [column[order[starts]] for column in columns], np.diff(np.append(starts, len(order))).astype(np.float64)


def _learn(name: str, table: pa.Table) -> Levels | Number | Notice:
    if name in OWN:
        raise InputError(
            f"{name} cannot be a covariate: it names customers, or tells what they did after their first order.",
            advice="Take what was known from the start, such as first_channel, first_country or first_value.",
        )
    values = _column(name, table)
    kind = values.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return Number.learn(name, values)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_boolean(kind) or _coded(kind):
        return Levels.learn(name, values)
    raise InputError(f"{name} is neither text nor number, but {kind}.", advice="Convert the column first.")


def _loaded(saved: Mapping[str, Any]) -> Levels | Number:
    plain: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in saved.items()}
    return Number(**plain) if "centre" in plain else Levels(**plain)


def _column(name: str, table: pa.Table) -> pa.ChunkedArray:
    if name not in table.column_names:
        there = [column for column in table.column_names if column not in OWN]
        raise InputError(
            f"This history has no column {name!r}.",
            advice=f"It has {', '.join(there)}. For channel, country or product of the first order: "
            'summarize(orders, covariates=["channel"]).',
        )
    return table[name]


def _coded(kind: pa.DataType) -> bool:
    return bool(pa.types.is_dictionary(kind) and pa.types.is_string(kind.value_type))


def _text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(values.cast(pa.string()), NONE)


def _numbers(values: pa.ChunkedArray) -> Array:
    return np.asarray(values.cast(pa.float64()).to_numpy())
