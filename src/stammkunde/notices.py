"""What had to be assumed, as sentences that know their name and their figures, to be said in other languages too."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Self

#: A key may become the name of a saved file's field: none is renamed.
ENGLISH: Mapping[str, str] = {
    # --- orders
    "guests": "Customer 0 has several e-mail addresses: these are guests, told apart by their addresses.",
    "decimal_mark": "Column {column!r} has numbers such as {example} that may be read two ways; {mark!r} was taken for "
    "the decimal mark. If that is wrong, set `decimal` in the mapping.",
    "moments_as_written": "Times in column {column!r} are moments; their days were taken as written. Name the shop's "
    "time zone (timezone='Europe/Berlin') to have them in its days.",
    "moments_in_utc": "Times in column {column!r} are moments; their days were taken in UTC. Name the shop's time zone "
    "(timezone='Europe/Berlin') to have them in its days.",
    "passed_over": "{field} was read from {column!r}; {others} would do as well.",
    "net_by_name": "{column!r} is without VAT by its name, so none was taken off.",
    "refunds_without_tax": "{file} has no column of tax: refunds were taken off in full, as if no VAT came back.",
    "refunds_without_cost": "{file} has no column of cost: refunds were taken off in full, as if no goods came back.",
    "refunds_without_currency": "{file} names no currency: its amounts were taken to be in {currency}.",
    "cost_lacking": "{rows:,} rows lack a cost that others have; it was taken for 0. If it is not, state a rate.",
    "quiet_end": "There is no order in the {days:,} days before {until}. If the export ends on {last}, say so: "
    "until={last}.",
    # --- models
    "one_order_for_ever": "{model} takes everyone who ordered once for a customer for ever: p_alive is 1 for them.",
    "all_for_ever": "{model} takes everyone for a customer for ever: p_alive is 1 for all.",
    "nobody_leaves": "Hardly anyone is seen to leave in these {days:,} days: p_alive is nearly 1 for all. A longer "
    "history would tell more.",
    "little_history": "Too little history to backtest (it takes {customers} customers before and {orders} orders after "
    "two days in the past): {model} was taken unseen.",
    "no_model_beats_naive": "No model beat the naive rules clearly in backtests.",
    "season_left_out": "The season of past days was left out: the years disagree.",
    "trees_no_better": "Trees did no better than {model} on customers held out: its error of orders x {orders:.3f}, of "
    "value x {value:.3f}. Take {model}, or auto.",
    "covariate_same": "{column} was left out: it is the same for all.",
    "covariate_rare": "{column} was left out: no level has {customers} customers.",
}


class Notice(str):
    """A sentence in English; with `key` and `values` it can be said in another language.

    Parameters
    ----------
    key : name of the sentence in `ENGLISH`.
    values : what fills its blanks.
    """

    __slots__ = ("key", "values")
    key: str
    values: Mapping[str, str | float | date]

    def __new__(cls, key: str, **values: str | float | date) -> Self:
        made = super().__new__(cls, ENGLISH[key].format(**values))
        made.key, made.values = key, values
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.key, self.values)

    def to_dict(self) -> dict[str, Any]:
        """Key and values, for JSON."""
        return {"key": self.key, **self.values}

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any]) -> Self:
        """The notice that `to_dict` wrote."""
        return cls(**saved)


def _again(key: str, values: Mapping[str, Any]) -> Notice:
    return Notice(key, **values)
