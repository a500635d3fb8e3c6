"""Customers by what their first order was, by channel and age, and by how much they are worth."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import connection
from numpy.typing import NDArray
from scipy import stats

from stammkunde.server.clv.computing.reading import first_purchases
from stammkunde.server.clv.computing.scoring import Scored
from stammkunde.server.shop.models import Customer

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

SAMPLE = 50_000  # customers whose predictive distributions stand for those of all, and whose first product is looked up
MOST = 12  # groups told apart; the rest is one
LEVEL = 0.80
MONTH = 365.25 / 12
AGES = 36
_CODED = pa.dictionary(pa.int32(), pa.string())
OWN = pa.schema([("id", pa.int64()), ("channel", _CODED), ("country", _CODED)])


def dimensions(found: Scored) -> dict[str, pa.Array]:
    """Acquisition channel and country of every customer; null where nobody knows."""
    own = _own(found.history.table["customer_id"].to_numpy())
    named = {"channel": "first_channel", "country": "first_country"}
    return {name: pa.compute.coalesce(own[name], found.history.table[first]) for name, first in named.items()}


def _own(ids: Codes) -> dict[str, pa.Array]:
    """What the customers' rows themselves say."""
    table, parts = Customer._meta.db_table, list[pa.Table]()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, channel, country FROM {table} WHERE channel <> '' OR country <> ''")
        while rows := cursor.fetchmany(50_000):  # a few words, a million times: kept as codes of a dictionary
            known, *texts = zip(*rows, strict=True)
            coded = [pa.array(each, pa.string()).dictionary_encode() for each in texts]
            parts.append(pa.table([pa.array(known, pa.int64()), *coded], names=OWN.names).cast(OWN))
    found = pa.concat_tables(parts).unify_dictionaries() if parts else OWN.empty_table()
    row = pa.compute.index_in(pa.array(ids), found["id"].combine_chunks())
    return {name: _null(found[name].take(row).cast(pa.string())) for name in OWN.names[1:]}


