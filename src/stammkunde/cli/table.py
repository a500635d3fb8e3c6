"""Results on the screen: what is good, what is bad and what to do, readable at 80 columns."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from stammkunde.cli.backtest import Tried, rows
from stammkunde.cli.score import Scored
from stammkunde.clv import Backtest
from stammkunde.clv.report.format import ENGLISH
from stammkunde.clv.report.trial import level_of, timing
from stammkunde.clv.report.words import Words
from stammkunde.facts import Orders

WIDEST = 110
WORDS = Words.of("en")


class Screen:
    """Paragraphs and tables on standard output."""

    def __init__(self) -> None:
        self.console = Console(highlight=False, markup=False, emoji=False)
        self.console.width = min(self.console.width, WIDEST)

    def scored(
        self, result: Scored, *, source: str, written: Iterable[str], offers: Mapping[str, str], note: str = ""
    ) -> None:
        """What `clv score` found; `offers` are further commands or options, and what they bring."""
        self._headline(result, source)
        self._best(result)
        self._trust(result)
        self._data(result.orders, nobodys=result.nobodys)
        self._list("Worth knowing", result.warnings)
        self._pairs("Where to look next", offers.items())
        if note:
            self.console.print()
            self._say(note)
        self._written(written)

    def tried(self, result: Tried, *, source: str, written: Iterable[str]) -> None:
        """What `clv backtest` found."""
        origins = len({trial.until for trial in result.found.trials})
        self._title(f"How forecasts of {source} would have done")
        self._say(
            f"{many(result.customers, 'customer')}. Forecasts as of {many(origins, 'day')} in the past, from what was "
            "known then, against what came; history and horizon are to each other as the whole history is to "
            f"{ENGLISH.span(result.ahead.text)}."
        )
        self._trials(result)
        self._title("The choice")
        self._say(result.reason)
        self._data(result.orders)
        self._list("Worth knowing", result.orders.warnings)
        self._written(written)

    # --- parts ------------------------------------------------------------------------------------------------

    def _headline(self, result: Scored, source: str) -> None:
        orders, sums = result.orders, result.sums
        money = _money(orders.currency)
        self._title(f"{many(result.customers, 'customer')} of {source}: what they were worth, and will be")
        first, last = (ENGLISH.day(day) for day in (orders.period[0], orders.until))
        self._say(f"{first} to {last}, {many(sums['orders'], 'order day')}. {_basis(orders)}")
        span = f"Next {ENGLISH.span(result.ahead.text)}"
        low_high = "" if result.interval is None else "between {} and {} (80%)".format(*map(money, result.interval))
        grid = Table.grid(padding=(0, 2))
        grid.add_row("So far", money(sums["historic_value"]), "")
        grid.add_row(span, money(sums["predicted_value"]), low_high)
        grid.add_row(
            "Still active", ENGLISH.count(sums["p_alive"]), f"of {many(result.customers, 'customer')}, by the model"
        )
        self._indented(grid)

    def _best(self, result: Scored) -> None:
        if not result.best.num_rows:
            return
        count = "" if result.best.num_rows == result.customers else f"{result.best.num_rows} "
        self._title(f"The {count}best by what they brought and will bring")
        names = ("So far", f"Next {result.ahead.text}", "80% between")
        shown = names if result.question.intervals else names[:2]
        table = _table(("Customer", "Last order"), ("Orders", *shown, "Active"))
        for row in result.best.to_pylist():
            money = [ENGLISH.money(row[name], None) for name in ("historic_value", "predicted_value")]
            if result.question.intervals:
                between = (ENGLISH.money(row[name], None) for name in ("predicted_low", "predicted_high"))
                money.append(" – ".join(between))
            id_, last = printable(row["customer_id"]), row["last_order"].isoformat()
            table.add_row(id_, last, f"{row['orders']:,}", *money, ENGLISH.share(row["p_alive"]))
        self._indented(table)

    def _trust(self, result: Scored) -> None:
        self._title("How far to trust it")
        model, choice = result.model, result.model.choice
        if choice is not None:
            self._say(choice.reason)
        if result.found is None:
            self._say(f"{timing(model)} was not tried on the shop's own past.")
        else:
            self._say(_tests(result.found, "auto" if choice is not None else model.name, level_of(model)))

    def _trials(self, result: Tried) -> None:
        table = _table(("", "", ""), ("Orders off", "Value off", "Total", "Ranking"))
        for row in rows(result.found, result.level):
            name = row["model"]
            kind = "rule of thumb" if name in result.found.naive else "model"
            mark = "chosen" if name == "auto" else ""
            off = ENGLISH.number(row["orders_mae"], 2), ENGLISH.money(row["value_mae"], result.orders.currency)
            total = ENGLISH.share(row["value_bias"] / 100, signed=True)
            table.add_row(name, kind, mark, *off, total, ENGLISH.number(row["value_gini"], 2))
        self._indented(table)
        self._say(
            "Off: mean error of a customer's orders and value. Total: all value forecast, against what came. "
            "Ranking: 1 if the best customers were known in order, 0 if by chance."
        )

    def _data(self, orders: Orders, *, nobodys: float = 0.0) -> None:
        totals = orders.totals
        self._title("Data")
        self._say(_account(totals, orders.currency) + _later(totals, orders.until))
        if abs(nobodys) >= 0.005:
            amount = ENGLISH.exact(nobodys, orders.currency)
            self._say(f"{amount} of that is of customers without a purchase, and in nobody's value.")
        self._pairs("", [(f"{count:,} not used", reason(name)) for name, (count, _) in totals["by_reason"].items()])
        self._say("Columns: " + ", ".join(f"{name} from {column!r}" for name, column in orders.mapping.columns.items()))

    # --- pieces -----------------------------------------------------------------------------------------------

    def _title(self, text: str) -> None:
        self.console.print()
        self.console.print(Text(printable(text), style="bold"))

    def _say(self, text: str) -> None:
        self.console.print(Padding(Text(printable(text)), (0, 0, 0, 2), expand=False))

    def _indented(self, table: Table) -> None:
        self.console.print(Padding(table, (0, 0, 0, 2), expand=False))

    def _list(self, title: str, texts: Iterable[str]) -> None:
        found = list(dict.fromkeys(texts))
        if found:
            self._title(title)
            grid = Table.grid(padding=(0, 1))
            for text in found:
                grid.add_row("-", printable(text))
            self._indented(grid)

    def _pairs(self, title: str, pairs: Iterable[tuple[str, str]]) -> None:
        grid = Table.grid(padding=(0, 2))
        for name, text in pairs:
            grid.add_row(Text(name, no_wrap=True), printable(text))
        if title and grid.row_count:
            self._title(title)
        if grid.row_count:
            self._indented(grid)

    def _written(self, names: Iterable[str]) -> None:
        found = list(names)
        if found:
            self.console.print()
        for name in found:
            self.console.print(f"Written: {printable(name)}", soft_wrap=True)


def offers(result: Scored, *, out: str | None, report: str | None, rejects: str | None) -> dict[str, str]:
    """What the same command would bring with further options, and the command that tells more."""
    found = {}
    if report is None:
        found["--report report.html"] = "the whole picture, to open in a browser"
    if out is None:
        found["--out scores.csv"] = "every customer, a row each"
    if rejects is None and result.orders.rejected:
        found["--rejects rejects.csv"] = "the rows that were not used, and why"
    if not result.orders.engine.sorts:
        return found
    return found | {"clv backtest": "how models and rules of thumb did on the shop's own past"}


def printable(value: Any) -> str:
    """Text as a screen may show it: what would move the cursor or change colours becomes �."""
    return "".join(sign if sign.isprintable() or sign == "\u00a0" else "\ufffd" for sign in str(value))


def reason(name: str) -> str:
    """Why a row was not used, in words."""
    key = f"reason_{name}"
    return WORDS.say(key) if WORDS.has(key) else name.replace("_", " ")


def _table(texts: tuple[str, ...], numbers: tuple[str, ...]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1), collapse_padding=True, header_style="dim")
    for name in texts:
        table.add_column(name, overflow="fold", min_width=min(len(name), 10))
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _money(currency: str | None) -> Any:
    return lambda value: ENGLISH.money(value, currency)


def _basis(orders: Orders) -> str:
    inside = f" in {orders.currency}" if orders.currency else ""
    if orders.basis == "revenue":
        return f"Values are revenue{inside}, refunds taken off."
    return f"Values are contribution{inside}; {ENGLISH.share(orders.estimated_share)} of costs come from stated rates."


def _tests(found: Backtest, name: str, level: float) -> str:
    by_name = {row["model"]: row for row in rows(found, level)}
    own = by_name[name]
    thumb = min((by_name[naive] for naive in found.naive), key=lambda row: float(row["orders_mae"]))
    off = WORDS.off(own["value_bias"] / 100)
    return (
        f"Tried on {many(own['origins'], 'day')} in the past, it was off by {own['orders_mae']:.2f} orders a customer; "
        f"the best rule of thumb ({thumb['model']}) by {thumb['orders_mae']:.2f}. The total value came out {off}."
    )


def many(count: float, thing: str) -> str:
    """1 row, 2 rows."""
    return f"{count:,.0f} {thing}{'' if count == 1 else 's'}"


def _account(totals: Mapping[str, Any], currency: str | None) -> str:
    read, used, refunds = (
        ENGLISH.exact(totals[name], currency) for name in ("amount_read", "amount_accepted", "refunds")
    )
    part = f"{totals['rows_accepted']:,} with {used} used" if totals["rows_rejected"] else "all used"
    less = f" ({refunds} of refunds taken off)" if totals["refunds"] else ""
    return f"{many(totals['rows_read'], 'row')} with {read} read, {part}{less}."


def _later(totals: Mapping[str, Any], until: date) -> str:
    later = totals.get("rows_later", 0)
    return f" {many(later, 'row')} after {until} not looked at." if later else ""
