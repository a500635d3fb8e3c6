"""RFM: how recently, how often and for how much each customer bought, as scores from 1 to 5 (Hughes 1994).

A score is a rank, and customers who are alike share it. Fifths cut out of a sorted list would not: where a third of the
customers bought once, the order of the rows would decide who of them gets a 1 and who a 2.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from stammkunde.facts.history import History

Integers = NDArray[np.int64]

FIFTHS = 5


def rfm_scores(history: History) -> pa.Table:
    """Scores of each customer, one row each in the order of `history`.

    A score is 1 more than the number of whole fifths of the customers who did worse: 5 says that at least 80 % did
    worse, 1 that fewer than 20 % did. Ties share a score, so that groups are fifths only as far as ties allow: where
    most bought once, all of these have f = 1, and nobody f = 2 or 3.

    Returns customer_id | recency_days, days from the last purchase to `until` (int64; fewer is better) | frequency,
    repeat purchase days (int64) | monetary, historic value (float64) | r, f, m, scores (int64) | rfm, the three as a
    label such as "545".

    >>> history = History.from_arrays(x=[2, 0], t_x=[6, 0], T=[9, 39], value=[30.0, 20.0])
    >>> rfm_scores(history)["rfm"].to_pylist()
    ['333', '111']
    """
    recency = np.rint((history.T - history.t_x) * history.days_per_unit).astype(np.int64)
    frequency, monetary = history.table["frequency"], history.table["historic_value"]
    r, f, m = _score(-recency), _score(frequency.to_numpy()), _score(monetary.to_numpy())
    columns = {
        "customer_id": history.table["customer_id"],
        "recency_days": recency,
        "frequency": frequency,
        "monetary": monetary,
        "r": r,
        "f": f,
        "m": m,
        "rfm": pa.array((100 * r + 10 * f + m).astype(str), pa.string()),
    }
    return pa.table(columns)


def _score(merit: NDArray[np.generic]) -> Integers:
    worse = np.searchsorted(np.sort(merit), merit, side="left")
    return np.asarray(1 + FIFTHS * worse // max(len(merit), 1), dtype=np.int64)
