"""A year of a shop lived through again by flows of the library: `stammkunde journeys simulate`.

    python benchmarks/simulate.py [--customers 100000] [--database postgresql://…] [--every 60] [--flows cart,…]

All flows at once, unless some are named.

The shop is that of `shop_database.py`, with parcels for all orders, a basket for every third, and a confirmed consent
of every second customer. Without --database it makes an SQLite file in a temporary folder; `--keep` names a folder that
is filled once and used again. Every step is a process of its own.
"""

import sys

import shop_database
from phases import Stopwatch

MORE = (
    """INSERT INTO shop_parcel (source_id, external_id, version, order_key, order_id, state, carrier, tracking,
        shipped_at, delivered_at)
        SELECT 1, 'parcel-' || id, 0, external_id, id, '', '', '', {one}, {three} FROM shop_order""",
    """INSERT INTO shop_cart (source_id, external_id, version, customer_id, stage, currency, value, lines, url,
        began_at, changed_at, order_id)
        SELECT 1, 'cart-' || id, 0, customer_id, 'cart', 'EUR', gross, '[{{"sku": "sku-1"}}]', '',
        {before}, {before}, CASE WHEN id % 2 = 0 THEN id END FROM shop_order WHERE id % 3 = 0""",
    """INSERT INTO consent_entry (customer_id, address, kind, topic, channel, request, source, page, at, proven, note)
        SELECT id, email, 'confirmed', 'marketing', 'email', '', 'form', '', {long_ago}, {yes}, ''
        FROM shop_customer WHERE id % 2 = 0""",
)


def more() -> None:
    """Parcels, baskets and consents; and what everybody is worth."""
    shop_database.started()
    from datetime import UTC, datetime

    from django.db import connection

    from stammkunde.server.clv.computing.run import compute

    postgres = connection.vendor == "postgresql"

    def later(hours: int) -> str:
        if postgres:
            return f"placed_at + INTERVAL '{hours} hours'"
        return f"STRFTIME('%Y-%m-%d %H:%M:%S', placed_at, '{hours} hours')"

    blanks = {"one": later(24), "three": later(72), "before": later(-5), "yes": "TRUE" if postgres else "1"}
    blanks["long_ago"] = "TIMESTAMPTZ '2020-01-01'" if postgres else "'2020-01-01 00:00:00'"
    with connection.cursor() as cursor:
        for sql in MORE:
            cursor.execute(sql.format(**blanks))
        cursor.execute("ANALYZE")
    compute(now=datetime.fromisoformat(shop_database.NOW).astimezone(UTC))
    Stopwatch().report()


def year(minutes: int, names: str) -> None:
    """Flows over the last year."""
    shop_database.started()
    from datetime import UTC, datetime, timedelta

    from stammkunde.server.journeys.definitions.reading import written
    from stammkunde.server.journeys.queries.library import flows
    from stammkunde.server.journeys.simulating.running import Question, simulate
    from stammkunde.server.journeys.simulating.staging import Draft
    from stammkunde.server.mail.rendering.documents import written as as_document

    drafts = [
        Draft(written(each.definition), {key: as_document(document) for key, document in each.documents.items()})
        for each in flows()
        if not names or each.definition.key in names.split(",")
    ]
    end = datetime.fromisoformat(shop_database.NOW).astimezone(UTC)
    question = Question(drafts, end - timedelta(days=365), end, timedelta(minutes=minutes))
    watch = Stopwatch()

    def tell(doing: str, done: int, total: int) -> None:
        if done % 500 == 0:
            print(doing, done, total, file=sys.stderr, flush=True)

    with watch.phase("year"):
        found = simulate(question, tell=tell)
    watch.facts = {
        "entered": sum(each.entered for each in found.flows),
        "messages": sum(sum(each.messages.values()) for each in found.flows),
        "sent": sum(each.sent for each in found.flows),
        "flows": len(found.flows),
    }
    watch.report()


def main() -> None:
    """Fill, live through it, print what it took."""
    parser = shop_database.asked(__doc__)
    parser.set_defaults(customers=100_000)
    parser.add_argument("--every", type=int, default=60)
    parser.add_argument("--flows", default="", help="keys, with commas between them; none: all")
    given = parser.parse_args()
    with shop_database.prepared(given) as place:
        if not (place / "lived").exists():
            shop_database.done(__file__, "more")
            (place / "lived").touch()
        found = shop_database.done(__file__, "year", given.every, given.flows)
        cost, facts = found.phases["year"], found.facts
        print(
            f"a year of {given.customers:,} customers, {facts['flows']} flows, looked at every {given.every} minutes: "
            f"{cost.wall:.0f} s (CPU {cost.cpu:.0f} s), {cost.over:,.0f} MiB more; {facts['entered']:,} enrolments, "
            f"{facts['messages']:,} messages, {facts['sent']:,} of them sent"
        )


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[:1] == ["more"]:
        more()
    elif words[:1] == ["year"]:
        year(int(words[1]), words[2])
    else:
        main()
