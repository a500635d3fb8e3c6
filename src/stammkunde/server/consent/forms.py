"""What staff type about consent."""

from django import forms
from django.utils.translation import gettext_lazy as _

from stammkunde.server.consent.bases import Basis, Topic
from stammkunde.server.consent.models import Wording

SAID = (
    ("granted", _("agreed")),
    ("withdrawn", _("took the consent back")),
    ("objected", _("objected")),
)
HEARD = (
    ("telephone", _("by telephone")),
    ("counter", _("in person")),
    ("paper", _("on paper")),
    ("email", _("by e-mail")),
)


class Record(forms.Form):
    """Something a customer said to the staff."""

    kind = forms.ChoiceField(label=_("The customer"), choices=SAID)
    topic = forms.ChoiceField(label=_("about"), choices=Topic)
    source = forms.ChoiceField(label=_("How"), choices=HEARD)
    wording = forms.ModelChoiceField(
        label=_("Words that were agreed to"),
        queryset=Wording.objects.order_by("topic", "language", "-number"),
        required=False,
        empty_label=_("not known: it counts as not proven"),
    )
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class Words(forms.Form):
    """The words people agree to."""

    topic = forms.ChoiceField(label=_("About"), choices=Topic)
    language = forms.ChoiceField(label=_("Language"), choices=(("de", "Deutsch"), ("en", "English")))
    text = forms.CharField(label=_("Words"), widget=forms.Textarea(attrs={"rows": 4}), max_length=4000)


class State(forms.Form):
    """Since when the checkout tells of the right to object."""

    since = forms.DateField(label=_("Since"), widget=forms.DateInput(attrs={"type": "date"}))
    wording = forms.ModelChoiceField(
        label=_("Words"), queryset=Wording.objects.order_by("topic", "language", "-number")
    )
    page = forms.URLField(label=_("Page on which they stand"), required=False, max_length=500, assume_scheme="https")


class Row(forms.Form):
    """What may carry a purpose in a country."""

    bases = forms.MultipleChoiceField(
        label=_("Bases"), choices=Basis, required=False, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(label=_("Why it may be looser than the law"), max_length=500, required=False)
