"""How staff log in, in allauth's words: by address, nobody without an invitation, and what went wrong is in the log."""

from typing import Any
from urllib.parse import quote

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import User
from stammkunde.server.lib.seal import seal, unseal

#: Mails in our own words; all others of allauth are switched off, or belong to pages that are closed.
OURS = {f"account/email/{name}": f"accounts/mail/{name}" for name in ("password_reset_key", "unknown_account")}


class StaffAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's ways, less the open door."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up: staff come by an invitation."""
        del request
        return False

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """A wrong password, or an address nobody has: the log keeps the address, never the password."""
        by = request.user if isinstance(request.user, User) else None
        title = str(credentials.get("email") or "")
        record("failed", "login", now=timezone.now(), by=by, title=title)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """The right password of somebody whose access has ended."""
        record("refused", "login", now=timezone.now(), subject_id=user.pk, title=user.email)
        answer: HttpResponse = super().respond_user_inactive(request, user)
        return answer

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Under the address of the installation, not under the one that a request claims to be for."""
        return password_address(key)

    def format_email_subject(self, subject: str) -> str:
        """The name of the product instead of a host."""
        return f"Stammkunde: {subject}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Our own words, in the language of whoever reads them."""
        user = context.get("user")
        with translation.override(getattr(user, "language", "") or translation.get_language()):
            super().send_mail(OURS.get(template_prefix, template_prefix), email, context)


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """Second factors are sealed: a stolen database is not enough to make codes."""

    def encrypt(self, text: str) -> str:
        """Sealed with the key of the installation."""
        return seal({"secret": text})

    def decrypt(self, encrypted_text: str) -> str:
        """What was sealed.

        Raises
        ------
        ValueError : it was sealed with a key that is no longer known.
        """
        return str(unseal(encrypted_text)["secret"])


def password_address(key: str) -> str:
    """The page on which a new password is set."""
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
    return settings.PUBLIC_URL + path.replace("UID-KEY", quote(key))
