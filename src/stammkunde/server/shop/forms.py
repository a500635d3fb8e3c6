"""Forms of the room."""

from collections.abc import Sequence
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from stammkunde.facts.columns import FIELDS
from stammkunde.server.lib.seal import unseal
from stammkunde.server.shop.actions.importing import KINDS
from stammkunde.server.shop.models import Imprint, Source
from stammkunde.server.shop.sources.base import Field

#: Fields of an order in the order people think of them, with their names.
NAMES = {
    "customer": _("Customer"),
    "email": _("E-mail"),
    "date": _("Date"),
    "order": _("Order number"),
    "amount": _("Amount"),
    "quantity": _("Quantity"),
    "price": _("Price of one"),
    "product": _("Article"),
    "currency": _("Currency"),
    "status": _("State"),
    "discount": _("Discount"),
    "tax": _("VAT"),
    "shipping_charged": _("Shipping charged"),
    "shipping_cost": _("Shipping cost"),
    "cost": _("Cost of goods"),
    "fee": _("Payment fee"),
    "refund": _("Refunded"),
    "channel": _("Channel"),
    "country": _("Country"),
    "coupon": _("Coupon"),
}
DATES = (("", _("Find out")), ("%d/%m/%Y", _("Day first: 31/12/2026")), ("%m/%d/%Y", _("Month first: 12/31/2026")))
DECIMALS = (("", _("Find out")), (",", _("Comma: 1.234,50")), (".", _("Point: 1,234.50")))


class NewImport(forms.Form):
    """A file of orders."""

    file = forms.FileField(
        label=_("File of orders"),
        help_text=_("CSV or Parquet, one row an order or an order line, as the shop exports it."),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(KINDS)}),
    )


class Columns(forms.Form):
    """Which column is what, and how to read dates and numbers."""

    date_format = forms.ChoiceField(label=_("Dates"), choices=DATES, required=False)
    decimal = forms.ChoiceField(label=_("Decimal mark"), choices=DECIMALS, required=False)
    currency = forms.CharField(label=_("Currency to keep"), max_length=3, min_length=3, required=False)
    timezone = forms.CharField(label=_("Time zone of the times in it"), max_length=60, required=False)

    def __init__(self, *args: Any, headers: Sequence[str], mapping: dict[str, Any], asks: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asks = asks
        known = mapping.get("columns", {})
        choices = [("", "–"), *((name, name) for name in headers)]
        for name in FIELDS:
            field = forms.ChoiceField(label=NAMES[name], choices=choices, required=False, initial=known.get(name, ""))
            self.fields[f"column_{name}"] = field
        for name in ("date_format", "decimal", "currency", "timezone"):
            self.fields[name].initial = mapping.get(name, "")

    def clean_timezone(self) -> str:
        """A zone there is."""
        zone = str(self.cleaned_data["timezone"])
        if zone and zone not in available_timezones():
            raise forms.ValidationError(_("There is no such time zone. Write it like Europe/Berlin."))
        return zone

    @property
    def columns(self) -> list[forms.BoundField]:
        """The fields that name columns, those that are set or needed first."""
        needed = {"customer", "email", "date", "order", "amount", "quantity", "price", "product"}
        found = [self[f"column_{name}"] for name in NAMES]
        return sorted(found, key=lambda f: not (f.value() or f.name.removeprefix("column_") in needed))

    @property
    def ways(self) -> list[forms.BoundField]:
        """The fields that say how to read."""
        return [self[name] for name in ("date_format", "decimal", "currency", "timezone")]

    def chosen(self) -> dict[str, Any]:
        """The mapping as it is saved."""
        columns = {name: self.cleaned_data[f"column_{name}"] for name in NAMES if self.cleaned_data[f"column_{name}"]}
        ways = {name: self.cleaned_data[name] for name in ("date_format", "decimal", "timezone")}
        return {"columns": columns, "currency": self.cleaned_data["currency"].upper(), **ways}


class NewSource(forms.Form):
    """A shop to be connected."""

    kind = forms.ChoiceField(label=_("Kind of shop"))
    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("As it is called here, such as “German shop”."))

    def __init__(self, *args: Any, kinds: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(label=_("Kind of shop"), choices=kinds)


class Settings(forms.Form):
    """What a kind of source asks for. A secret that is left empty stays as it is."""

    name = forms.CharField(label=_("Name"), max_length=120)

    def __init__(self, *args: Any, source: Source, fields: Sequence[Field], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = fields
        self.fields["name"].initial = source.name
        known = unseal(source.sealed)
        for each in fields:
            there = bool(known.get(each.name))
            hint = _("Set. Leave it empty to keep it.") if there else each.hint
            self.fields[f"of_{each.name}"] = forms.CharField(
                label=str(each.label),
                help_text=str(hint),
                required=each.required and not there,
                max_length=2000,
                initial="" if each.secret else source.options.get(each.name, ""),
                widget=forms.PasswordInput(attrs={"autocomplete": "off"}) if each.secret else forms.TextInput(),
            )

    def options(self) -> dict[str, Any]:
        """What stands open."""
        return {each.name: self.cleaned_data[f"of_{each.name}"].strip() for each in self.asked if not each.secret}

    def secrets(self) -> dict[str, str]:
        """What is to be sealed."""
        return {each.name: self.cleaned_data[f"of_{each.name}"].strip() for each in self.asked if each.secret}


class ImprintForm(forms.ModelForm):  # type: ignore[type-arg]  # Django has no generic one at run time
    """Name and address."""

    class Meta:
        """All of it."""

        model = Imprint
        fields = ("name", "address", "legal", "email", "phone", "url", "privacy_url", "country")
        labels: ClassVar = {
            "name": _("Name of the shop"),
            "address": _("Postal address"),
            "legal": _("Further legal details"),
            "email": _("E-mail"),
            "phone": _("Telephone"),
            "url": _("Web address"),
            "privacy_url": _("Address of the privacy policy"),
            "country": _("Country"),
        }
        help_texts: ClassVar = {
            "address": _("Where letters reach the shop (§ 5 DDG)."),
            "legal": _("Register and number, directors, VAT number."),
            "email": _("Where customers' answers go. Somebody should read it."),
            "country": _("Two letters. Its law holds for customers whose country is not known."),
        }
        widgets: ClassVar = {"address": forms.Textarea(attrs={"rows": 3}), "legal": forms.Textarea(attrs={"rows": 3})}

    def clean_country(self) -> str:
        """Two letters, or nothing."""
        said: str = self.cleaned_data["country"].upper()
        if said and not (len(said) == 2 and said.isascii() and said.isalpha()):
            raise forms.ValidationError(_("Two letters, such as DE."))
        return said
