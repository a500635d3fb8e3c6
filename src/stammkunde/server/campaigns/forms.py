"""A newsletter as somebody types it: for whom, when, and which texts."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from stammkunde.server.campaigns.actions.writing import LONGEST_SUBJECT, MOST_VARIANTS, Text, Wanted
from stammkunde.server.campaigns.models import Campaign, Tenure
from stammkunde.server.mail.models import Template
from stammkunde.server.segments.models import Segment
from stammkunde.server.segments.queries.naming import title

AT_ONCE, MOMENT, ZONE = "once", "moment", "zone"
WHEN = (
    (AT_ONCE, _("As soon as it is released")),
    (MOMENT, _("At one moment, for all")),
    (ZONE, _("At an hour where the customer is")),
)


class SegmentChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # Django takes no arguments here
    """Segments by the names they have in the reader's language."""

    def label_from_instance(self, obj: Any) -> str:
        """What it is called, and how many are in it."""
        size = f" ({obj.size})" if obj.size is not None else ""
        return f"{title(obj)}{size}"


class CampaignForm(forms.Form):
    """All but the texts."""

    name = forms.CharField(
        label=_("Name"), max_length=160, help_text=_("For colleagues, and the title in the archive.")
    )
    purpose = forms.ChoiceField(
        label=_("What it is"), choices=Campaign.PURPOSES, help_text=_("Decides which consent it needs.")
    )
    segment = SegmentChoice(
        label=_("Who gets it"),
        queryset=Segment.objects.filter(kind=Segment.Kind.AUDIENCE).order_by("name"),
        required=False,
        empty_label=_("Everybody who may be written to"),
    )
    categories = forms.CharField(
        label=_("Goods it is about"),
        required=False,
        max_length=500,
        help_text=_(
            "Categories, with commas between. Who bought such goods may get it without a consent (§ 7 (3) UWG)."
        ),
    )
    when = forms.ChoiceField(label=_("When it goes out"), choices=WHEN, widget=forms.RadioSelect)
    at = forms.DateTimeField(
        label=_("Moment, in the shop's zone"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    day = forms.DateField(
        label=_("Day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    hour = forms.TimeField(
        label=_("Hour"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    per_hour = forms.IntegerField(
        label=_("At most this many an hour"),
        required=False,
        min_value=0,
        max_value=10_000_000,
        help_text=_("Empty: as fast as the sender can. Slower is kinder to a small service desk, and to a new sender."),
    )
    goal = forms.ChoiceField(label=_("What decides between texts"), choices=Campaign.Goal)
    window_hours = forms.IntegerField(
        label=_("Hours after the mail that count"), min_value=1, max_value=720, initial=72,
    )  # fmt: skip
    spread_hours = forms.IntegerField(
        label=_("Hours over which a test goes out"),
        min_value=1,
        max_value=168,
        initial=20,
        help_text=_("Each hour learns from the mails before it. All at once teaches nothing."),
    )
    public = forms.BooleanField(
        label=_("Show it in the public archive and its feed once it has gone out"), required=False
    )

    @classmethod
    def of(cls, campaign: Campaign) -> dict[str, Any]:
        """What is there, to begin with."""
        names = ("name", "purpose", "segment", "day", "hour", "goal", "window_hours", "spread_hours", "public")
        found = {name: getattr(campaign, name) for name in names}
        found["categories"] = ", ".join(campaign.categories)
        found["when"] = MOMENT if campaign.at else ZONE if campaign.day else AT_ONCE
        found["per_hour"] = campaign.per_hour or None
        there = campaign.at.astimezone(ZoneInfo(settings.SHOP_ZONE)) if campaign.at else None
        found["at"] = there.replace(tzinfo=None) if there else None  # Django would write it in its own zone
        return found

    def clean_at(self) -> datetime | None:
        """The moment: what was typed is an hour of the shop's zone."""
        found: datetime | None = self.cleaned_data["at"]
        if found is None:
            return None
        return found.replace(tzinfo=ZoneInfo(settings.SHOP_ZONE), fold=0).astimezone(UTC)

    def clean(self) -> dict[str, Any]:
        """What was chosen needs its fields."""
        found = super().clean() or self.cleaned_data
        if found.get("when") == MOMENT and not found.get("at"):
            self.add_error("at", _("A moment is needed here."))
        if found.get("when") == ZONE:
            for name in ("day", "hour"):
                if not found.get(name):
                    self.add_error(name, _("A day and an hour are needed here."))
        return found

    def wanted(self, rule: dict[str, Any] | None = None) -> Wanted:
        """What was typed; `rule` where the audience is a rule that the page does not show."""
        said = self.cleaned_data
        when = said["when"]
        return Wanted(
            name=said["name"],
            purpose=said["purpose"],
            segment=said["segment"],
            rule=rule if said["segment"] is None else None,
            at=said["at"] if when == MOMENT else None,
            day=said["day"] if when == ZONE else None,
            hour=said["hour"] if when == ZONE else None,
            per_hour=said["per_hour"] or 0,
            goal=said["goal"],
            window_hours=said["window_hours"],
            spread_hours=said["spread_hours"],
            public=said["public"],
            categories=[each.strip() for each in said["categories"].split(",") if each.strip()],
        )


class TextForm(forms.Form):
    """One text: a mail, for whom, and another subject if there is to be one."""

    template = forms.ModelChoiceField(
        label=_("Mail"),
        queryset=Template.objects.filter(retired_at=None).exclude(origin__startswith="campaign:").order_by("name"),
        required=False,
        empty_label=_("Choose a mail"),
    )
    tenure = forms.ChoiceField(label=_("For whom"), choices=Tenure)
    subject_de = forms.CharField(label=_("Subject in German"), max_length=LONGEST_SUBJECT, required=False)
    subject_en = forms.CharField(label=_("Subject in English"), max_length=LONGEST_SUBJECT, required=False)

    def text(self) -> Text | None:
        """The text; None of a row that was left empty."""
        said = self.cleaned_data
        if not said.get("template"):
            return None
        return Text(said["template"], said["tenure"], {"de": said["subject_de"], "en": said["subject_en"]})


Texts = forms.formset_factory(TextForm, extra=0, min_num=1, max_num=MOST_VARIANTS, absolute_max=MOST_VARIANTS)


def texts_of(campaign: Campaign) -> list[dict[str, Any]]:
    """What is there of texts, to begin with."""
    return [
        {
            "template": each.template_id,
            "tenure": each.tenure,
            "subject_de": next((each.subjects[v] for v in ("de", "de-sie", "de-du") if v in each.subjects), ""),
            "subject_en": each.subjects.get("en", ""),
        }
        for each in campaign.variants.order_by("key")
    ]
