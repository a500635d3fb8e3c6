"""How a Shopware shop and this server come to trust each other, and how each message proves where it is from.

The shop asks to be registered, signed with the secret of the app. It gets a proof that the app's secret is known here,
and a secret of its own, which signs all that follows. That one counts only when the shop has confirmed it with it:
until then, or if somebody else asks, the one before stays.
"""

import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings

from stammkunde.server.shop.models import Source
from stammkunde.server.shop.sources.base import Asked, Headers, Reply, hex_hmac, keys, parsed, settings_of, signed
from stammkunde.server.shop.sources.payloads import Node, PayloadError

CONFIRM = "confirm"
LATE = 15 * 60  # seconds; Shopware stamps each attempt anew, also hours after the event
FORBIDDEN = Reply({"error": "The signature is not that of this app."}, status=401)


def handshake(source: Source, asked: Asked) -> Reply | None:
    """The answer to a registration or its confirmation; None for anything else."""
    if asked.method == "GET" and "shopware-app-signature" in asked.headers:
        return _register(source, asked)
    if asked.method == "POST" and asked.path.strip("/") == CONFIRM:
        return _confirm(source, asked)
    return None


def webhook_signed(source: Source, headers: Headers, body: bytes) -> bool:
    """Whether a message is signed with the shop's secret, and not an old one that somebody kept."""
    told = settings_of(source)
    known = keys(str(told.get("shop_secret", "")))
    given = headers.get("shopware-shop-signature", "")
    if not signed(given, known, body, hex_hmac):
        return False
    with suppress(PayloadError):
        payload = parsed(body)
        return isinstance(payload, dict) and _recent(payload.get("timestamp"))
    return False


def _register(source: Source, asked: Asked) -> Reply:
    """Signed is the query as it was sent: decoded and put together again, it would be another."""
    told, query = settings_of(source), parse_qs(asked.query)
    shop, url, timestamp = (next(iter(query.get(name, [])), "") for name in ("shop-id", "shop-url", "timestamp"))
    app_secret, name = str(told.get("app_secret") or ""), str(told.get("app_name") or "")
    if not signed(asked.headers.get("shopware-app-signature", ""), [app_secret], asked.query.encode(), hex_hmac):
        return FORBIDDEN
    if not shop or not url or not name or not _recent(timestamp):
        return Reply({"error": "The shop, the name of the app or the time is missing."}, status=400)
    again, current = asked.headers.get("shopware-shop-signature", ""), _current(told)
    if again and current and not signed(again, current, asked.query.encode(), hex_hmac):
        return FORBIDDEN
    fresh = secrets.token_hex(32)
    document = {
        "proof": hex_hmac(app_secret, f"{shop}{url}{name}".encode()),
        "secret": fresh,
        "confirmation_url": f"{settings.PUBLIC_URL}/hooks/{source.token}/{CONFIRM}",
    }
    return Reply(document, keep={"pending_secret": fresh, "pending_shop": shop})


def _confirm(source: Source, asked: Asked) -> Reply:
    told = settings_of(source)
    pending, shop = str(told.get("pending_secret") or ""), str(told.get("pending_shop") or "")
    if not signed(asked.headers.get("shopware-shop-signature", ""), [pending], asked.body, hex_hmac):
        return FORBIDDEN
    try:
        node = Node(parsed(asked.body))
    except PayloadError as error:
        return Reply({"error": str(error)}, status=400)
    given = {name: node.text(name) for name in ("apiKey", "secretKey", "shopUrl", "shopId")}
    if not all(given.values()) or given["shopId"] != shop or not _recent(node.value.get("timestamp")):
        return Reply({"error": "The credentials, the shop or the time is missing."}, status=400)
    keep = {
        "shop_secret": pending,
        "pending_secret": "",
        "pending_shop": "",
        "client_id": given["apiKey"],
        "client_secret": given["secretKey"],
    }
    return Reply(keep=keep if told.get("shop_url") else {**keep, "shop_url": given["shopUrl"]})


def _current(told: dict[str, Any]) -> Iterable[str]:
    return keys(str(told.get("shop_secret") or ""))


def _recent(timestamp: Any) -> bool:
    """Whether a message was sent just now. Kinds are told no time, so that the clock is read here."""
    try:
        return abs(time.time() - float(str(timestamp))) <= LATE
    except ValueError:
        return False
