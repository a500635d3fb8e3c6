"""What the Start page of a day is put together from: each figure as plain data, empty where nothing is known yet."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Sum

from stammkunde.server.clv.models import Prediction, Run
from stammkunde.server.clv.queries import acquisition, runs
from stammkunde.server.clv.queries.contribution import MISSING
from stammkunde.server.clv.queries.rates import day_number, literal
from stammkunde.server.clv.queries.value import SHOWN
from stammkunde.server.segments.models import CustomerFacts, StateMove

EPOCH = date(1970, 1, 1)
WEEK, WINDOW = 7, 90  # days over which moves, and refunds, are counted


def value(run: Run) -> dict[str, Any]:
    """What a customer of today brings within the horizon, and all of them together, with what it was a quarter ago."""
    if run.predicted is None or not run.customers:
        return {}
    ends = {"value": run.predicted, "low": run.predicted_low, "high": run.predicted_high}
    each = {name: None if amount is None else round(amount / run.customers) for name, amount in ends.items()}
    earlier = runs.before(run)
    told = earlier is not None and earlier.predicted is not None and earlier.customers
    before = None
    if told and earlier is not None and earlier.predicted is not None:
        of = {"total": earlier.predicted, "each": round(earlier.predicted / earlier.customers)}
        before = {"day": earlier.until.isoformat(), **of}
    series = [row for row in runs.series(run) if row.predicted is not None and row.customers]
    return {
        "total": ends,
        "each": each,
        "before": before,
        "history": {
            "total": [row.predicted for row in series],
            "each": [round((row.predicted or 0) / row.customers) for row in series],
        },
    }


def winning(run: Run) -> dict[str, Any]:
    """What winning a customer costs and when it is back, all channels together; empty where no spending is stated."""
    everybody = next((row for row in acquisition.channels(run) if row.name == acquisition.EVERYBODY), None)
    if everybody is None or everybody.cac is None:
        return {}
    names = ("spent", "won", "cac", "year", "ratio", "payback", "observed")
    return {name: getattr(everybody, name) for name in names}


def states(day: date) -> dict[str, Any]:
    """Customers by lifecycle state and who moved within a week; empty where states have not been computed."""
    found = {s: n for s, n in CustomerFacts.objects.values_list("state").annotate(n=Count("pk")).order_by() if s}
    if not found:
        return {}
    since = (day - EPOCH).days - WEEK
    moved = StateMove.objects.filter(day__gt=since).values_list("before", "after").annotate(n=Count("pk")).order_by()
    into: dict[str, int] = {}
    out: dict[str, int] = {}
    for before, after, n in moved:
        into[after], out[before] = into.get(after, 0) + n, out.get(before, 0) + n
    return {"customers": found, "into": into, "out": out}


def concentration(run: Run) -> dict[str, Any]:
    """Which part of all value the best tenth of the customers brings."""
    whole = Prediction.objects.aggregate(sum=Sum("clv"), n=Count("pk"))
    size, total = whole["n"] // 10, whole["sum"] or 0
    if not size or total <= 0:
        return {}
    with connection.cursor() as cursor:
        best = f"SELECT clv FROM clv_prediction ORDER BY clv DESC, customer_id DESC LIMIT {size}"
        cursor.execute(f"SELECT SUM(clv) FROM ({best}) b")
        top = int(cursor.fetchone()[0])
    quantiles = run.distribution.get("quantiles", {})
    return {
        "customers": size,
        "share": top / total,
        "from": quantiles.get("0.9"),
        "median": quantiles.get("0.5"),
        "mean": round(total / whole["n"]),
    }


def below() -> dict[str, int]:
    """Who costs more than they bring, and how much together."""
    found = Prediction.objects.filter(clv__lt=0).aggregate(sum=Sum("clv"), n=Count("pk"))
    return {"customers": found["n"], "sum": found["sum"]} if found["n"] else {}


def returns(run: Run) -> dict[str, Any]:
    """Which part of what was charged in a quarter was given back in it, by the day of the refund; and how fast."""
    end = run.until
    start = end - timedelta(days=WINDOW)
    now, before = _returned(start, end), _returned(start - timedelta(days=WINDOW), start)
    if now is None:
        return {}
    return {
        **now,
        "before": None if before is None or not _began_before(run, start) else before["share"],
        "from": (start + timedelta(days=1)).isoformat(),
        "to": end.isoformat(),
        "median_days": _refund_days(start, end),
    }


def _began_before(run: Run, start: date) -> bool:
    """Whether the record holds the whole quarter before."""
    return run.first_day is not None and run.first_day <= start - timedelta(days=WINDOW)


def _returned(start: date, end: date) -> dict[str, Any] | None:
    """What was charged and what was given back after `start` up to `end`; None where nothing was charged."""
    days = "{0}.day > " + literal(start) + " AND {0}.day <= " + literal(end)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COUNT(*), COALESCE(SUM(o.total), 0) FROM shop_order o WHERE {days.format('o')}"
            " AND o.cancelled_at IS NULL AND NOT o.test AND o.customer_id IS NOT NULL"
        )
        count, charged = (int(each) for each in cursor.fetchone())
        if charged <= 0:
            return None
        cursor.execute(
            "SELECT COUNT(*), COALESCE(SUM(r.amount), 0) FROM shop_refund r LEFT JOIN shop_order o ON o.id = r.order_id"
            f" WHERE {days.format('r')} AND r.customer_id IS NOT NULL"
            " AND (o.id IS NULL OR (o.cancelled_at IS NULL AND NOT o.test))"
        )
        refunds, amount = (int(each) for each in cursor.fetchone())
    return {"orders": count, "charged": charged, "refunds": refunds, "amount": amount, "share": amount / charged}


def _refund_days(start: date, end: date) -> int | None:
    """Half of these refunds came within so many days of their order, where both days are known."""
    gap = f"{day_number('r.day')} - {day_number('o.day')}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {gap} AS gap, COUNT(*) FROM shop_refund r JOIN shop_order o ON o.id = r.order_id WHERE r.dated"
            f" AND r.day > {literal(start)} AND r.day <= {literal(end)} GROUP BY 1 ORDER BY 1"
        )
        counts = [(int(days), n) for days, n in cursor.fetchall()]
    passed, half = 0, sum(n for _, n in counts) / 2
    for days, n in counts:
        passed += n
        if passed >= half:
            return days
    return None


def complete(run: Run) -> dict[str, Any]:
    """How complete the data of a run were: orders with a customer, costs that are estimated, costs nobody knows."""
    told: Mapping[str, Any] = run.completeness
    nobodys, states = told.get("without_customer", 0), told.get("states", {})
    missing = {
        SHOWN[kind]: counts[MISSING] / sum(counts)
        for kind, counts in states.items()
        if kind in SHOWN and sum(counts) and counts[MISSING]
    }
    return {
        "orders": run.orders,
        "with_customer": run.orders / (run.orders + nobodys) if run.orders else None,
        "estimated": run.estimated_share,
        "missing": missing,
        "quiet": told.get("quiet", 0),
    }
