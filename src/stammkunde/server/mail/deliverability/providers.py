"""Providers by their name in django-anymail: what they need to be told, and what they want in the name system."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Provider:
    """`secrets` and `options` are arguments of its backend; `spf` is what a record includes for it, empty where that is
    not known or differs; `selectors` under which its keys usually stand, none where every customer has another. `hook`
    is what its webhooks are protected by: a key it signs with, or else a password that is made here."""

    title: str
    secrets: tuple[str, ...]
    options: tuple[str, ...] = ()
    spf: str = ""
    selectors: tuple[str, ...] = ()
    hook: str = "webhook_secret"


PROVIDERS: Mapping[str, Provider] = {
    "brevo": Provider("Brevo", ("api_key",), spf="spf.brevo.com", selectors=("brevo1", "brevo2", "brevo", "mail")),
    "mailersend": Provider(
        "MailerSend", ("api_token",), (), "_spf.mailersend.net", ("mlsend", "mlsend2"), "signing_secret"
    ),
    "mailgun": Provider(
        "Mailgun", ("api_key",), ("sender_domain", "api_url"), "mailgun.org",
        ("pdk1", "pdk2", "pic", "mta", "k1", "krs", "smtp", "mx", "email", "s1"), "webhook_signing_key",
    ),
    "mailjet": Provider("Mailjet", ("api_key", "secret_key"), spf="spf.mailjet.com", selectors=("mailjet",)),
    "mailtrap": Provider("Mailtrap", ("api_token",), selectors=("rwmt1", "rwmt2")),
    "mandrill": Provider(
        "Mandrill", ("api_key",), (), "spf.mandrillapp.com", ("mte1", "mte2", "mandrill"), "webhook_key"
    ),
    "postal": Provider("Postal", ("api_key",), ("api_url",), hook="webhook_key"),
    "postmark": Provider("Postmark", ("server_token",), ("message_stream",), "spf.mtasv.net"),
    "resend": Provider("Resend", ("api_key",), selectors=("resend",), hook="signing_secret"),
    "scaleway": Provider("Scaleway", ("secret_key",), ("project_id", "region"), "_spf.scw-tem.cloud"),
    "sendgrid": Provider("SendGrid", ("api_key",), spf="sendgrid.net", selectors=("s1", "s2")),
    "sparkpost": Provider("SparkPost", ("api_key",), ("api_url",), "sparkpostmail.com"),
    "unisender_go": Provider("Unisender Go", ("api_key",), ("api_url",), selectors=("us",), hook="api_key"),
}  # fmt: skip
#: Where keys of servers often stand, if nobody has said where.
USUAL = ("default", "mail", "dkim", "selector1", "selector2", "s1", "s2", "k1", "google", "smtp", "key1", "x")

#: Post boxes that anybody can have: their owners refuse mail in their name from elsewhere (DMARC).
FREE = frozenset(
    {
        *("gmail.com", "googlemail.com", "gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.com", "web.de", "t-online.de"),
        *("freenet.de", "arcor.de", "vodafone.de", "kabelmail.de", "mail.de", "email.de", "posteo.de", "mailbox.org"),
        *("outlook.com", "outlook.de", "hotmail.com", "hotmail.de", "live.com", "live.de", "msn.com", "yahoo.com"),
        *("yahoo.de", "yahoo.co.uk", "ymail.com", "aol.com", "aol.de", "icloud.com", "me.com", "mac.com", "mail.com"),
        *("protonmail.com", "proton.me", "tutanota.com", "tuta.io", "fastmail.com", "zoho.com", "yandex.com"),
        *("bluewin.ch", "hispeed.ch", "aon.at", "chello.at", "orange.fr", "free.fr", "laposte.net", "wanadoo.fr"),
        "libero.it",
    }
)
