"""Providers for tests: their documented webhooks, sent and signed as they send and sign them."""

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.test import Client
from standardwebhooks.webhooks import Webhook

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_PEM = (
    KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
)
#: What a shop has set for each of them.
HOOKS: Final[dict[str, dict[str, str]]] = {
    **{
        name: {"webhook_secret": "shop:password"}
        for name in ("amazon_ses", "brevo", "mailjet", "postmark", "sendgrid", "sparkpost")
    },
    "mailtrap": {"tracking_secret": "trap"},
    "mailersend": {"signing_secret": "sign"},
    "mailgun": {"webhook_signing_key": "gun"},
    "mandrill": {"webhook_key": "drill"},
    "postal": {"webhook_key": "".join(_PEM.strip().splitlines()[1:-1])},
    "resend": {"signing_secret": "whsec_" + base64.b64encode(b"resend" * 4).decode()},
    "unisender_go": {"api_key": "uni"},
}


@dataclass
class Post:
    """A request as a provider makes it."""

    provider: str
    body: bytes
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)

    def to(self, client: Client, path: str = "") -> int:
        """Send it; the status of the answer."""
        where = f"/hooks/mail/{self.provider}/{path}"
        return client.post(where, self.body, content_type=self.kind, headers=self.headers).status_code


def post(provider: str, payload: Any, kind: str, *, now: datetime) -> Post:
    """A payload of a provider, signed with what is set for it."""
    made = Post(provider, json.dumps(payload).encode())
    sign = {
        "amazon_ses": _amazon, "mailgun": _mailgun, "mandrill": _mandrill, "mailersend": _mailersend,
        "mailtrap": _mailtrap, "postal": _postal, "resend": _resend, "unisender_go": _unisender,
    }.get(provider, _password)  # fmt: skip
    sign(made, payload, kind, now)
    return made


def _password(made: Post, payload: Any, kind: str, now: datetime) -> None:
    del payload, kind, now
    made.headers["Authorization"] = "Basic " + base64.b64encode(b"shop:password").decode()


def _amazon(made: Post, payload: Any, kind: str, now: datetime) -> None:
    _password(made, payload, kind, now)
    if "Type" not in payload:  # a notice without the envelope that Amazon's SNS posts it in
        payload = {
            "Type": "Notification",
            "MessageId": "m1",
            "Timestamp": now.isoformat(),
            "Message": json.dumps(payload),
        }
    made.body, made.kind = json.dumps(payload).encode(), "text/plain; charset=UTF-8"
    made.headers["x-amz-sns-message-type"] = payload["Type"]
    made.headers["x-amz-sns-message-id"] = payload["MessageId"]


def _mailgun(made: Post, payload: Any, kind: str, now: datetime) -> None:
    said = {"token": "t" * 50, "timestamp": "1461095246"}
    said["signature"] = hmac.new(b"gun", f"{said['timestamp']}{said['token']}".encode(), hashlib.sha256).hexdigest()
    if "urlencoded" in kind:
        made.body, made.kind = urlencode(payload | said, doseq=True).encode(), "application/x-www-form-urlencoded"
    else:
        made.body = json.dumps(payload | {"signature": said}).encode()


def _mandrill(made: Post, payload: Any, kind: str, now: datetime) -> None:
    fields = {"mandrill_events": json.dumps(payload)}
    url = "http://testserver/hooks/mail/mandrill/" + "".join(f"{k}{v}" for k, v in sorted(fields.items()))
    mark = base64.b64encode(hmac.new(b"drill", url.encode(), hashlib.sha1).digest()).decode()
    made.body, made.kind = urlencode(fields).encode(), "application/x-www-form-urlencoded"
    made.headers["X-Mandrill-Signature"] = mark


def _mailersend(made: Post, payload: Any, kind: str, now: datetime) -> None:
    made.headers["Signature"] = hmac.new(b"sign", made.body, hashlib.sha256).hexdigest()


def _mailtrap(made: Post, payload: Any, kind: str, now: datetime) -> None:
    made.headers["Mailtrap-Signature"] = hmac.new(b"trap", made.body, hashlib.sha256).hexdigest()


def _postal(made: Post, payload: Any, kind: str, now: datetime) -> None:
    mark = KEY.sign(made.body, padding.PKCS1v15(), hashes.SHA1())
    made.headers["X-Postal-Signature"] = base64.b64encode(mark).decode()


def _resend(made: Post, payload: Any, kind: str, now: datetime) -> None:
    mark = Webhook(HOOKS["resend"]["signing_secret"]).sign("msg_1", datetime.now(UTC), made.body.decode())
    stamp = str(int(datetime.now(UTC).timestamp()))
    made.headers |= {"svix-id": "msg_1", "svix-timestamp": stamp, "svix-signature": mark}


def _unisender(made: Post, payload: Any, kind: str, now: datetime) -> None:
    said = json.dumps(payload | {"auth": "uni"}).encode()
    mark = hashlib.md5(said).hexdigest()
    made.body = json.dumps(payload | {"auth": mark}).encode()


def payloads(folder: Path) -> list[tuple[str, str, str]]:
    """Every documented payload: file, provider, kind of content."""
    lines = (folder / "index.csv").read_text().splitlines()[1:]
    return [(name, esp, kind) for name, esp, _event, kind in (line.split(",")[:4] for line in lines)]
