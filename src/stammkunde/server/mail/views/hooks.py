"""Where providers tell what became of messages: django-anymail's own views, with what the shop has set for them.

`/hooks/mail/<provider>/` takes events, `/hooks/mail/<provider>/inbound/` mail. What protects a hook is in the sealed
secrets of the sender, under "hooks" and the provider's name, in the words of django-anymail: `webhook_secret` (user and
password, `user:password`, which the address then bears), or the key that the provider signs with. A provider for which
nothing is set is not listened to.
"""

import hmac
import json
import time
import urllib.request
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from anymail.exceptions import AnymailConfigurationError, AnymailError, AnymailWebhookValidationFailure
from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailInboundEvent, AnymailTrackingEvent
from anymail.webhooks import (
    amazon_ses,
    brevo,
    mailersend,
    mailgun,
    mailjet,
    mailtrap,
    mandrill,
    postal,
    postmark,
    resend,
    sendgrid,
    sparkpost,
    unisender_go,
)
from anymail.webhooks.base import AnymailBaseWebhookView
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from stammkunde.server.accounts.actions.delivering import signature
from stammkunde.server.lib.seal import unseal
from stammkunde.server.mail.actions.believing import Told, believe
from stammkunde.server.mail.actions.hearing import take
from stammkunde.server.mail.models import Sender

log = structlog.get_logger("stammkunde.mail")


class _SendGrid(sendgrid.SendGridTrackingWebhookView):  # type: ignore[misc]  # anymail ships no types
    """Its view still reads what SendGrid tells, though django-anymail has nobody to try it out any more. Rows of its
    list of bounces, which say of no event that they are one, are bounces."""

    def __init__(self, **kwargs: Any) -> None:
        AnymailBaseWebhookView.__init__(self, **kwargs)

    def parse_events(self, request: HttpRequest) -> list[Any]:
        """The events of a post."""
        told = json.loads(request.body.decode("utf-8"))
        rows = [each if "event" in each else {"event": "bounce", **each} for each in told]
        return [self.esp_to_anymail_event(each) for each in rows]


class _Ses(AnymailBaseWebhookView):  # type: ignore[misc]  # anymail ships no types
    """Amazon's SDK is not needed to read what Amazon tells."""

    auto_confirm_enabled = True
    kms_key_id = None
    chunk_size = 64 * 1024

    def __init__(self, **kwargs: Any) -> None:
        AnymailBaseWebhookView.__init__(self, **kwargs)

    def auto_confirm_sns_subscription(self, sns_message: Mapping[str, Any]) -> None:
        """Say yes to Amazon, at Amazon only; the password of the hook was right."""
        address = urlsplit(str(sns_message.get("SubscribeURL")))
        host = address.hostname or ""
        if address.scheme != "https" or not (
            host.startswith("sns.") and host.endswith((".amazonaws.com", ".amazonaws.com.cn"))
        ):
            raise AnymailWebhookValidationFailure("The address to confirm the subscription at is not Amazon's.")
        urllib.request.urlopen(address.geturl(), timeout=10).close()  # noqa: S310  the scheme was looked at


class _SesTracking(_Ses, amazon_ses.AmazonSESTrackingWebhookView):  # type: ignore[misc]  # anymail ships no types
    pass


class _SesInbound(_Ses, amazon_ses.AmazonSESInboundWebhookView):  # type: ignore[misc]  # anymail ships no types
    pass


class _Resend(resend.ResendTrackingWebhookView):  # type: ignore[misc]  # anymail ships no types
    """Its signature is that of Standard Webhooks under older names, so no library of its own is needed."""

    def __init__(self, **kwargs: Any) -> None:
        self._signing = str(kwargs.pop("signing_secret", None) or "")
        self.warn_if_no_basic_auth = False
        AnymailBaseWebhookView.__init__(self, **kwargs)

    _svix_webhook = None

    def validate_request(self, request: HttpRequest) -> None:
        """Whether the provider signed it."""
        names = ("id", "timestamp", "signature")
        given = {f"webhook-{name}": request.headers.get(f"svix-{name}", "") for name in names}
        if self._signing and not _signed(self._signing, given, request.body):
            raise AnymailWebhookValidationFailure("The signature is not the provider's.")


def _signed(secret: str, given: Mapping[str, str], body: bytes) -> bool:
    """Whether one of the signatures is right, and made within five minutes of now (Standard Webhooks)."""
    moment = given["webhook-timestamp"]
    try:
        fresh = abs(time.time() - int(moment)) <= 300
        right = signature([secret], given["webhook-id"], int(moment), body).encode()
    except ValueError:  # no number, or a secret that is none (binascii.Error)
        return False
    return fresh and any(hmac.compare_digest(right, each.encode()) for each in given["webhook-signature"].split())


