"""Forms of the room."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from stammkunde.server.accounts.events import FAMILIES
from stammkunde.server.accounts.models import Endpoint, User
from stammkunde.server.accounts.roles import Right, Role


class Join(forms.Form):
    """Somebody who was invited says who they are."""

    name = forms.CharField(
        label=_("Name"), max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters. Several words in a row are easy to remember and hard to guess."),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if email:
            self.fields["email"].initial = email
            self.fields["email"].disabled = True

    def clean(self) -> dict[str, Any]:
        """A password that is not guessed from the rest."""
        said = super().clean() or {}
        if said.get("password"):
            try:
                validate_password(said["password"], User(email=said.get("email", ""), name=said.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return said


class Me(forms.Form):
    """What everybody sets for themselves; address and role are the owner's to change."""

    name = forms.CharField(
        label=_("Name"), max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=[("", _("as the browser")), *settings.LANGUAGES]
    )
    theme = forms.ChoiceField(
        label=_("Light"),
        required=False,
        choices=[("", _("as the system")), ("light", _("light")), ("dark", _("dark"))],
    )


class Invite(forms.Form):
    """Who is to come in, as what."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        required=False,
        help_text=_("Who comes in can then take no other address. Empty: they choose one themselves."),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.READER)


class NewKey(forms.Form):
    """What a key is for, and what it may do."""

    name = forms.CharField(label=_("What it is for"), max_length=120)
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"), choices=Right.choices, widget=forms.CheckboxSelectMultiple, initial=[Right.SEE]
    )


class EndpointForm(forms.Form):
    """Where to tell what happens, and what of it."""

    url = forms.CharField(
        label=_("Address"), max_length=500, widget=forms.URLInput(attrs={"placeholder": "https://"}),
        help_text=_("Signed as Standard Webhooks says; it thanks with a status of 200 to 299 within ten seconds."),
    )  # fmt: skip
    about = forms.CharField(label=_("What it is for"), max_length=160, required=False)
    events = forms.MultipleChoiceField(
        label=_("What to tell"), choices=FAMILIES, required=False, widget=forms.CheckboxSelectMultiple
    )
    own = forms.CharField(
        label=_("Events by name"),
        max_length=1000,
        required=False,
        help_text=_("Such as message.sent or journey.cart.stalled, with blanks between them."),
    )

    @classmethod
    def of(cls, endpoint: Endpoint, data: Any = None) -> "EndpointForm":
        """The form of an endpoint that is there."""
        families = [name for name in endpoint.events if name in dict(FAMILIES)]
        own = " ".join(name for name in endpoint.events if name not in families)
        known = {"url": endpoint.url, "about": endpoint.about, "events": families, "own": own}
        return cls(data, initial=known)

    def wanted(self) -> list[str]:
        """All names that were chosen or typed."""
        return [*self.cleaned_data["events"], *self.cleaned_data["own"].replace(",", " ").split()]
