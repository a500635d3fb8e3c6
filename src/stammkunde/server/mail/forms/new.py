"""The beginning of a mail."""

from django import forms
from django.utils.translation import gettext_lazy as _

from stammkunde.server.consent.purposes import Purpose


class New(forms.Form):
    """Its name, and what it is for."""

    name = forms.CharField(label=_("Name, for the shop alone"), max_length=160)
    purpose = forms.ChoiceField(
        label=_("What the mail is for"),
        choices=Purpose,
        help_text=_("It decides on which basis of law the mail may go out."),
    )
