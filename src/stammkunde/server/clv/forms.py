"""What people type: rates in per cent and in money, with a comma or a point."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from stammkunde.server.clv.models import Booking, Rates
from stammkunde.server.clv.queries.rates import Costs
from stammkunde.server.lib.money import LARGEST, major, minor, places

SHARES = ("vat", "goods", "resale", "payment", "marketplace", "discount")
AMOUNTS = ("shipping", "payment_fixed", "handling", "minute")


class Figure(forms.DecimalField):
    """A number that may be written with a comma."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**options)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # the stubs have an int here
        if isinstance(value, str) and value.count(",") == 1 and "." not in value:
            value = value.replace(",", ".")
        return super().to_python(value)


class Share(Figure):
    """Per cent with two places."""

    def __init__(self, label: Any, hint: Any = "", *, most: int = 100, required: bool = False) -> None:
        super().__init__(label=label, help_text=hint, min_value=0, max_value=most, decimal_places=2, required=required)


class Amount(Figure):
    """Money in the shop's currency."""

    def __init__(self, label: Any, hint: Any = "", *, required: bool = False, least: int | None = 0) -> None:
        super().__init__(label=label, help_text=hint, min_value=least, max_value=LARGEST // 1000, required=required)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]  # the stubs have an int here
        found = super().to_python(value)
        if found is not None and found != round(found, places(settings.CURRENCY)):
            raise forms.ValidationError(
                _("%(currency)s has %(places)s decimal places."),
                params={"currency": settings.CURRENCY, "places": places(settings.CURRENCY)},
            )
        return found


class RatesForm(forms.Form):
    """Rates from a day on."""

    valid_from = forms.DateField(
        label=_("Valid from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Days before the first rates take the first rates."),
    )
    vat = Share(_("VAT, % of net prices"), _("Prices include it. Used where an order does not tell its VAT."))
    goods = Share(_("Goods, % of net sales"), _("Used for articles whose cost is not known."))
    resale = Share(
        _("Goods that come back and can be sold again, %"), _("100: all of them. Empty: what comes back is lost.")
    )
    shipping = Amount(_("Shipping, per order"), _("What a parcel costs the shop, with packaging."))
    payment = Share(_("Payment fee, % of the charge"))
    payment_fixed = Amount(_("Payment fee, per order"))
    marketplace = Share(_("Marketplace fee, % of the charge"))
    marketplaces = forms.CharField(
        label=_("Channels that are marketplaces"),
        required=False,
        help_text=_("Separated by commas, such as amazon, ebay."),
    )
    handling = Amount(_("Handling of a return, per refund"), _("Label, inspection, repacking."))
    minute = Amount(_("Service, per minute"))
    discount = Share(
        _("Discount rate, % a year"), _("What money a year from now is worth less than today."), required=True
    )
    horizon_months = forms.IntegerField(
        label=_("Months looked ahead"), min_value=1, max_value=60, help_text=_("Every prediction names this horizon.")
    )

    def clean_marketplaces(self) -> list[str]:
        """Names of channels, without the mark that separates them in SQL."""
        named = (part.strip().replace("|", "") for part in self.cleaned_data["marketplaces"].split(","))
        return [name for name in dict.fromkeys(named) if name]

    @property
    def values(self) -> dict[str, Any]:
        """What was typed as columns of `Rates`: basis points and smallest units."""
        c = self.cleaned_data
        shares = {name: None if c[name] is None else int(c[name] * 100) for name in SHARES}
        amounts = {name: None if c[name] is None else minor(c[name], settings.CURRENCY) for name in AMOUNTS}
        return {**shares, **amounts, "marketplaces": c["marketplaces"], "horizon_months": c["horizon_months"]}

    @property
    def costs(self) -> Costs:
        """The rates among them."""
        values = {name: value for name, value in self.values.items() if name not in {"discount", "horizon_months"}}
        return Costs(**{**values, "marketplaces": tuple(values["marketplaces"])})

    @staticmethod
    def shown(row: Rates | None, *, valid_from: date) -> Mapping[str, Any]:
        """What the form begins with: the rates that hold now, or the usual questions of a shop."""
        if row is None:
            return {"valid_from": valid_from, "resale": 100, "discount": 10, "horizon_months": 12}
        known = {name: _percent(getattr(row, name)) for name in SHARES}
        amounts = {name: _major(getattr(row, name)) for name in AMOUNTS}
        more = {"marketplaces": ", ".join(row.marketplaces), "horizon_months": row.horizon_months}
        return known | amounts | more | {"valid_from": valid_from}


def _percent(points: int | None) -> Decimal | None:
    return None if points is None else (Decimal(points) / 100).normalize().quantize(Decimal("0.01")).normalize() + 0


def _major(amount: int | None) -> Decimal | None:
    return None if amount is None else major(amount, settings.CURRENCY)


class SpendForm(forms.Form):
    """What was spent on winning customers."""

    channel = forms.CharField(label=_("Channel"), max_length=80, required=False)
    month = forms.DateField(
        label=_("Month"),
        input_formats=["%Y-%m", "%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
    )
    amount = Amount(_("Spent"), required=True)

    @property
    def minor(self) -> int:
        """In the smallest unit."""
        return minor(self.cleaned_data["amount"], settings.CURRENCY)


class BookingForm(forms.Form):
    """A line in a customer's ledger."""

    day = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    kind = forms.ChoiceField(label=_("What for"), choices=Booking.Kind.choices)
    amount = Amount(_("Amount"), _("Negative for a cost."), least=None)
    minutes = forms.IntegerField(label=_("Minutes of service"), min_value=1, max_value=100_000, required=False)
    text = forms.CharField(label=_("Note"), max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        """An amount, or minutes of service."""
        found = super().clean() or self.cleaned_data
        service = found.get("kind") == Booking.Kind.SERVICE and found.get("minutes")
        if found.get("amount") is None and not service:
            raise forms.ValidationError(_("Type an amount, or minutes of service."))
        return found

    @property
    def minor(self) -> int | None:
        """In the smallest unit."""
        amount = self.cleaned_data["amount"]
        return None if amount is None else minor(amount, settings.CURRENCY)
