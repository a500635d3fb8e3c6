"""Mails of flows to look at: filled in for an example customer, with what is still missing left visible."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse

from stammkunde.server.consent.purposes import Purpose
from stammkunde.server.mail.rendering import samples
from stammkunde.server.mail.rendering.blocks import Paper, Products, Survey
from stammkunde.server.mail.rendering.documents import Document
from stammkunde.server.mail.rendering.reasons import SENTENCES
from stammkunde.server.mail.rendering.rendering import Rendered, draft
from stammkunde.server.mail.rendering.voices import texts

#: Where a link leads in the preview that the shop has still to give.
MISSING = "https://shop.example/"
#: Why the example gets it, where that is no consent.
WHY: Mapping[str, str] = {
    **dict.fromkeys((Purpose.ORDER, Purpose.SHIPPING, Purpose.WITHDRAWAL), "contract"),
    Purpose.OPT_IN: "opt_in",
    Purpose.REQUESTED: "request",
}
#: What a mail needs to be looked at: its own look stands in it, and pictures may come from the shop.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; sandbox allow-popups"


def example(document: Document, voice: str) -> Rendered:
    """The mail as Anna would get it, with an order, a cart, a parcel and a code; as her first order where a block is
    for first orders alone."""
    context: dict[str, Any] = samples.sample(voice)
    named = {name: each.most for name, each in document.numbered() if isinstance(each, Products)}
    context["products"] = {name: samples.products(voice, most) for name, most in named.items()}
    basis = WHY.get(document.purpose, "consent")
    context["reason"] = SENTENCES[voice][basis].format(day=context["order"]["placed_on"])
    if not document.advertises:
        context["links"] = context["links"] | {"unsubscribe": None}
    if any(each.when == "first_order" for each in document.blocks):
        context["customer"] = context["customer"] | {"orders": 1}
    return draft(filled(document), voice).render(context)


def filled(document: Document) -> Document:
    """The mail with a link in every place that lacks one."""
    link = texts(MISSING)
    blocks = (
        replace(each, link=link) if isinstance(each, Paper | Survey) and not each.link else each
        for each in document.blocks
    )
    return replace(document, blocks=tuple(blocks))


def page(shown: Rendered) -> HttpResponse:
    """The mail by itself, as a page without scripts or anything else of ours."""
    answer = HttpResponse(shown.html)
    answer["Content-Security-Policy"] = POLICY
    return answer
