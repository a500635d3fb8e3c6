"""What the database holds beside what the shop was thanked for; run inside an installation, told as JSON."""

import json
import sys
from typing import Any

import django


def main(told: dict[str, Any]) -> list[str]:
    """Every sentence is a fault."""
    from django.db.models import Count, Sum

    from stammkunde.server.clv.models import Prediction, Run
    from stammkunde.server.clv.queries.ledger import ledger
    from stammkunde.server.lib.models import Job
    from stammkunde.server.shop.models import Delivery, Import, Order

    faults: list[str] = []

    def same(what: str, found: Any, expected: Any) -> None:
        if found != expected:
            faults.append(f"{what}: {found} instead of {expected}")

    hooks = dict(Order.objects.filter(source__kind="woocommerce").values_list("external_id", "total"))
    lost = told["hooks"].keys() - hooks.keys()
    same("acknowledged orders lost", sorted(lost)[:5], [])
    same("sum of webhooks", sum(hooks.values()), sum(told["hooks"].values()))
    same("orders of webhooks", len(hooks), len(told["hooks"]))
    same("deliveries unsettled", Delivery.objects.exclude(state__in=["done", "stale"]).count(), 0)
    again = Order.objects.values("source", "external_id").annotate(n=Count("pk")).filter(n__gt=1)
    same("orders twice", again.count(), 0)
    brought = Order.objects.filter(source__kind="csv")
    same("orders of files", brought.count(), told["rows"])
    same("sum of files", brought.aggregate(all=Sum("total"))["all"] or 0, sum(told["files"]))
    same("files in", Import.objects.filter(state="done").count(), len(told["files"]))
    whole = Order.objects.annotate(n=Count("lines")).exclude(n=1).filter(source__kind="woocommerce")
    same("orders without their line", whole.count(), 0)
    # What is computed anew by the next run may be given up; what came in may not.
    given_up = Job.objects.filter(state="failed", kind__in=["deliveries", "import-check", "import-take"])
    same("work given up", list(given_up.values_list("kind", "error")[:3]), [])
    run = Run.objects.filter(state="done").order_by("-until", "-pk").first()
    if run is None:
        return [*faults, "no run ended"]
    scores = list(Prediction.objects.filter(run=run).values_list("customer_id", "historic"))
    same("customers with a value", len(scores), Order.objects.values("customer").distinct().count())
    wrong = [who for who, value in scores if ledger(who, until=run.until).total != value]
    same("ledgers that do not sum to the value", wrong[:5], [])
    same("runs half done", Run.objects.filter(state="running").count(), 0)
    return faults


if __name__ == "__main__":
    django.setup()
    json.dump(main(json.load(sys.stdin)), sys.stdout)
