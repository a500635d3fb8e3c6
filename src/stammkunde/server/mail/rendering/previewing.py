"""A mail as one customer would get it now, before it goes to anybody. Nothing is written, no code is given away.

What the customer has not (an order, a cart, a code) is shown by an example, and said to be one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stammkunde.server.consent.gate import Asked
from stammkunde.server.consent.queries.gate import gate
from stammkunde.server.mail.models import Message, Send, Version
from stammkunde.server.mail.rendering import contexts, samples
from stammkunde.server.mail.rendering.blocks import Coupon, Products
from stammkunde.server.mail.rendering.documents import Document, digest, read, written
from stammkunde.server.mail.rendering.rendering import Rendered, renderer
from stammkunde.server.shop.models import Cart, Customer, Order


@dataclass(frozen=True)
class Previewed:
    """A mail as it would look. `samples` names what is an example; `left_out` tells of each block without a basis why;
    `refused` why the mail as a whole may not go to this customer, empty where it may (codes of the gate)."""

    rendered: Rendered
    voice: str
    samples: tuple[str, ...]
    left_out: Mapping[str, str]
    refused: str


def previewed(
    mail: Document | Version, customer: Customer | None, *, now: datetime, voice: str | None = None
) -> Previewed:
    """The mail for a customer, in their voice or another; without a customer, for one who is made up.

    Raises
    ------
    DocumentError : the mail cannot be read or compiled.
    FillingError : a variable has no value, or nothing is left to say.
    """
    version = mail if isinstance(mail, Version) else _unsaved(mail)
    document = mail if isinstance(mail, Document) else read(version.document)
    send = _planned(version, customer, now)
    gathered = contexts.gather([send], now=now)
    gathered.coupons = {}
    spoken = gathered.voices[send.pk] = voice or gathered.voices[send.pk]
    send.bases = _bases(document, customer, gathered.goods.get(send.pk, frozenset()), now)
    context = gathered.context(send)
    shown = None if customer is None else contexts.shown(send)
    used = _sampled(context, document, made_up=customer is None)
    rendered = renderer(version, spoken).render(context, shown)
    refused = {contexts.named(each["block"]): each["reason"] for each in send.bases if each["block"] and each["reason"]}
    whole = next((each["reason"] for each in send.bases if not each["block"]), "")
    return Previewed(rendered, spoken, used, refused, whole)


def _unsaved(document: Document) -> Version:
    return Version(pk=0, document=written(document), digest=digest(document))


def _planned(version: Version, customer: Customer | None, now: datetime) -> Send:
    """A message that stands in no table, about the customer's latest order and cart."""
    message = Message(pk=0, version=version)
    order = cart = None
    if customer is not None:
        order = Order.objects.filter(customer=customer, test=False).order_by("-placed_at", "-pk").first()
        cart = Cart.objects.filter(customer=customer, order=None).order_by("-changed_at", "-pk").first()
    return Send(pk=0, message=message, customer=customer, order=order, cart=cart, planned_at=now, due_at=now)


def _bases(document: Document, customer: Customer | None, goods: frozenset[str], now: datetime) -> list[dict[str, Any]]:
    if customer is None:
        return []
    purposes = document.purposes()
    decisions = gate([Asked(customer.pk, each, goods) for each in purposes.values()], now=now)
    return [
        {
            "block": block,
            "purpose": purpose,
            "basis": decision.basis,
            "reason": "" if decision.basis else decision.reason,
            "entry": decision.entry_id,
            "order": decision.order_id,
            "source": decision.source,
        }
        for (block, purpose), decision in zip(purposes.items(), decisions, strict=True)
    ]


def _sampled(context: dict[str, Any], document: Document, *, made_up: bool) -> tuple[str, ...]:
    """Put examples where something is missing, and take working links out: who looks at it shall not use them."""
    voice, used = str(context["voice"]), []
    example = samples.sample(voice)
    if made_up:
        context["customer"] = example["customer"]
        used.append("customer")
    for name in ("order", "parcel", "cart"):
        if context[name] is None:
            context[name] = example[name]
            used.append(name)
    if any(isinstance(each, Coupon) for each in document.blocks):
        context["coupon"] = example["coupon"]
        used.append("coupon")
    for name, block in document.numbered():
        if isinstance(block, Products) and not context["products"].get(name):
            context["products"][name] = samples.products(voice, block.most)
            used.append("products")
    out = example["links"]["unsubscribe"] if document.advertises else None
    context["links"] = {**example["links"], "unsubscribe": out}
    context["reason"] = context["reason"] or example["reason"]
    needed = set(_sources(document, voice))
    return tuple(dict.fromkeys(each for each in used if each == "customer" or each in needed))


def _sources(document: Document, voice: str) -> tuple[str, ...]:
    """What the mail speaks of."""
    return renderer(_unsaved(document), voice).compiled.sources
