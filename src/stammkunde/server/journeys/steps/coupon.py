"""Take a code of a pool for them, which the mails after it show."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from django.db import connection

from stammkunde.server.journeys.definitions import values
from stammkunde.server.journeys.definitions.language import Data
from stammkunde.server.journeys.running.lots import TABLE, Lot
from stammkunde.server.journeys.steps.base import Step, begun, kind
from stammkunde.server.offers.actions.coupons import issue
from stammkunde.server.segments.rules.compiling import Sql

TAKEN = "journeys_coupon"


@kind
@dataclass(frozen=True)
class Coupon(Step):
    """The key of the pool is `pool`. Who gets none, since the pool is empty or not there, goes on without."""

    pool: str = ""

    do: ClassVar[str] = "coupon"
    settings: ClassVar[tuple[str, ...]] = ("pool",)

    @classmethod
    def read(cls, data: Data, path: str) -> Self:
        """See `Step`."""
        return cls(**begun(data, path), pool=values.key(data, "pool", path))

    def written(self) -> dict[str, Any]:
        """See `Step`."""
        return {"pool": self.pool}

    def run(self, lot: Lot) -> None:
        """One code for each enrolment, the same when it is asked again; it stands in the enrolment's `refs`."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT n.id, n.customer_id FROM {TABLE} n WHERE n.closed = 0")
            rows = cursor.fetchall()
        taken: list[tuple[int, int]] = []
        for some in once_each(rows):
            given = issue(self.pool, [(customer, f"enrolment:{pk}") for pk, customer in some], now=lot.now)
            taken += [(pk, given[customer].pk) for pk, customer in some if customer in given]
        self._note(taken)
        has = Sql(f"n.id IN (SELECT k.id FROM {TAKEN} k)")
        lot.put(f"code of {self.pool}", to=lot.follows(), where=has)
        lot.put("no code left", to=lot.follows())

    def _note(self, taken: list[tuple[int, int]]) -> None:
        postgres = connection.vendor == "postgresql"
        number = "BIGINT" if postgres else "INTEGER"
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TEMPORARY TABLE IF NOT EXISTS {TAKEN} (id {number} PRIMARY KEY, coupon_id {number})"
            )
            cursor.execute(f"TRUNCATE {TAKEN}" if postgres else f"DELETE FROM {TAKEN}")
            cursor.executemany(f"INSERT INTO {TAKEN} VALUES (%s, %s)", taken)
            cursor.execute(_REFS[postgres])


_REFS = {
    True: f"""UPDATE journeys_enrolment SET refs = refs || JSONB_BUILD_OBJECT('coupon', k.coupon_id) FROM {TAKEN} k
        WHERE k.id = journeys_enrolment.id""",
    False: f"""UPDATE journeys_enrolment SET refs = JSON_SET(refs, '$.coupon', k.coupon_id) FROM {TAKEN} k
        WHERE k.id = journeys_enrolment.id""",
}


def once_each(rows: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Rows of enrolment and customer in as few lists as it takes that no customer stands twice in one."""
    lists: list[list[tuple[int, int]]] = []
    times: dict[int, int] = {}
    for pk, customer in rows:
        number = times.get(customer, 0)
        times[customer] = number + 1
        if number == len(lists):
            lists.append([])
        lists[number].append((pk, customer))
    return lists
