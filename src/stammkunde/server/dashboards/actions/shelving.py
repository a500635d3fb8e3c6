"""Put every customer on the shelf of those alike, and sum what each shelf is worth.

Only who changed shelves is written, some ten thousand customers a transaction: others can write in between.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from stammkunde.server.clv.models import Run
from stammkunde.server.clv.queries.rates import text
from stammkunde.server.dashboards.models import Shelf, Tier
from stammkunde.server.shop.models import Customer

RANGE = 20_000  # numbers of customers looked at in one statement
MOST = 40  # countries and channels told apart; the others are one
OTHERS = "…"
CUTS = (("0.9", Tier.TOP), ("0.75", Tier.GOOD), ("0.5", Tier.MIDDLE))
REACH = 2.5631  # an interval of 80 % is so many standard deviations wide

Tell = Callable[[str, int | None, int | None], None]
DIMENSIONS = ("state", "tier", "country", "channel", "has_email")


def shelve(run: Run | None, tell: Tell) -> None:
    """Bring all shelves up to date with customers, states and the predictions of a run."""
    asked = _sorted_sql(run)
    last = Customer.objects.aggregate(last=Max("pk"))["last"] or 0
    for start in range(0, last + 1, RANGE):
        tell("Sorting customers", min(start + RANGE, last), last)
        _shelve_range(asked.format(first=start, last=start + RANGE - 1), start, start + RANGE - 1)
    tell("Summing up", None, None)
    _sum()


def _sorted_sql(run: Run | None) -> str:
    """Customers between two numbers with what decides on their shelf."""
    true = "TRUE" if connection.vendor == "postgresql" else "1"
    false = "FALSE" if connection.vendor == "postgresql" else "0"
    country, channel = (_largest(name) for name in ("country", "channel"))
    return f"""
        SELECT c.id AS customer_id, COALESCE(f.state, '') AS state, {_tier_sql(run)} AS tier, {country} AS country,
            {channel} AS channel, CASE WHEN c.email <> '' THEN {true} ELSE {false} END AS has_email
        FROM shop_customer c LEFT JOIN segments_customerfacts f ON f.customer_id = c.id
            LEFT JOIN clv_prediction p ON p.customer_id = c.id
        WHERE c.merged_into_id IS NULL AND c.id BETWEEN {{first}} AND {{last}}
    """


def _tier_sql(run: Run | None) -> str:
    """The tier by the quantiles of the run; empty for whom nothing is computed."""
    cuts = {} if run is None else run.distribution.get("quantiles", {})
    steps = " ".join(f"WHEN p.clv >= {int(cuts[name])} THEN '{tier}'" for name, tier in CUTS if name in cuts)
    return f"CASE WHEN p.clv IS NULL THEN '' WHEN p.clv < 0 THEN 'below' {steps} ELSE 'low' END" if cuts else "''"


def _largest(column: str) -> str:
    """A customer's column as it is where it is frequent."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {column} FROM shop_customer WHERE {column} <> '' AND merged_into_id IS NULL"
            f" GROUP BY {column} ORDER BY COUNT(*) DESC, {column} LIMIT {MOST + 1}"
        )
        found = [row[0] for row in cursor.fetchall()]
    if len(found) <= MOST:
        return f"c.{column}"
    named = ", ".join(text(each).replace("{", "{{").replace("}", "}}").replace("%", "%%") for each in found[:MOST])
    rest = "''" if column == "country" else text(OTHERS)  # two letters hold no other word
    return f"CASE WHEN c.{column} IN ('', {named}) THEN c.{column} ELSE {rest} END"


def _shelve_range(asked: str, first: int, last: int) -> None:
    names = ", ".join(DIMENSIONS)
    same = " AND ".join(f"s.{name} = a.{name}" for name in DIMENSIONS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO dashboards_shelf ({names}, customers, valued, historic, predicted, variance)"
            f" SELECT DISTINCT {names}, 0, 0, 0, 0, 0 FROM ({asked}) a WHERE NOT EXISTS"
            f" (SELECT 1 FROM dashboards_shelf s WHERE {same})",
            [],
        )
        cursor.execute(
            f"INSERT INTO dashboards_shelved (customer_id, shelf_id) SELECT a.customer_id, s.id FROM ({asked}) a"
            f" JOIN dashboards_shelf s ON {same} LEFT JOIN dashboards_shelved o ON o.customer_id = a.customer_id"
            " WHERE o.shelf_id IS NULL OR o.shelf_id <> s.id"
            " ON CONFLICT (customer_id) DO UPDATE SET shelf_id = excluded.shelf_id",
            [],
        )
        cursor.execute(
            "DELETE FROM dashboards_shelved WHERE customer_id BETWEEN %s AND %s AND NOT EXISTS (SELECT 1 FROM"
            " shop_customer c WHERE c.id = dashboards_shelved.customer_id AND c.merged_into_id IS NULL)",
            [first, last],
        )


_SUMS = f"""
    SELECT s.shelf_id, COUNT(*), COUNT(p.customer_id), COALESCE(SUM(p.historic), 0), COALESCE(SUM(p.predicted), 0),
        COALESCE(SUM((p.high - p.low) * 1.0 * (p.high - p.low)), 0) / {REACH * REACH}
    FROM dashboards_shelved s LEFT JOIN clv_prediction p ON p.customer_id = s.customer_id GROUP BY s.shelf_id
"""
SUMS = ("customers", "valued", "historic", "predicted", "variance")


def _sum() -> None:
    """What the customers of each shelf are worth together; empty shelves go."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS)
        found: dict[int, Sequence[Any]] = {row[0]: [*map(int, row[1:5]), float(row[5])] for row in cursor}
    shelves = list(Shelf.objects.all())
    for shelf in shelves:
        for name, value in zip(SUMS, found.get(shelf.pk, (0,) * len(SUMS)), strict=True):
            setattr(shelf, name, value)
    with transaction.atomic():
        Shelf.objects.bulk_update(shelves, SUMS, batch_size=500)
        Shelf.objects.filter(customers=0).delete()
