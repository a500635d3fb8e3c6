"""Any provider that django-anymail speaks to, by its name there: "postmark", "amazon_ses", "brevo", "mailjet", …

What is set for a provider (`Sender.options` and the sealed secrets) are the arguments of its backend, such as
`server_token` or `api_key`; see https://anymail.dev/ for those of each.
"""

import email
import email.policy
import importlib
from collections.abc import Mapping
from email.message import EmailMessage as Parsed
from typing import Any

import requests
from anymail.exceptions import (
    AnymailConfigurationError,
    AnymailError,
    AnymailImproperlyInstalled,
    AnymailInvalidAddress,
    AnymailRecipientsRefused,
    AnymailSerializationError,
)
from django.core.mail import EmailMultiAlternatives

from stammkunde.server.mail.models import Sender
from stammkunde.server.mail.sending.transports.base import ConfigurationError, Outcome, ProviderError, Receipt

OURS = frozenset({"subject", "from", "to", "reply-to", "date", "mime-version", "content-type"})
TAKEN = frozenset({"sent", "queued"})
NEVER = frozenset({"invalid", "rejected"})
BUSY = frozenset({429, 503})


class Anymail:
    """A backend of django-anymail, kept open."""

    def __init__(self, name: str, arguments: Mapping[str, Any]) -> None:
        self.provider = name[:30]
        self.backend = _backend(name, arguments)

    def send(self, envelope_from: str, to: str, message: bytes) -> Receipt:
        """See `Session`. A refusal by its API is certain; when it gave no answer, it may have taken the message."""
        mail = composed(envelope_from, to, message)
        try:
            self.backend.open()
            self.backend.send_messages([mail])
        except (AnymailInvalidAddress, AnymailRecipientsRefused) as error:
            return Receipt(Outcome.REFUSED, _said(error), "recipient")
        except AnymailSerializationError as error:
            return Receipt(Outcome.REFUSED, _said(error), "content")
        except (AnymailConfigurationError, AnymailImproperlyInstalled) as error:
            raise ConfigurationError(_said(error)) from error
        except (AnymailError, requests.RequestException) as error:
            return self._failed(error)
        return self._told(mail, to)

    def close(self) -> None:
        """See `Session`."""
        self.backend.close()

    def _failed(self, error: Exception) -> Receipt:
        """What an error of the API means for the message."""
        status = int(getattr(error, "status_code", None) or 0)
        if isinstance(error, requests.ConnectTimeout) or _never_connected(error):
            raise ProviderError(_said(error)) from error
        if status in (401, 403):
            raise ConfigurationError(_said(error)) from error
        if status in BUSY:
            raise ProviderError(_said(error)) from error
        if 400 <= status < 500:
            return Receipt(Outcome.REFUSED, _said(error), "content")
        return Receipt(Outcome.UNKNOWN, _said(error), "no_answer", broken=True)

    def _told(self, mail: EmailMultiAlternatives, to: str) -> Receipt:
        status: Any = mail.anymail_status  # type: ignore[attr-defined]  # set by the backend
        one = next(iter(status.recipients.values()), None)
        name, what = str(getattr(one, "message_id", None) or ""), getattr(one, "status", None)
        if what in NEVER:
            return Receipt(Outcome.REFUSED, f"{what} {to}", "recipient", header_id=name[:200])
        if what in TAKEN or name:
            return Receipt(Outcome.SENT, f"{what or 'taken'} {name}".strip(), header_id=name[:200])
        return Receipt(Outcome.UNKNOWN, f"{what}", "no_answer")


def session(sender: Sender, secrets: Mapping[str, str]) -> Anymail:
    """The backend of the provider that is named as transport."""
    return Anymail(sender.transport, {**sender.options, **secrets})


def composed(envelope_from: str, to: str, message: bytes) -> EmailMultiAlternatives:
    """A finished message as the backends take it: they put it together anew."""
    parsed = email.message_from_bytes(message, policy=email.policy.default)
    text, html = _body(parsed, "plain"), _body(parsed, "html")
    headers = {name: str(value) for name, value in parsed.items() if name.lower() not in OURS}
    found = EmailMultiAlternatives(
        subject=str(parsed["subject"] or ""),
        body=text,
        from_email=str(parsed["from"]),
        to=[str(parsed["to"] or to)],
        reply_to=[str(parsed["reply-to"])] if parsed["reply-to"] else None,
        headers=headers,
    )
    if html:
        found.attach_alternative(html, "text/html")
    found.envelope_sender = envelope_from  # type: ignore[attr-defined]  # read by backends that can set it
    return found


def _body(parsed: Parsed, kind: str) -> str:
    part = parsed.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def _backend(name: str, arguments: Mapping[str, Any]) -> Any:
    """The backend class of a provider, made with what was set.

    Raises
    ------
    ConfigurationError : there is no such provider, or something it needs is not set.
    """
    try:
        if not name.isidentifier():
            raise ModuleNotFoundError(name)
        backend = importlib.import_module(f"anymail.backends.{name}").EmailBackend
    except (ModuleNotFoundError, AttributeError) as error:  # the folder has modules that are no provider
        raise ConfigurationError(f"django-anymail knows no provider named {name!r}.") from error
    except AnymailImproperlyInstalled as error:  # a package that this provider needs is not here
        raise ConfigurationError(_said(error)) from error
    try:
        return backend(fail_silently=False, ignore_unsupported_features=True, **arguments)
    except (AnymailConfigurationError, TypeError) as error:
        raise ConfigurationError(_said(error)) from error


def _never_connected(error: BaseException | None) -> bool:
    """Whether nothing was sent since no connection was made. Once there was one, an error says nothing of that."""
    text = repr(error) + repr(getattr(error, "__cause__", None))
    return any(word in text for word in ("NewConnectionError", "NameResolutionError", "ConnectTimeout"))


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0][:500]