def _null(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Empty texts as null."""
    return pa.compute.if_else(pa.compute.equal(texts, ""), None, texts)


def sample(size: int) -> Codes:
    """Rows evenly spread over all of them."""
    return np.unique(np.linspace(0, size - 1, min(size, SAMPLE)).astype(np.int64))


def products(found: Scored, rows: Codes) -> pa.Array:
    """For these customers the title of the largest line of their first order; null where there is none."""
    entries = found.days.first_entry[first_purchases(found.days)][rows]
    named: dict[int, str] = {}
    with connection.cursor() as cursor:
        for start in range(0, len(entries), 5000):
            some = ", ".join(map(str, entries[start : start + 5000].tolist()))
            cursor.execute(
                "SELECT order_id, COALESCE(NULLIF(title, ''), sku) FROM shop_orderline"
                f" WHERE order_id IN ({some}) ORDER BY order_id, total, id DESC"
            )
            named.update(cursor.fetchall())  # of an order's lines the last one stays: the largest
    return pa.array([named.get(entry) or None for entry in entries.tolist()], pa.string())


class Spread:
    """How far predicted means of groups may be off: from customers themselves, from parameters, from the level."""

    def __init__(self, found: Scored, rows: Codes) -> None:
        assert found.model is not None  # noqa: S101  asked only where there is one
        history = found.history.select(rows)
        outlook = found.model.predictive(history, found.ahead, draws=16)
        self.level_error = found.model.level_error
        self.variance = outlook.variance()
        self.draws = list(outlook.means())

    def sd(self, member: NDArray[np.bool_], size: int, mean: float) -> float:
        """Standard deviation of the mean of a group of `size`, of which `member` tells those in the sample."""
        if not member.any():
            return float("nan")
        own = float(self.variance[member].mean()) / size
        drawn = np.array([float(draw[member].mean()) for draw in self.draws])
        relative = float(drawn.std() / max(abs(drawn.mean()), 1e-300))
        return float(np.sqrt(own + (relative * mean) ** 2 + (self.level_error * mean) ** 2))


def by_group(found: Scored, named: Mapping[str, pa.Array]) -> dict[str, Any]:
    """For each dimension its largest groups: size, means so far and predicted, with intervals; amounts in minor units.

    Products are known of a sample only where customers are many; then all figures of them are the sample's.
    """
    rows = sample(len(found.history))
    spread = None if found.model is None else Spread(found, rows)
    everybody = np.arange(len(found.history))
    told = {
        name: {"sampled": False, "rows": _groups(found, values, everybody, rows, spread)}
        for name, values in named.items()
    }
    own = _groups(found, products(found, rows), rows, rows, spread)
    return told | {"product": {"sampled": len(rows) < len(everybody), "of": len(rows), "rows": own}}


def _groups(found: Scored, values: pa.Array, of: Codes, rows: Codes, spread: Spread | None) -> list[dict[str, Any]]:
    names, code = _codes(values)
    among = code[np.searchsorted(of, rows)]
    historic = found.history.table["historic_value"].to_numpy()[of]
    orders = found.history.table["orders"].to_numpy()[of]
    predicted = None if found.scores is None else found.scores["predicted_value"].to_numpy()[of]
    told = []
    for group, name in enumerate(names):
        mine = code == group
        size = int(mine.sum())
        if not size:
            continue
        row: dict[str, Any] = {
            "name": name,
            "customers": size,
            "share": size / len(of),
            "repeat": float((orders[mine] > 1).mean()),
            "historic": _minor(float(historic[mine].mean()), found),
        }
        if predicted is not None and spread is not None:
            mean = float(predicted[mine].mean())
            reach = float(stats.norm.ppf((1 + LEVEL) / 2)) * spread.sd(among == group, size, mean)
            row |= {"predicted": _minor(mean, found)}
            row |= {"low": _minor(max(mean - reach, 0.0), found), "high": _minor(mean + reach, found)}
        told.append(row)
    return told


def _codes(values: pa.Array) -> tuple[list[str | None], Codes]:
    """The largest groups' names, then None for the rest and the unknown apart; and each row's number."""
    found = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    encoded = found.cast(pa.string()).dictionary_encode()
    code = pa.compute.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    words = encoded.dictionary.to_pylist()
    largest = np.argsort(-np.bincount(code[code >= 0], minlength=len(words)), kind="stable")[:MOST]
    place = np.full(len(words) + 1, len(largest))
    place[largest] = np.arange(len(largest))
    place[-1] = len(largest) + 1  # where -1 looks
    return [*(words[k] for k in largest), None, ""], place[code]


def _minor(value: float, found: Scored) -> int | None:
    return None if not np.isfinite(value) else round(value * found.unit)


# --- channels by age, for what winning a customer may cost -----------------------------------------------------------


def channels(found: Scored, values: pa.Array) -> dict[str, Any]:
    """For each channel new customers by month, and value per customer by age in months with how many are as old.

    Each step of a curve is the mean of those customers whose month of that age is over.
    """
    names, code = _codes(values)
    table = found.days.table
    ids = found.history.table["customer_id"].to_numpy()
    customer = table["customer_id"].to_numpy()
    who = np.minimum(np.searchsorted(ids, customer), len(ids) - 1)
    known = ids[who] == customer
    day = table["day"].cast(pa.int32()).to_numpy().astype(np.int64)
    first = found.history.table["first_order"].cast(pa.int32()).combine_chunks().to_numpy().astype(np.int64)
    last = (found.history.until.toordinal()) - 719_163
    over = np.minimum(((last - first + 1) / MONTH).astype(np.int64), AGES)
    age = np.maximum(((day - first[who]) / MONTH).astype(np.int64), 0)
    counts = known & (age < over[who])
    value = table["contribution" if "contribution" in table.column_names else "revenue"].to_numpy()
    cell = code[who] * AGES + np.minimum(age, AGES - 1)
    sums = np.bincount(cell[counts], weights=value[counts], minlength=len(names) * AGES).reshape(-1, AGES)
    month = first.astype("datetime64[D]").astype("datetime64[M]")
    told = {}
    for group, name in enumerate(names):
        mine = code == group
        if not mine.any():
            continue
        old = np.array([int((over[mine] > k).sum()) for k in range(AGES)])
        reach = int((old > 0).sum())
        curve = np.cumsum(sums[group, :reach] / old[:reach])
        months, counted = np.unique(month[mine], return_counts=True)
        told["" if name == "" else name or "…"] = {
            "customers": int(mine.sum()),
            "new": {str(m): int(n) for m, n in zip(months, counted, strict=True)},
            "old": old[:reach].tolist(),
            "curve": [_minor(float(v), found) for v in curve],
        }
    return told


# --- how value is spread ----------------------------------------------------------------------------------------------

SHARES = (0.1, 0.25, 0.5, 0.75, 0.9, 0.99)


def distribution(values: Sequence[int] | Codes) -> dict[str, Any]:
    """Customers by value: quantiles, and counts in steps of a round width; the last step is open."""
    sorted_ = np.sort(np.asarray(values))
    at = {str(share): int(sorted_[min(int(share * len(sorted_)), len(sorted_) - 1)]) for share in SHARES}
    top = max(int(sorted_[int(0.95 * (len(sorted_) - 1))]), 1)
    power = 10 ** (len(str(top // 12 or 1)) - 1)
    width = next(m * power for m in (1, 2, 5, 10, 20) if m * power * 12 >= top)
    edges = np.arange(0, 13) * width
    counts = np.histogram(sorted_[sorted_ >= 0], [*edges, max(int(sorted_[-1]) + 1, int(edges[-1]) + 1)])[0]
    return {
        "mean": round(float(sorted_.mean())),
        "quantiles": at,
        "below": int((sorted_ < 0).sum()),
        "edges": edges.tolist(),
        "counts": counts.tolist(),
    }
