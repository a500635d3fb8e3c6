"""The whole distribution of what a customer will order and spend, not only its mean.

Three things are uncertain: whether the customer still is one, how many orders come and what each is worth
(individual uncertainty), and the parameters (`draws` of them from their sampling distribution). Nothing is sampled
customer by customer. Given that a customer is alive, the number of orders depends on (x, T) alone, and the sum of n
orders over the customer's expected order value depends on n and x alone: n Gamma(p, ν) orders with
ν ~ Gamma(q', v') sum to v' times a beta-prime(p n, q') variable. So one table per distinct past serves a million
customers, each of whom adds P(alive) and an expected order value of her own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from stammkunde.clv.gamma_gamma import GammaGamma
from stammkunde.clv.sample import factorised, in_blocks
from stammkunde.clv.sums import LOW, POINTS, RATIO, STEP, Sums
from stammkunde.clv.transactions import TransactionModel

Array = NDArray[np.float64]
Codes = NDArray[np.intp]

STEPS = 20.0  # of the pace, in logarithms: rounding moves P(alive) by 2.5 % at most
MOST_ORDERS = 8192


@dataclass(frozen=True)
class Voice:
    """One model of a blend: it speaks with `weight`, its pace of ordering multiplied by `rate`."""

    model: TransactionModel
    weight: float = 1.0
    rate: float = 1.0

    def draws(self, count: int, rng: np.random.Generator) -> "list[Voice]":
        return [Voice(model, self.weight, self.rate) for model in self.model.draws(count, rng)]

    def phases(self) -> "list[Voice]":
        """A voice for each phase of the model: in each, what comes next depends on x and T alone."""
        return [Voice(part, self.weight, self.rate) for part in self.model.phases()]


@dataclass(frozen=True)
class Past:
    """Customers as the predictive distribution needs them, (rows,) each, and the distinct pasts they share.

    `lift` multiplies P(alive), `worth` the expected order value; distinct are x, T and the factor on the pace. In
    models with covariates these customers are the rows `own`, and each distinct past is that of the row `like`.
    """

    x: Array
    t_x: Array
    T: Array
    value: Array
    lift: Array
    worth: Array
    levels: tuple[Array, Array, Array]
    codes: Codes
    own: Codes | None = None
    like: Codes | None = None

    @classmethod
    def of(
        cls,
        x: Array,
        t_x: Array,
        T: Array,
        value: Array,
        *,
        factor: Array | None = None,
        alive: Array | None = None,
        worth: Array | None = None,
        z: Array | None = None,
    ) -> "Past":
        """`factor` is what else is known of a customer's expected orders. Half of it (in logarithms) is taken for a
        faster pace, in small steps, the rest for a better chance to be a customer still, as far as `alive` has
        room for it. What lowers the forecast of those who are surely customers lowers their pace alone.
        Customers with other covariates `z` (rows, covariates) have another past."""
        one = np.broadcast_to(1.0, len(x))
        lift = pace = one
        if factor is not None and alive is not None:
            slower = factor ** np.maximum(alive, 0.5)
            faster = np.where(factor < 1.0, slower, np.maximum(np.sqrt(factor), factor * alive))
            pace = np.exp(np.round(STEPS * np.log(np.clip(faster, 1e-2, 1e2))) / STEPS)
            lift = factor / pace
        worth = one if worth is None else worth
        apart = () if z is None else (np.unique(z, axis=0, return_inverse=True)[1].astype(np.float64),)
        (level_x, level_T, *others), codes = distinct(x, T, *(() if pace is one else (pace,)), *apart)
        level_pace = np.ones(len(level_x)) if pace is one else others[0]
        past = cls(x, t_x, T, value, lift, worth, (level_x, level_T, level_pace), codes)
        if z is None:
            return past
        own, like = np.arange(len(x)), np.zeros(len(level_x), dtype=np.intp)
        like[codes] = own
        return replace(past, own=own, like=like)

    def rows(self, part: slice) -> "Past":
        x, t_x, T, value = (column[part] for column in (self.x, self.t_x, self.T, self.value))
        own = None if self.own is None else self.own[part]
        return Past(x, t_x, T, value, self.lift[part], self.worth[part], self.levels, self.codes[part], own, self.like)

    def alive(self, model: TransactionModel) -> Array:
        """P(alive), lifted."""
        own = (self.x, self.t_x, self.T)
        alive = in_blocks(model.p_alive, *own) if self.own is None else model.take(self.own).p_alive(*own)
        alive *= self.lift
        return np.minimum(alive, 1.0, out=alive)

    def order_value(self, spend: GammaGamma) -> Array:
        """Expected value of an order."""
        own = (self.x, self.value)
        value = in_blocks(spend.expected_value, *own) if self.own is None else spend.take(self.own).expected_value(*own)
        value *= self.worth
        return value

    def shared(self, model: TransactionModel) -> TransactionModel:
        """The model of the distinct pasts."""
        return model if self.like is None else model.take(self.like)


def distinct(*columns: Array) -> tuple[list[Array], Codes]:
    """Distinct rows of several columns, and for each row the number of its own. Shapes (levels,) each and (rows,)."""
    levels, key = factorised(columns[0])
    parts, size = [levels], len(levels)
    for column in columns[1:]:
        levels, codes = factorised(column)
        key *= len(levels)
        key += codes
        size *= len(levels)
        parts.append(levels)
    found, codes = _numbered(key, size)
    unpacked = []
    for levels in reversed(parts):
        found, index = np.divmod(found, len(levels))
        unpacked.append(levels[index])
    return unpacked[::-1], codes


def _numbered(key: Codes, size: int) -> tuple[Codes, Codes]:
    """Distinct keys below `size` in order, and for each row the number of its own, written over the key."""
    if size > 4 * len(key) + 1_000_000:
        return np.unique(key, return_inverse=True)
    there = np.bincount(key, minlength=size) > 0
    return np.flatnonzero(there), in_blocks((np.cumsum(there) - 1).take, key, out=key)


@dataclass(frozen=True)
class _Table:
    """One voice with one draw of parameters: by distinct past, given alive."""

    voice: Voice
    spend: GammaGamma
    survival: NDArray[np.float32]  # P(value > expected order · exp(RATIO)), (levels, POINTS)


@dataclass(frozen=True)
class _Pair:
    """A draw of parameters and its opposite, each of timing with each of spend: four that go together."""

    timings: list[list[Voice]]
    spends: list[GammaGamma]


class Predictive:
    """Distribution of future orders and future value of every customer within `t` units.

    Parameters
    ----------
    voices : the blend; weights sum to one.
    spend : value per order.
    past : the customers.
    t : length of the future, in units of time.
    draws : how many parameter draws, a multiple of four, stand for parameter uncertainty; 0 takes the estimates for
        true. 16 are enough for four parameters of timing and three of spend, see `Estimate.shifts`.
    """

    def __init__(
        self, voices: Sequence[Voice], spend: GammaGamma, past: Past, t: float, *, draws: int = 16, seed: int = 1
    ) -> None:
        self.voices, self.spend, self.past, self.t = list(voices), spend, past, t
        rng, many = np.random.default_rng(seed), 2 * max(draws // 4, 1) if draws else 1
        spends = spend.draws(many, rng) if draws else [spend]
        sets = list(zip(*(v.draws(many, rng) if draws else [v] for v in self.voices), strict=True))
        self._pairs = [  # a draw of each and their opposites: so errors of timing and of spend are uncorrelated
            _Pair([[part for voice in sets[i] for part in voice.phases()] for i in pair], [spends[i] for i in pair])
            for pair in (range(first, many, (many + 1) // 2) for first in range((many + 1) // 2))
        ]
        self.draws = sum(len(pair.timings) * len(pair.spends) for pair in self._pairs)

    @cached_property
    def tables(self) -> list[list[_Table]]:
        """Of each draw the tables of all voices; costs most of what quantiles cost, and nothing else needs them."""
        found: list[list[_Table]] = []
        for pair in self._pairs:
            sums = [Sums(spend) for spend in pair.spends]
            for parts in pair.timings:
                counted = [list(counts(part, self.past, self.t)) for part in parts]
                found += [[self._table(*told, s) for told in zip(parts, counted, strict=True)] for s in sums]
        return found

    def _table(self, voice: Voice, counted: list[tuple[Codes, Array, Array]], sums: Sums) -> _Table:
        x_of, survival = self.past.levels[0], np.zeros((len(self.past.levels[0]), POINTS), dtype=np.float32)
        for rows, n, pmf in reversed(counted):  # those who may order most first: others need a part of their sums
            levels, starts = np.unique(x_of[rows], return_index=True)  # distinct pasts are in order of x
            ends = np.append(starts[1:], len(rows))
            for start, end, each in zip(starts, ends, sums.after(levels, n[1:]), strict=True):
                survival[rows[start:end]] = pmf[start:end, 1:] @ each
        return _Table(voice, sums.spend, survival)

    def survival(self, s: Array, rows: slice = slice(None)) -> Array:
        """P(future value > s) of each customer in `rows`, for s > 0 of shape (rows,)."""
        past = self.past.rows(rows)
        return self._survival(np.log(s), past, self._terms(past))

    def quantiles(self, levels: Sequence[float], *, chunk: int = 200_000) -> Array:
        """Quantiles of future value, shape (levels, customers); 0 where the customer rather buys nothing."""
        size = len(self.past.x)
        found = np.zeros((len(levels), size))
        for start in range(0, size, chunk):
            rows = slice(start, min(start + chunk, size))
            past = self.past.rows(rows)
            terms = self._terms(past)
            for i, level in enumerate(levels):
                found[i, rows] = self._quantile(1.0 - level, past, terms)
        return found

    def at(self, levels: Array) -> Array:
        """The quantile of each customer at a level of her own, shape (customers,)."""
        return self._quantile(1.0 - levels, self.past, self._terms(self.past))

    def variance(self) -> Array:
        """Variance of future value of each customer, parameters taken as drawn. Shape (customers,)."""
        past, t = self.past, self.t
        first, second = np.zeros(len(past.x)), np.zeros(len(past.x))
        for pair in self._pairs:
            worth = [(past.order_value(spend), Sums(spend)) for spend in pair.spends]
            for part in (part for parts in pair.timings for part in parts):
                counted = list(counts(part, past, t))
                share = part.weight / self.draws * past.alive(part.model)
                orders = share * if_alive(part, past, t)[past.codes]
                for order, sums in worth:
                    first += orders * order
                    second += share * self._second(counted, sums)[past.codes] * order**2
        return np.maximum(second - first**2, 0.0)

    def _second(self, counted: list[tuple[Codes, Array, Array]], sums: Sums) -> Array:
        """E[(value / expected order)²] of each distinct past, given alive, (levels,): moments of sums, then counts."""
        x_of, found, weights = self.past.levels[0], np.zeros(len(self.past.levels[0])), 2.0 * STEP * np.exp(2 * RATIO)
        for rows, n, pmf in reversed(counted):  # as in `_table`
            levels, starts = np.unique(x_of[rows], return_index=True)
            ends = np.append(starts[1:], len(rows))
            for start, end, each in zip(starts, ends, sums.after(levels, n[1:]), strict=True):
                found[rows[start:end]] = pmf[start:end, 1:] @ (each @ weights)
        return found

    def means(self) -> Iterator[Array]:
        """Expected value of each customer under each parameter draw, shape (customers,) each."""
        for pair in self._pairs:
            worth = [self.past.order_value(spend) for spend in pair.spends]
            for parts in pair.timings:
                orders = sum(expected(part, self.past, self.t) for part in parts)
                yield from (np.asarray(orders * order) for order in worth)

    def totals(self) -> Array:
        """Expected value of all customers together under each parameter draw, shape (draws,)."""
        return np.array([float(mean.sum()) for mean in self.means()])

    def order_cdf(self, n: Array) -> Array:
        """P(at most n orders) of each customer, shape (customers,); n = -1 gives 0."""
        past, more = self.past, np.zeros(len(n))
        for tables in self.tables:
            for table in tables:
                v = table.voice
                alive = past.alive(v.model)
                below = np.zeros(len(n))
                for rows, counted, pmf in counts(v, past, self.t):
                    place = np.full(len(past.levels[0]), -1)
                    place[rows] = np.arange(len(rows))
                    mine = np.flatnonzero(place[past.codes] >= 0)
                    upto = np.searchsorted(counted, n[mine], side="right") - 1
                    summed = np.cumsum(pmf, axis=1)[place[past.codes[mine]], np.maximum(upto, 0)]
                    below[mine] = np.where(upto >= 0, summed, 0.0)
                more += v.weight / self.draws * alive * (1.0 - below)
        return np.where(n >= 0, np.maximum(1.0 - more, 0.0), 0.0)

    def _terms(self, past: Past) -> list[tuple[_Table, Array, Array]]:
        """For each table: the probability that it speaks of a living customer, and ln of her expected order."""
        return [
            (
                table,
                table.voice.weight / self.draws * past.alive(table.voice.model),
                np.log(past.order_value(table.spend)),
            )
            for tables in self.tables
            for table in tables
        ]

    def _survival(self, log_s: Array, past: Past, terms: list[tuple[_Table, Array, Array]]) -> Array:
        total = np.zeros(len(log_s))
        for table, share, log_order in terms:
            place = np.clip((log_s - log_order - LOW) / STEP, 0.0, POINTS - 1.001)
            below = place.astype(np.intp)
            flat = past.codes * POINTS + below
            near, far = table.survival.ravel()[flat], table.survival.ravel()[flat + 1]
            total += share * (near + (place - below) * (far - near))
        return total

    def _quantile(self, tail: float | Array, past: Past, terms: list[tuple[_Table, Array, Array]]) -> Array:
        log_order = np.log(past.order_value(self.spend))
        low, high = np.zeros(len(past.x), dtype=np.intp), np.full(len(past.x), POINTS - 1)
        s_low, s_high = (self._survival(log_order + RATIO[j], past, terms) for j in (0, POINTS - 1))
        nothing = s_low <= tail
        while int((high - low).max()) > 1:
            middle = (low + high) // 2
            at = self._survival(log_order + RATIO[middle], past, terms)
            above = at > tail
            low, s_low = np.where(above, middle, low), np.where(above, at, s_low)
            high, s_high = np.where(above, high, middle), np.where(above, s_high, at)
        share = (s_low - tail) / np.maximum(s_low - s_high, 1e-12)
        return np.asarray(np.where(nothing, 0.0, np.exp(log_order + RATIO[low] + np.clip(share, 0, 1) * STEP)))


def if_alive(voice: Voice, past: Past, t: float) -> Array:
    """Expected orders within t of each distinct past, given alive. Shape (levels,)."""
    x, T, pace = past.levels
    return past.shared(voice.model).expected_if_alive(x, T, np.full_like(T, t), voice.rate * pace)


def expected(voice: Voice, past: Past, t: float) -> Array:
    """Expected orders within t that a voice contributes, its weight included. Shape (customers,)."""
    parts = (past.alive(v.model) * if_alive(v, past, t)[past.codes] for v in voice.phases())
    return np.asarray(voice.weight * sum(parts))


def counts(voice: Voice, past: Past, t: float) -> Iterator[tuple[Codes, Array, Array]]:
    """Probabilities of numbers of orders, given alive: blocks of (rows, numbers n, pmf (rows, numbers)).

    Each block counts as far as its rows need (all but 1e-7 of the probability); beyond 64 orders neighbouring numbers
    are put together at their middle, which moves no quantile by more than a hundredth of itself.
    """
    x, T, pace = past.levels
    model, rows, most = past.shared(voice.model), np.arange(len(x)), 16
    while len(rows):
        pmf = model.take(rows).pmf_if_alive(x[rows], T[rows], t, most, voice.rate * pace[rows])
        rest = np.maximum(1.0 - pmf.sum(axis=1), 0.0)
        done = (rest < 1e-7) | (most >= MOST_ORDERS)
        if done.any():
            pmf = pmf[done]
            pmf[:, -1] += rest[done]
            yield rows[done], *_thinned(pmf)
        rows, most = rows[~done], most * 2


def _thinned(pmf: Array) -> tuple[Array, Array]:
    n = np.arange(pmf.shape[1], dtype=np.float64)
    if len(n) <= 65:
        return n, pmf
    edges = np.unique(np.concatenate([np.arange(33), np.geomspace(33, len(n), 64).astype(int)]))[:-1]
    last = np.append(edges[1:], len(n)) - 1
    return (edges + last) / 2.0, np.add.reduceat(pmf, edges, axis=1)
