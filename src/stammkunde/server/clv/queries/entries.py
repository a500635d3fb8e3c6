"""Contribution in sets: an entry for each order, refund and booking, and sums by customer and day."""

from datetime import date

from stammkunde.server.clv.queries.contribution import ESTIMATED, KNOWN, PARTS, Part, state_code
from stammkunde.server.clv.queries.rates import Stated, day_number, literal, periods_sql

FENCE = "LIMIT 9223372036854775807"  # a fenced subquery is computed once a row, not once a mention

#: Columns of an entry. `day` counts from 1970; `charged` is what was paid or given back; `estimated` is the part of
#: `costs` (both without signs) that came from rates; `code` are the states of its components.
COLUMNS = (
    "customer", "day", "part", "contribution", "charged", "estimated", "costs", "code", "entry", "channel", "country",
)  # fmt: skip


def entries_sql(until: date, rates: Stated) -> str:
    """One row for each order, refund and booking until the end of a day, in the columns of `COLUMNS`."""
    return " UNION ALL ".join(_entries(part, until, rates) for part in PARTS)


def contribution_sql(until: date, rates: Stated) -> str:
    """Sums by customer and day (from 1970): contribution, charged, how many orders."""
    return f"""
        SELECT customer, day, CAST(SUM(contribution) AS BIGINT) AS contribution,
            CAST(SUM(charged) AS BIGINT) AS charged, SUM(CASE WHEN part = 0 THEN 1 ELSE 0 END) AS orders
        FROM ({entries_sql(until, rates)}) e GROUP BY customer, day
    """


def totals_sql(until: date, rates: Stated, *, of: int = 1) -> str:
    """One row about everybody, or every `of`-th customer: contribution, charged, estimated, costs, orders."""
    sums = ", ".join(f"CAST(COALESCE(SUM({name}), 0) AS BIGINT)" for name in COLUMNS[3:7])
    orders = "COALESCE(SUM(CASE WHEN part = 0 THEN 1 ELSE 0 END), 0)"
    entries = " UNION ALL ".join(_entries(part, until, rates, of=of) for part in PARTS)
    return f"SELECT {sums}, {orders} FROM ({entries}) e"


def rows_sql(part: Part, until: date, rates: Stated, *, customer: int | None = None, of: int = 1) -> str:
    """The rows that a part's components are about: of everybody, one customer, or every `of`-th."""
    only = "" if of == 1 else f"AND {part.alias}.customer_id % {int(of)} = 0"
    if customer is not None:
        only = f"AND {part.alias}.customer_id = {int(customer)}"
    return part.rows.format(periods=periods_sql(rates), until=literal(until), only=only)


def _entries(part: Part, until: date, rates: Stated, *, of: int = 1) -> str:
    a, cost = part.alias, [c for c in part.components if c.cost]
    guessed = [c for c in cost if c.state != str(KNOWN)]
    own = "o.channel, o.country" if a == "o" else "'' AS channel, '' AS country"
    lines = ", ".join(f"{c.amount} AS {c.kind}" for c in part.components)
    states = ", ".join(f"{c.state} AS {c.kind}_state" for c in guessed)
    rest = f"{state_code(part.components)} AS code"
    charged = " + ".join(c.kind for c in part.components if not c.cost) or "0"
    estimated = " + ".join(f"CASE WHEN {c.kind}_state = {ESTIMATED} THEN ABS({c.kind}) ELSE 0 END" for c in guessed)
    return f"""
        SELECT customer_id AS customer, {day_number("day")} AS day, {part.number} AS part,
            {" + ".join(c.kind for c in part.components)} AS contribution, {charged} AS charged,
            {estimated} AS estimated, {" + ".join(f"ABS({c.kind})" for c in cost)} AS costs, code, id AS entry,
            channel, country
        FROM (SELECT {a}.id, {a}.customer_id, {a}.day, {own}, {lines}, {states}, {rest}
            FROM ({rows_sql(part, until, rates, of=of)} {FENCE}) {a} {FENCE}) e
    """
