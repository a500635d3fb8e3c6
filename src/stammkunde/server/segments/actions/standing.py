"""How many customers stand where: counted once all are computed, so that a page need not count a million of them."""

from django.db import connection, transaction

from stammkunde.server.segments.models import Standing
from stammkunde.server.segments.queries.standing import TIERS

COLUMNS = "state, tier, r, f, customer_type, customers, valued, clv"


def count() -> None:
    """Count everybody anew."""
    with connection.cursor() as cursor:
        cursor.execute(_grouped("1 = 1"))  # before the transaction: it takes a second that nobody has to wait for
        rows = [Standing(**dict(zip(COLUMNS.split(", "), row, strict=True))) for row in cursor.fetchall()]
    with transaction.atomic():
        Standing.objects.all().delete()
        Standing.objects.bulk_create(rows)


def carry(whom: str, *, sign: int) -> None:
    """Add (1) or take off (-1) the customers that `whom` (SQL on `f`, facts) names, as they stand now."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO segments_standing ({COLUMNS}) {_grouped(whom, sign=sign)} ON CONFLICT"
            " (state, tier, r, f, customer_type) DO UPDATE SET customers = segments_standing.customers"
            " + excluded.customers, valued = segments_standing.valued + excluded.valued,"
            " clv = segments_standing.clv + excluded.clv"
        )


def _grouped(whom: str, *, sign: int = 1) -> str:
    tiers = " ".join(f"WHEN f.value_percent < {end} THEN '{name}'" for name, _begin, end in TIERS)
    return f"""SELECT f.state, CASE WHEN f.value_percent IS NULL THEN '' {tiers} ELSE '' END, COALESCE(f.r, 0),
            COALESCE(f.f, 0), COALESCE(f.customer_type, 0), {sign} * COUNT(*), {sign} * COUNT(f.clv),
            {sign} * COALESCE(SUM(f.clv), 0)
        FROM segments_customerfacts f WHERE {whom} GROUP BY 1, 2, 3, 4, 5"""