#: The views of each provider (events, mail), and what protects them: one of these has to be set.
PROVIDERS: Final[Mapping[str, tuple[Any, Any, frozenset[str]]]] = {
    "amazon_ses": (_SesTracking, _SesInbound, frozenset({"webhook_secret"})),
    "brevo": (brevo.BrevoTrackingWebhookView, brevo.BrevoInboundWebhookView, frozenset({"webhook_secret"})),
    "mailersend": (
        mailersend.MailerSendTrackingWebhookView,
        mailersend.MailerSendInboundWebhookView,
        frozenset({"signing_secret", "inbound_secret"}),
    ),
    "mailgun": (
        mailgun.MailgunTrackingWebhookView,
        mailgun.MailgunInboundWebhookView,
        frozenset({"webhook_signing_key"}),
    ),
    "mailjet": (mailjet.MailjetTrackingWebhookView, mailjet.MailjetInboundWebhookView, frozenset({"webhook_secret"})),
    "mailtrap": (
        mailtrap.MailtrapTrackingWebhookView,
        mailtrap.MailtrapInboundWebhookView,
        frozenset({"webhook_secret", "tracking_secret", "inbound_secret"}),
    ),
    "mandrill": (
        mandrill.MandrillCombinedWebhookView,
        mandrill.MandrillCombinedWebhookView,
        frozenset({"webhook_key"}),
    ),
    "postal": (postal.PostalTrackingWebhookView, postal.PostalInboundWebhookView, frozenset({"webhook_key"})),
    "postmark": (
        postmark.PostmarkTrackingWebhookView,
        postmark.PostmarkInboundWebhookView,
        frozenset({"webhook_secret"}),
    ),
    "resend": (_Resend, resend.ResendInboundWebhookView, frozenset({"webhook_secret", "signing_secret"})),
    "sendgrid": (
        _SendGrid,
        None,
        frozenset({"webhook_secret"}),
    ),
    "sparkpost": (
        sparkpost.SparkPostTrackingWebhookView,
        sparkpost.SparkPostInboundWebhookView,
        frozenset({"webhook_secret"}),
    ),
    "unisender_go": (unisender_go.UnisenderGoTrackingWebhookView, None, frozenset({"api_key"})),
}


@csrf_exempt
def events(request: HttpRequest, provider: str) -> HttpResponseBase:
    """What became of messages, as a provider tells it."""
    return _answered(request, provider, 0)


@csrf_exempt
def mail(request: HttpRequest, provider: str) -> HttpResponseBase:
    """Mail that came back to an address the provider keeps."""
    return _answered(request, provider, 1)


def _answered(request: HttpRequest, provider: str, which: int) -> HttpResponseBase:
    """The answer of django-anymail's view. What is forged is refused; what cannot be read is told to the provider, who
    shows it to the shop."""
    found = PROVIDERS.get(provider)
    view: Any = found[which] if found else None
    said = _set(provider)
    if found is None or view is None or not found[2] & {name for name, value in said.items() if value}:
        raise Http404
    try:
        made: Any = view(**said)
        return _heard(made, request, provider)
    except AnymailWebhookValidationFailure as error:
        log.warning("webhook refused", provider=provider, why=str(error))
        return HttpResponse("Refused.\n", status=403, content_type="text/plain")
    except (AnymailConfigurationError, AnymailError, ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning("webhook not understood", provider=provider, why=f"{type(error).__name__}: {error}"[:300])
        return HttpResponse("Not understood.\n", status=422, content_type="text/plain")


def _heard(view: Any, request: HttpRequest, provider: str) -> HttpResponseBase:
    """What django-anymail's view does with a post, but that its events come here and go to nobody else."""
    if request.method != "POST":  # some ask with HEAD whether anybody is there
        view.setup(request)
        answer: HttpResponseBase = view.dispatch(request)
        return answer
    if view.basic_auth and "Authorization" not in request.headers:  # Amazon sends it only when it is asked to
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Basic realm="webhook"'})
    view.run_validators(request)
    for event in view.parse_events(request):
        if isinstance(event, AnymailInboundEvent):
            _came(event)
        else:
            _told(event, provider)
    return HttpResponse()


def _set(provider: str) -> dict[str, Any]:
    """What the shop has set for the hooks of a provider."""
    hooks: Any = unseal(Sender.now().secrets).get("hooks")
    said = hooks.get(provider) if isinstance(hooks, dict) else None
    return {str(name): value for name, value in said.items()} if isinstance(said, dict) else {}


def _told(event: AnymailTrackingEvent, provider: str) -> None:
    now = timezone.now()
    raw = event.esp_event
    believe(
        Told(
            provider=provider,
            kind=str(event.event_type),
            recipient=str(event.recipient or ""),
            at=min(event.timestamp or now, now),
            event_id=str(event.event_id or ""),
            message_id=str(event.message_id or ""),
            reject_reason=str(event.reject_reason or ""),
            description=str(event.description or ""),
            response=str(event.mta_response or ""),
            user_agent=str(event.user_agent or ""),
            url=str(event.click_url or ""),
            event=json.loads(json.dumps(raw.dict() if hasattr(raw, "dict") else raw, default=str)) or {},
        ),
        now=now,
    )


def _came(event: AnymailInboundEvent) -> None:
    message: AnymailInboundMessage = event.message
    take(message.as_bytes(), now=timezone.now(), to=str(message.envelope_recipient or ""))
