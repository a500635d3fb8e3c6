"""Where customers are in their life with the shop, and how they compare with others.

The rhythm of a customer, in days, is the median of the gaps between their order days, drawn towards the shop's typical
gap (the median of such medians) as if the shop's had been seen `WEIGHT` times: two gaps tell little, ten tell enough.
Who has ordered once has the shop's. With the silence (days since the last order) in rhythms:

    lead          has not ordered
    new           has ordered on one day; silent up to 1.5
    one_time      has ordered on one day; silent beyond 1.5
    active        silent up to 1
    due           silent beyond 1
    slipping      silent beyond 2
    lost          silent beyond 4: were orders to come at random at the own pace, one in sixteen would be silent so long
                  and come again (0.5 to the power of 4)
    reactivated   as active, but the last order ended a silence in which the customer was lost

Scores from 1 to 5 are fifths of the customers who have ordered: by the last order day, the number of order days and
revenue. Equal ones have equal scores, so fifths may be uneven.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from stammkunde.server.segments.rules.compiling import Sql

WEIGHT = 2.0
FRESH, DUE, SLIPPING, LOST = 1.5, 1.0, 2.0, 4.0  # of silence, in rhythms
UNKNOWN_GAP = 90.0  # days, where nobody has come back yet
SCORED = {"r": "last_on", "f": "order_days", "m": "revenue"}


@dataclass(frozen=True)
class Scale:
    """What customers are measured by until everybody is measured again: the shop's typical gap, and where scores and
    hundredths of value begin."""

    typical_gap: float | None = None
    cuts: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """The typical gap, or a guess."""
        return self.typical_gap if self.typical_gap is not None else UNKNOWN_GAP


def scale() -> Scale:
    """Read anew from all facts."""
    with connection.cursor() as cursor:
        cursor.execute(_MEDIAN)
        typical = cursor.fetchone()[0]
        cuts = {score: _tiles(cursor, f"MAX({column})", column, tiles=5) for score, column in SCORED.items()}
        # Who is worth least in a hundredth; the last one needs no end.
        cuts["value_percent"] = _tiles(cursor, "MIN(clv)", "clv", tiles=100, order="clv DESC", where="clv IS NOT NULL")
    return Scale(float(typical) if typical is not None else None, cuts)


_MEDIAN = """SELECT AVG(median_gap) FROM (
    SELECT median_gap, ROW_NUMBER() OVER (ORDER BY median_gap) AS place, COUNT(*) OVER () AS n
    FROM segments_customerfacts WHERE median_gap IS NOT NULL) g WHERE place IN ((n + 1) / 2, (n + 2) / 2)"""


def _tiles(cursor: Any, end: str, column: str, *, tiles: int, order: str = "", where: str = "orders > 0") -> list[int]:
    cursor.execute(
        f"""SELECT tile, {end} FROM (SELECT {column}, NTILE({tiles}) OVER (ORDER BY {order or column}) AS tile
            FROM segments_customerfacts WHERE {where}) t WHERE tile < {tiles} GROUP BY tile ORDER BY tile"""
    )
    return [int(row[1]) for row in cursor.fetchall()]


def place(whom: str, *, by: Scale, types: Sql, today: int, now: datetime) -> None:
    """Set rhythm, scores, state and type of the customers that `whom` (SQL on `f`, facts) names, and note their moves.

    `types` is an expression on `f` for the type; `today` counts days from 1970. A state that did not change began when
    it began; one that came by time alone began on the day the silence reached it.
    """
    at = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(_relative(whom, by))
        cursor.execute(_states(whom, today=today, gap=by.gap, then=_MOVES), [at])
        cursor.execute(_states(whom, today=today, gap=by.gap, then=_CHANGED))
        cursor.execute(
            f"UPDATE segments_customerfacts AS f SET customer_type = {types.text} WHERE {whom}", types.values
        )


_RELATIVE = """UPDATE segments_customerfacts AS f SET
    rhythm = CASE WHEN f.orders = 0 THEN NULL WHEN f.gaps = 0 THEN {gap}
        ELSE (f.gaps * f.median_gap + {weight} * {gap}) / (f.gaps + {weight}) END,
    r = {r}, f = {f}, m = {m}, value_percent = {value_percent}
    WHERE {whom}"""


def _relative(whom: str, by: Scale) -> str:
    scores = {name: _score(f"f.{column}", by.cuts.get(name, ())) for name, column in SCORED.items()}
    percent = _hundredth("f.clv", by.cuts.get("value_percent", ()))
    return _RELATIVE.format(whom=whom, gap=by.gap, weight=WEIGHT, value_percent=percent, **scores)


def _score(column: str, cuts: Sequence[int]) -> str:
    """1, and one more for each cut that is exceeded; null for who has not ordered."""
    steps = "".join(f" + (CASE WHEN {column} > {cut} THEN 1 ELSE 0 END)" for cut in cuts)
    return f"CASE WHEN f.orders > 0 THEN 1{steps} END"


def _hundredth(column: str, ends: Sequence[int]) -> str:
    """How many hundredths are worth more, as a search by halves: seven comparisons instead of a hundred."""

    def among(low: int, high: int) -> str:
        if low == high:
            return str(low)
        middle = (low + high) // 2
        return f"CASE WHEN {column} >= {ends[middle]} THEN {among(low, middle)} ELSE {among(middle + 1, high)} END"

    return f"CASE WHEN {column} IS NOT NULL THEN {among(0, len(ends))} END"


def _states(whom: str, *, today: int, gap: float, then: str) -> str:
    """`then` on rows `n` of customer, state and the day it began."""
    silence = f"({today} - f.last_on)"
    # Of two order days, the one gap is itself the silence: it is measured by what is usual in the shop.
    before = f"CASE WHEN f.gaps = 1 THEN {gap} ELSE f.rhythm END"
    state = f"""CASE WHEN f.order_days = 0 THEN 'lead'
        WHEN f.order_days = 1 THEN CASE WHEN {silence} > {FRESH} * f.rhythm THEN 'one_time' ELSE 'new' END
        WHEN {silence} > {LOST} * f.rhythm THEN 'lost' WHEN {silence} > {SLIPPING} * f.rhythm THEN 'slipping'
        WHEN {silence} > {DUE} * f.rhythm THEN 'due'
        WHEN f.last_gap > {LOST} * {before} THEN 'reactivated' ELSE 'active' END"""
    times = {"one_time": FRESH, "due": DUE, "slipping": SLIPPING, "lost": LOST}
    began = "".join(f" WHEN '{name}' THEN f.last_on + {_whole(f'{by} * f.rhythm')} + 1" for name, by in times.items())
    rows = f"""SELECT s.customer_id, s.before, s.state,
            CASE s.state WHEN 'lead' THEN f.known_on{began} ELSE f.last_on END AS began
        FROM (SELECT f.customer_id, f.state AS before, {state} AS state FROM segments_customerfacts f WHERE {whom}) s
        JOIN segments_customerfacts f ON f.customer_id = s.customer_id WHERE s.before <> s.state"""
    return then.format(rows=rows, today=today)


_MOVES = """INSERT INTO segments_statemove (customer_id, before, after, day, at)
    SELECT n.customer_id, n.before, n.state, {today}, %s FROM ({rows}) n WHERE n.before <> ''"""
_CHANGED = """UPDATE segments_customerfacts SET state = n.state,
    state_since = CASE WHEN n.began > {today} THEN {today} ELSE n.began END
    FROM ({rows}) n WHERE n.customer_id = segments_customerfacts.customer_id"""


def _whole(value: str) -> str:
    """A positive number without what is behind the point: the cast of PostgreSQL rounds."""
    return f"CAST({f'FLOOR({value})' if connection.vendor == 'postgresql' else value} AS INTEGER)"
