"""How the shop sends, as somebody types it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stammkunde.server.mail.deliverability.providers import PROVIDERS
from stammkunde.server.mail.models import Sender

OWN: Mapping[str, Promise | str] = {"captured": _("keep it as files, send nothing"), "smtp": _("an SMTP server")}
SECURITY = (("starttls", "STARTTLS"), ("tls", "TLS"), ("none", _("none: only within the own network")))
TIME = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class FromForm(forms.Form):
    """From whom mail comes, and where answers and returns go."""

    name = forms.CharField(label=_("Name of the sender"), max_length=120, required=False)
    address = forms.EmailField(
        label=_("Address of the sender"), max_length=254, help_text=_("Of the shop's own domain, not of a post box.")
    )
    reply_to = forms.EmailField(
        label=_("Answers go to"), max_length=254, required=False, help_text=_("Empty: to the sender's address.")
    )
    return_address = forms.EmailField(
        label=_("What cannot be delivered goes to"), max_length=254, required=False,
        help_text=_("A mailbox that takes addresses with a plus sign, such as bounce+7@…, and is read here."),
    )  # fmt: skip


class PaceForm(forms.Form):
    """How fast."""

    connections = forms.IntegerField(label=_("Connections at the same time"), min_value=1, max_value=50)
    per_minute = forms.IntegerField(
        label=_("Messages a minute, at most"), min_value=0, max_value=1_000_000, help_text=_("0: no limit.")
    )


class HabitForm(forms.Form):
    """How people are written to."""

    form = forms.ChoiceField(label=_("German mails say"), choices=Sender.Form)
    tracking = forms.ChoiceField(
        label=_("What is learnt of openings and clicks"), choices=Sender.Tracking,
        help_text=_("Nothing here depends on it. Persons need a consent of its own (§ 25 TDDDG)."),
    )  # fmt: skip
    quiet_from = forms.TimeField(label=_("No advertising from"), widget=TIME)
    quiet_to = forms.TimeField(
        label=_("to"), widget=TIME, help_text=_("Where the customer is; order mails go out at any time.")
    )
    cap = forms.IntegerField(label=_("Advertising mails a customer, at most"), min_value=0, max_value=1000)
    cap_days = forms.IntegerField(label=_("within so many days"), min_value=1, max_value=365)
    gap_hours = forms.IntegerField(label=_("Hours between two of them"), min_value=0, max_value=10_000)
    look_ahead_hours = forms.IntegerField(
        label=_("A better message is waited for, hours"), min_value=0, max_value=240,
        help_text=_("Of several, the one that is expected to bring most goes first."),
    )  # fmt: skip
    late_days = forms.IntegerField(
        label=_("Advertising rests while a parcel is late by days"), min_value=1, max_value=365
    )
    refund_days = forms.IntegerField(label=_("and after money was given back, days"), min_value=0, max_value=365)


class WayForm(forms.Form):
    """The way out: what a server or a provider has to be told. A secret that is there already may be left empty."""

    def __init__(self, *args: Any, way: str, known: frozenset[str] = frozenset(), **more: Any) -> None:
        super().__init__(*args, **more)
        self.way, self.hidden_names = way, list[str]()
        if way == "smtp":
            self._smtp()
        elif way in PROVIDERS:
            self._provider(way)
        if way != "captured":
            self.fields["dkim_selector"] = forms.CharField(
                label=_("DKIM selector"), max_length=60, required=False,
                help_text=_("Of the name under which the key stands (SELECTOR._domainkey.…) the first part."),
            )  # fmt: skip
        for name in self.hidden_names:
            if name in known:
                self.fields[name].required = False
                self.fields[name].help_text = _("It is there already. Empty: it stays.")

    def _smtp(self) -> None:
        self.fields["host"] = forms.CharField(label=_("Server"), max_length=253)
        self.fields["port"] = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=587)
        self.fields["security"] = forms.ChoiceField(label=_("Encryption"), choices=SECURITY)
        self.fields["user"] = forms.CharField(label=_("User"), max_length=254, required=False)
        self._hidden("password", _("Password"), required=False)
        self.fields["outgoing"] = forms.CharField(
            label=_("Servers that send, if others"), max_length=1000, required=False,
            help_text=_("Names or addresses, where the server hands mail on to others that bring it to the world."),
        )  # fmt: skip

    def _provider(self, way: str) -> None:
        provider = PROVIDERS[way]
        for name in provider.secrets:
            self._hidden(name, name)
        for name in provider.options:
            self.fields[name] = forms.CharField(label=name, max_length=300, required=False)
        if provider.hook not in ("webhook_secret", "api_key"):
            self._hidden("hook", _("Key by which it signs its webhooks"), required=False)

    def _hidden(self, name: str, label: Any, *, required: bool = True) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "off"})
        self.fields[name] = forms.CharField(label=label, max_length=1000, required=required, strip=True, widget=widget)
        self.hidden_names.append(name)

    @property
    def options(self) -> dict[str, Any]:
        """What may be seen; what was left empty is taken out."""
        return {name: value for name, value in self.cleaned_data.items() if name not in self.hidden_names}

    @property
    def given(self) -> dict[str, str]:
        """What is sealed."""
        return {name: self.cleaned_data[name] for name in self.hidden_names}


class MailboxForm(forms.Form):
    """Where mail that comes back is fetched from."""

    host = forms.CharField(label=_("IMAP server"), max_length=253, required=False)
    port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65535, initial=993)
    security = forms.ChoiceField(label=_("Encryption"), choices=(SECURITY[1], SECURITY[0], SECURITY[2]))
    user = forms.CharField(label=_("User"), max_length=254, required=False)
    password = forms.CharField(
        label=_("Password"), max_length=1000, required=False, widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Empty: what is there stays."),
    )  # fmt: skip
    folder = forms.CharField(label=_("Folder"), max_length=200, initial="INBOX", required=False)


class TrialForm(forms.Form):
    """Whom a test mail goes to."""

    to = forms.EmailField(label=_("To"), max_length=254)


class WarmForm(forms.Form):
    """How a new sender begins."""

    first = forms.IntegerField(label=_("Messages on the first day"), min_value=1, max_value=200_000, initial=200)


def ways() -> list[tuple[str, Promise | str]]:
    """The ways out, as they are chosen from."""
    return [*OWN.items(), *((name, provider.title) for name, provider in PROVIDERS.items())]
