"""What a customer brought by what the first order was: its channel, country or product."""

from stammkunde.clv.report.data import CohortTable
from stammkunde.clv.report.figures.figure import Figure, Table, both, tall
from stammkunde.clv.report.quantities import Count, Days, Money, Share, Term, Value
from stammkunde.clv.report.svg import Frame, Scale, bar, document, text
from stammkunde.clv.report.words import Words


def group_bars(data: CohortTable, words: Words) -> Figure | None:
    """Value per original customer at one age, by channel, country or product of the first order."""
    if len(data.groups) < 2 or data.grouped_by is None:
        return None
    groups = sorted(data.groups, key=lambda g: -g.value)
    said: dict[str, Value] = {
        "name": groups[0].name,
        "value": Money(groups[0].value),
        "days": Count(data.group_days),
        "last": groups[-1].name,
        "least": Money(groups[-1].value),
    }
    by = words.say(f"by_{data.grouped_by}")
    header = (by, *(words.say(key) for key in ("column_customers", "column_value_per_customer", "column_again")))
    return Figure(
        "groups",
        words.say(f"groups_title_{data.grouped_by}", **said),
        words.say("groups_summary", **said),
        both(lambda frame: _bars(frame, data, words)),
        Table(
            words.say("groups_table", days=Days(data.group_days), by=Term(f"by_{data.grouped_by}")),
            header,
            tuple(
                (g.name, words.write(Count(g.customers)), words.write(Money(g.value)), words.write(Share(g.again)))
                for g in groups
            ),
        ),
    )


def _bars(frame: Frame, data: CohortTable, words: Words) -> str:
    groups = sorted(data.groups, key=lambda g: -g.value)
    row = 30
    frame = tall(frame, row * len(groups) + 34, left=0, right=0)
    name_width = 190 if not frame.narrow else 108
    x = Scale(0, max(*(g.value for g in groups), 1e-9), name_width, frame.width - 96)
    parts = [text(name_width, 13, words.say("axis_value_per_customer", currency=words.currency or ""), css="name")]
    for k, group in enumerate(groups):
        top = 24 + k * row
        most = int(name_width / (frame.size * 0.6)) - 1
        name = group.name if len(group.name) <= most else group.name[: most - 1] + "…"
        parts.append(text(0, top + 19, name, css="tick strong"))
        parts.append(bar(x(0), top + 5, max(x(group.value) - x(0), 1), row - 12, "fill1"))
        parts.append(text(max(x(group.value), x(0)) + 8, top + 19, words.write(Money(group.value)), css="tick"))
    label = words.say("groups_table", days=Days(data.group_days), by=Term(f"by_{data.grouped_by}"))
    return document(frame, *parts, label=label)
