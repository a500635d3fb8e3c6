"""A newsletter to everybody of a shop: put down in the ledger, an hour of a test given to its texts, counted.

    python benchmarks/campaigns.py [--customers 100000] [--database postgresql://user:password@host:5432/name]

The shop is that of `shop_database.py`, with customers in five zones. Two texts are tested at nine where each customer
is, so every row has its own moment and the throttle is on. Every step is a process of its own; memory is its peak over
that of the imported server. Seconds are those of one worker, without the database's where that is a server.
"""

import sys
from datetime import UTC, date, datetime, time, timedelta

import shop_database
from phases import Stopwatch, resident

NOW = datetime(2026, 1, 2, 9, 0, tzinfo=UTC)
ZONES = ("", "Europe/Berlin", "Europe/London", "America/New_York", "Asia/Tokyo")
BLOCKS = {
    "key": "spring",
    "name": {"en": "Spring", "de": "Frühling"},
    "purpose": "newsletter",
    "subject": {"en": "The new harvest", "de": "Die neue Ernte"},
    "blocks": [{"kind": "text", "text": {"en": "It is here.", "de": "Sie ist da."}}, {"kind": "footer"}],
}


def make() -> None:
    """What is known of each, their zones, and a newsletter that is approved and released."""
    shop_database.started()
    from django.db.models import F  # after setup
    from django.db.models.functions import Mod

    from stammkunde.server.accounts.models import User
    from stammkunde.server.campaigns.actions import approving, sending
    from stammkunde.server.campaigns.actions.writing import Text, Wanted
    from stammkunde.server.campaigns.actions.writing import make as written
    from stammkunde.server.lib.bulk import count_anew
    from stammkunde.server.mail.models import Template
    from stammkunde.server.segments.actions.knowing import know
    from stammkunde.server.shop.models import Customer

    watch = Stopwatch()
    with watch.phase("made"):
        know("1 = 1", now=NOW)
        for number, zone in enumerate(ZONES):
            Customer.objects.annotate(part=Mod(F("pk"), len(ZONES))).filter(part=number).update(zone=zone)
        boss = User.objects.create_user("boss@example.com", role="owner", joined_at=NOW)
        mail = Template.objects.create(key="spring", name="Spring", draft=BLOCKS, changed_at=NOW, created_at=NOW)
        texts = [Text(mail, subjects={"de": "A"}), Text(mail, subjects={"de": "B"})]
        campaign = written(Wanted(name="All", day=date(2026, 1, 5), hour=time(9)), texts, now=NOW, by=boss)
        approving.approve(campaign, now=NOW, by=boss)
        sending.schedule(campaign, now=NOW, by=boss)
        count_anew()
    watch.report()


def plan() -> None:
    """A row for everybody."""
    shop_database.started()
    from stammkunde.server.campaigns.actions import sending  # after setup
    from stammkunde.server.campaigns.models import Campaign
    from stammkunde.server.mail.models import Send

    watch = Stopwatch()
    watch.facts["before"] = resident("RssAnon")
    with watch.phase("planned"):
        campaign = sending.start(Campaign.objects.get().pk, now=NOW)
        sending.plan_all(campaign, now=NOW, tell=lambda *_: None)
    watch.facts["own"] = resident("RssAnon")
    watch.facts["rows"] = Send.objects.count()
    watch.report()


def give() -> None:
    """The hour with the most mails, given to two texts; and the page's counting."""
    shop_database.started()
    from stammkunde.server.campaigns.actions.assigning import assign  # after setup
    from stammkunde.server.campaigns.models import Campaign
    from stammkunde.server.campaigns.queries.looking import judged, rows

    watch, campaign = Stopwatch(), Campaign.objects.get()
    with watch.phase("given"):
        made = assign(campaign, now=datetime(2026, 1, 5, 8, 0, tzinfo=UTC))
    watch.facts["mails"] = sum(each.mails for each in made)
    with watch.phase("counted"):
        rows(campaign, now=NOW + timedelta(days=9))
        judged(campaign, now=NOW + timedelta(days=9))
    watch.report()


def main() -> None:
    """Fill, plan, give, count; print."""
    options = shop_database.asked(__doc__)
    options.set_defaults(customers=100_000)
    given = options.parse_args()
    with shop_database.beside(given.database) as database:
        given.database = database
        with shop_database.prepared(given):
            shop_database.done(__file__, "make")
            planned, gave = shop_database.done(__file__, "plan"), shop_database.done(__file__, "give")
    cost = planned.phases["planned"]
    count = planned.facts["rows"]
    print(f"{count:,} mails put down in {cost.wall:.1f} s ({cost.cpu:.1f} CPU s, {count / cost.cpu:,.0f} a CPU second)")
    own = planned.facts["own"] - planned.facts["before"]
    print(f"    peak {cost.over:.0f} MiB over the imported server, the database's file among it; {own:.0f} MiB its own")
    cost = gave.phases["given"]
    print(f"{gave.facts['mails']:,} mails of an hour given to texts in {cost.wall:.1f} s ({cost.cpu:.1f} CPU s)")
    print(f"counted for the page in {gave.phases['counted'].wall:.2f} s")


if __name__ == "__main__":
    words = {"make": make, "plan": plan, "give": give}
    words[sys.argv[1]]() if sys.argv[1:2] and sys.argv[1] in words else main()
