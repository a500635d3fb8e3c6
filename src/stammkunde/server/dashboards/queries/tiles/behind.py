"""The row about what the money rests on: new customers, second orders, the best, returns."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stammkunde.server.dashboards.queries.tiles.tile import Telling, Tile, on
from stammkunde.server.ui.templatetags.ui import count, day, money, share


def newcomers(of: Telling) -> Tile | None:
    """New customers of the last thirty days."""
    found = of.figures.get("newcomers", {})
    if not found:
        return None
    change = (
        ""
        if found["before"] is None
        else _("%(before)s in the thirty days before") % {"before": count(found["before"])}
    )
    return Tile(
        key="newcomers",
        label=_("New customers"),
        value=count(found["now"]),
        number=found["now"],
        link=f"{reverse('customers')}?sort=new",
        note=_("since %(day)s") % {"day": day(on(found["from"]))},
        change=change,
        history=found["history"],
        as_of=of.run.until,
        meaning=_(
            "Customers whose first order was in the last thirty days. The season is inside: compare with the "
            "same month of the year before where there is one."
        ),
        complete=of.orders_known,
    )


def once(of: Telling) -> Tile | None:
    """Who ordered once, of those who had the same time to come back; and when the others did."""
    found, total = of.figures.get("second", {}), of.run.customers - of.run.repeaters
    if not found:
        return None
    span, within = found["span"], found["within"]
    whole = within[str(span)]
    told = {"days": span, "number": count(total), "all": count(of.run.customers), "of": count(whole["customers"])}
    steps = [
        _("%(share)s by day %(day)s") % {"share": share(within[d]["share"]), "day": d} for d in within if int(d) < span
    ]
    half = ngettext(
        "half of those who come back do so within %(days)s day",
        "half of those who come back do so within %(days)s days",
        found["median"],
    )
    return Tile(
        key="once",
        label=_("Ordered only once"),
        value=share(1 - whole["share"]),
        number=1 - whole["share"],
        low=1 - whole["high"],
        high=1 - whole["low"],
        note=_("within %(days)s days of the first order") % told + "; " + half % {"days": found["median"]},
        change=_("came back: %(steps)s") % {"steps": ", ".join(steps)} if steps else "",
        link=f"{reverse('customers')}?state=one_time",
        meaning=_(
            "Of customers whose first order was at least %(days)s days ago, the share who did not order again within "
            "these days. Younger ones are left out: they have not had the time. Half and days tell when a reminder "
            "comes too early, and when too late."
        )
        % told,
        basis=_("%(of)s customers; counted plainly, %(number)s of all %(all)s have one order today") % told,
        as_of=of.run.until,
        complete=of.orders_known,
    )


def best(of: Telling) -> Tile | None:
    """Which part of the value the best tenth brings."""
    found = of.figures.get("concentration", {})
    if not found:
        return None
    told = {
        "number": count(found["customers"]),
        "from": money(found["from"]),
        "mean": money(found["mean"]),
        "median": money(found["median"]),
    }
    return Tile(
        key="best",
        label=_("The best tenth brings"),
        value=share(found["share"]),
        number=found["share"],
        link=f"{reverse('customers')}?tier=top",
        note=_("%(number)s customers, each worth %(from)s or more") % told,
        as_of=of.run.until,
        change=_("%(mean)s on average, %(median)s in the middle") % told,
        basis=of.basis,
        complete=of.completeness,
        meaning=_(
            "Of the value of all customers, so far and expected, the part of the tenth who are worth most. The "
            "larger it is, the more hangs on few."
        ),
    )


def returns(of: Telling) -> Tile | None:
    """What part of the charges was given back."""
    found = of.figures.get("returns", {})
    if not found:
        return None
    change = (
        "" if found["before"] is None else _("%(before)s in the 90 days before") % {"before": share(found["before"])}
    )
    quick = (
        ""
        if found["median_days"] is None
        else " · "
        + ngettext(
            "half within %(days)s day of the order", "half within %(days)s days of the order", found["median_days"]
        )
        % {"days": found["median_days"]}
    )
    told = {"amount": money(found["amount"]), "refunds": count(found["refunds"])}
    return Tile(
        key="returns",
        label=_("Given back"),
        value=share(found["share"]),
        number=found["share"],
        link=reverse("value") + "#data",
        note=_("%(amount)s in %(refunds)s refunds of the last 90 days") % told + quick,
        change=change,
        as_of=on(found["to"]),
        meaning=_(
            "Money given back in the last 90 days, by the day of the refund, as a share of what was charged in "
            "the same days. Cancelled and test orders do not count."
        ),
        basis=_("charges, VAT inside"),
        complete=of.orders_known,
    )
