"""Pools as somebody types them, and files of codes."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from stammkunde.server.lib.money import major, minor
from stammkunde.server.offers.actions.pools import Terms
from stammkunde.server.offers.models import Pool

LARGEST = 40_000_000  # bytes of a file of codes


class PoolForm(forms.Form):
    """What a code of a pool is worth, for whom, and how long."""

    name = forms.CharField(label=_("Name"), max_length=160, help_text=_("As colleagues will look for it."))
    kind = forms.ChoiceField(label=_("A code takes off"), choices=Pool.Kind)
    worth = forms.DecimalField(
        label=_("How much"), min_value=Decimal("0.01"), max_value=Decimal(1_000_000), decimal_places=2,
        help_text=_("Per cent, or an amount in the shop's currency."),
    )  # fmt: skip
    second_purchase = forms.BooleanField(
        label=_("for the second purchase"),
        required=False,
        help_text=_("Then 10 to 50 per cent: less moves nobody, more gives the profit of two orders away."),
    )
    valid_days = forms.IntegerField(label=_("Good for how many days"), min_value=1, max_value=3650, initial=30)
    minimum_order = forms.DecimalField(
        label=_("From which order value"), min_value=Decimal(0), max_value=Decimal(10_000_000), decimal_places=2,
        required=False, help_text=_("Empty: from any."),
    )  # fmt: skip
    alarm_below = forms.IntegerField(
        label=_("Alarm when fewer are left than"), min_value=0, max_value=1_000_000, initial=100
    )
    last_day = forms.DateField(
        label=_("Last day the shop takes them"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Empty: no such day."),
    )
    active = forms.BooleanField(label=_("in use"), required=False, initial=True)

    @classmethod
    def of(cls, pool: Pool, data: Any = None) -> "PoolForm":
        """The form of a pool that is there."""
        names = ("name", "kind", "second_purchase", "valid_days", "alarm_below", "active")
        known = {name: getattr(pool, name) for name in names}
        percent = pool.kind == Pool.Kind.PERCENT
        known["worth"] = Decimal(pool.worth) if percent else major(pool.worth, settings.CURRENCY)
        known["minimum_order"] = major(pool.minimum_order, settings.CURRENCY) if pool.minimum_order else None
        known["last_day"] = (pool.ends_at - timedelta(seconds=1)).astimezone(_zone()).date() if pool.ends_at else None
        return cls(data, initial=known)

    def clean_worth(self) -> Decimal:
        """Whole per cents."""
        worth: Decimal = self.cleaned_data["worth"]
        if self.cleaned_data.get("kind") == Pool.Kind.PERCENT and worth != int(worth):
            raise forms.ValidationError(_("Enter whole per cents."))
        return worth

    def terms(self) -> Terms:
        """What was typed."""
        said = self.cleaned_data
        percent, last = said["kind"] == Pool.Kind.PERCENT, said["last_day"]
        ends = datetime.combine(last + timedelta(days=1), time(), tzinfo=_zone()).astimezone(UTC) if last else None
        return Terms(
            name=said["name"],
            kind=said["kind"],
            worth=int(said["worth"]) if percent else minor(said["worth"], settings.CURRENCY),
            second_purchase=said["second_purchase"],
            valid_days=said["valid_days"],
            minimum_order=minor(said["minimum_order"], settings.CURRENCY),
            alarm_below=said["alarm_below"],
            active=said["active"],
            ends_at=ends,
        )


class NewPool(PoolForm):
    """A pool that is to be: its key, and where its codes are made."""

    key = forms.SlugField(
        label=_("Key"), max_length=80, help_text=_("By which mails name the pool, such as second-order. It stays.")
    )
    source = forms.ChoiceField(label=_("Codes are"), choices=Pool.Source)
    field_order = ("name", "key", "source")


class Codes(forms.Form):
    """Codes that the shop has made: a file, or lines."""

    file = forms.FileField(
        label=_("File of codes"), required=False, help_text=_("CSV or text, one code a line; the first column counts.")
    )
    lines = forms.CharField(
        label=_("or codes, one a line"), required=False, max_length=1_000_000, widget=forms.Textarea(attrs={"rows": 4})
    )

    def clean(self) -> dict[str, Any]:
        """The lines, under "codes"."""
        found = super().clean() or self.cleaned_data
        file = found.get("file")
        if file is not None and file.size > LARGEST:
            raise forms.ValidationError(_("This file is too large: at most 40 MB at once."))
        try:
            text = file.read().decode("utf-8-sig") if file is not None else found.get("lines", "")
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("The file cannot be read as text. Save it as CSV in UTF-8.")) from error
        found["codes"] = text.splitlines()
        if not text.strip():
            raise forms.ValidationError(_("Choose a file, or enter codes."))
        return found


class Number(forms.Form):
    """How many codes to make."""

    number = forms.IntegerField(label=_("How many"), min_value=1, max_value=100_000, initial=1000)


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.SHOP_ZONE)
