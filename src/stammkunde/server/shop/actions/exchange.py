"""Amounts of other currencies in the shop's own."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TypeVar

from django.conf import settings

from stammkunde.server.lib.money import places
from stammkunde.server.shop.facts import CartFact, EventFact, OrderFact, RefundFact
from stammkunde.server.shop.models import Source

Fact = TypeVar("Fact")
_ORDER = ("gross", "total", "discount", "shipping", "tax", "shipping_cost", "payment_fee", "other_cost")
_REFUND = ("amount", "tax", "fee", "goods_back")
_LINE = ("price", "total", "discount", "tax", "cost")


class Exchange:
    """Amounts into the shop's currency, by the rates its source states: {"USD": "0.92"}."""

    def __init__(self, source: Source) -> None:
        self.rates: dict[str, Decimal | None] = {settings.CURRENCY: Decimal(1)}
        for code, rate in source.options.get("exchange_rates", {}).items():
            try:
                self.rates[code.upper()] = Decimal(str(rate).replace(",", "."))
            except InvalidOperation:
                self.rates[code.upper()] = None

    def orders(self, facts: Iterable[OrderFact], refused: list[tuple[str, str]]) -> list[OrderFact]:
        """Orders in the shop's currency, less those without a rate. The code stays that of the payment."""
        return [self._order(fact) for fact in facts if self._known(fact.external_id, fact.currency, refused)]

    def refunds(self, facts: Iterable[RefundFact], refused: list[tuple[str, str]]) -> list[RefundFact]:
        """Refunds in the shop's currency, less those without a rate."""
        good = [fact for fact in facts if self._known(fact.external_id, fact.currency, refused)]
        return [self._moved(fact, fact.currency, _REFUND) for fact in good]

    def carts(self, facts: Iterable[CartFact]) -> list[CartFact]:
        """Baskets in the shop's currency; of no value where there is no rate."""
        return [replace(f, value=self(f.value, f.currency) if self._rate(f.currency) else 0) for f in facts]

    def events(self, facts: Iterable[EventFact]) -> list[EventFact]:
        """Events in the shop's currency; of unknown value where there is no rate."""
        return [replace(f, value=self.maybe(f.value, f.currency) if self._rate(f.currency) else None) for f in facts]

    def __call__(self, amount: int, currency: str) -> int:
        rate = self._rate(currency)
        if rate is None:
            raise ValueError(f"There is no rate for {currency}.")
        if currency.upper() in {settings.CURRENCY, ""}:
            return amount
        moved = (Decimal(amount) * rate).scaleb(places(settings.CURRENCY) - places(currency))
        return int(moved.quantize(Decimal(1), rounding=ROUND_HALF_UP))

    def maybe(self, amount: int | None, currency: str) -> int | None:
        return None if amount is None else self(amount, currency)

    def _rate(self, currency: str) -> Decimal | None:
        return self.rates.get(currency.upper() or settings.CURRENCY)

    def _known(self, what: str, currency: str, refused: list[tuple[str, str]]) -> bool:
        if self._rate(currency) is None:
            refused.append((what, f"No rate is stated for {currency or 'no currency'}: state one at the source."))
        return self._rate(currency) is not None

    def _order(self, fact: OrderFact) -> OrderFact:
        if fact.currency.upper() == settings.CURRENCY:
            return fact
        lines = tuple(self._moved(line, fact.currency, _LINE) for line in fact.lines)
        return replace(self._moved(fact, fact.currency, _ORDER), lines=lines)

    def _moved(self, fact: Fact, currency: str, amounts: Iterable[str]) -> Fact:
        moved = {name: self.maybe(getattr(fact, name), currency) for name in amounts}
        changed: Fact = replace(fact, **moved)  # type: ignore[type-var]  # facts are dataclasses, all of them
        return changed
