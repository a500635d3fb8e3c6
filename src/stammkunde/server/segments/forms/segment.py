"""A segment as somebody types it: its name, what it is for, and its rule."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stammkunde.server.segments.models import Segment

LARGEST = 1_000_000  # bytes of a file


class SegmentForm(forms.Form):
    """Name and purpose; the rule stands beside, in `draft`."""

    name = forms.CharField(label=_("Name"), max_length=120, help_text=_("As colleagues will look for it."))
    description = forms.CharField(
        label=_("What this segment is for"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("One sentence helps whoever finds it in a year."),
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=Segment.Kind,
        help_text=_("Customers can be in many segments, but are of one type: the first in the list whose rule fits."),
    )
    position = forms.IntegerField(
        label=_("Place in the list of types"), min_value=0, max_value=10_000, required=False,
        help_text=_("The type with the lowest number is asked first."),
    )  # fmt: skip


class FileForm(forms.Form):
    """A file of segments; once it was looked at, it comes back as text, so that nothing has to be kept before."""

    file = forms.FileField(
        label=_("File of segments"),
        required=False,
        help_text=_("JSON, as “All as a file” writes it, here or in another shop."),
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json"}),
    )
    text = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)

    def clean(self) -> dict[str, Any]:
        """The data of the file, under "data"."""
        found = super().clean() or self.cleaned_data
        file, text = found.get("file"), found.get("text", "")
        if file is not None and file.size > LARGEST:
            raise forms.ValidationError(_("This file is too large for segments: at most 1 MB."))
        try:
            found["text"] = file.read().decode("utf-8-sig") if file is not None else text
            found["data"] = json.loads(found["text"])
        except (UnicodeDecodeError, ValueError, RecursionError) as error:
            message = _("The file cannot be read as JSON. Choose one that Stammkunde has written.")
            raise forms.ValidationError(message) from error
        return found
