"""Reports on customers' attention through the API. Amounts are in the smallest unit of the shop's currency."""

from datetime import datetime

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router, Schema

from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.roles import Right
from stammkunde.server.mail.attention import expected, learning
from stammkunde.server.mail.attention.holds import holding, word
from stammkunde.server.mail.models import Send
from stammkunde.server.mail.queries import attention
from stammkunde.server.shop.models import Customer

router = Router(tags=["attention"])


class AttentionAsked(Schema):
    """The key after which a page begins, and how many rows it has."""

    after: str = Field("", max_length=40)
    limit: int = Field(50, ge=1, le=500)


class SilenceAsked(AttentionAsked):
    """For how many days there was no useful contact."""

    days: int = Field(90, ge=1, le=3650)


class SilentOut(Schema):
    """A customer of value who heard nothing."""

    customer: int
    clv: int
    last_mail: datetime | None
    last_order: datetime | None


class SilenceOut(Schema):
    """Of all of them how many, worth what; a page of them, the most valuable first."""

    customers: int
    clv: int
    items: list[SilentOut]
    after: str


class AboveOut(Schema):
    """A customer with the mails beyond the cap, and when the last of them left."""

    customer: int
    beyond: int
    last: datetime


class OverCapOut(Schema):
    """Who got more advertising than `cap` within `days`."""

    customers: int
    cap: int
    days: int
    items: list[AboveOut]
    after: str


class TroubleOut(Schema):
    """What is wrong between shop and customer: a kind of hold, "bounced", or "lost"; since when, how many times."""

    kind: str
    since: datetime
    times: int


class ServedOut(Schema):
    """A customer with what is wrong and what they are predicted to bring."""

    customer: int
    at_risk: int | None
    troubles: list[TroubleOut]


class WorstOut(Schema):
    """Of all of them how many, with what at risk; a page of them, the most at risk first."""

    customers: int
    at_risk: int
    items: list[ServedOut]
    after: str


class LossOut(Schema):
    """Messages of a purpose that lost their turn within thirty days: to which purpose (empty: to a rule), and why."""

    purpose: str
    winner: str
    reason: str
    messages: int
    dropped: int


class AttentionLineOut(Schema):
    """A number with its name, in the language of the request."""

    name: str
    value: float


class AttentionHoldOut(Schema):
    """Why somebody gets no advertising for now."""

    kind: str
    words: str
    since: datetime
    until: datetime | None
    ref: str


class AttentionOut(Schema):
    """What holds advertising to a customer, and how much of it they bear, explained."""

    holds: list[AttentionHoldOut]
    bears: list[AttentionLineOut]


@router.get("/attention/silence", response=SilenceOut, auth=scoped(Right.SEE))
def silence(request: HttpRequest, asked: Query[SilenceAsked]) -> SilenceOut:
    """Customers of value who have had no mail, no reply and no order for so many days."""
    del request
    found = attention.silence(now=timezone.now(), days=asked.days, after=asked.after, most=asked.limit)
    rows = [
        SilentOut(customer=each.customer.pk, clv=each.clv, last_mail=each.last_mail, last_order=each.last_order)
        for each in found.rows
    ]
    return SilenceOut(customers=found.customers, clv=found.clv, items=rows, after=found.after)


@router.get("/attention/over-cap", response=OverCapOut, auth=scoped(Right.SEE))
def over_cap(request: HttpRequest, asked: Query[AttentionAsked]) -> OverCapOut:
    """Customers who got more advertising than the cap allows."""
    del request
    found = attention.over_cap(now=timezone.now(), after=asked.after, most=asked.limit)
    rows = [AboveOut(customer=each.customer.pk, beyond=each.beyond, last=each.last) for each in found.rows]
    return OverCapOut(customers=found.customers, cap=found.cap, days=found.days, items=rows, after=found.after)


@router.get("/attention/worst-served", response=WorstOut, auth=scoped(Right.SEE))
def worst(request: HttpRequest, asked: Query[AttentionAsked]) -> WorstOut:
    """Customers for whom something is open or late, whose mails come back, or whose messages never got a turn."""
    del request
    found = attention.worst_served(now=timezone.now(), after=asked.after, most=asked.limit)
    rows = [
        ServedOut(
            customer=each.customer.pk,
            at_risk=each.at_risk,
            troubles=[TroubleOut(kind=one.kind, since=one.since, times=one.times) for one in each.troubles],
        )
        for each in found.rows
    ]
    return WorstOut(customers=found.customers, at_risk=found.at_risk, items=rows, after=found.after)


@router.get("/attention/lost", response=list[LossOut], auth=scoped(Right.SEE))
def lost(request: HttpRequest) -> list[LossOut]:
    """What lost to what within thirty days."""
    del request
    return [LossOut(**vars(each)) for each in attention.losses(now=timezone.now())]


@router.get("/customers/{pk}/attention", response=AttentionOut, auth=scoped(Right.SEE))
def of_customer(request: HttpRequest, pk: int) -> AttentionOut:
    """What holds advertising to a customer now, and how much of it they bear."""
    del request
    get_object_or_404(Customer, pk=pk)
    held = holding([pk], now=timezone.now()).get(pk, ())
    return AttentionOut(
        holds=[
            AttentionHoldOut(kind=each.kind, words=word(each.kind), since=each.since, until=each.until, ref=each.ref)
            for each in held
        ],
        bears=[AttentionLineOut(name=name, value=value) for name, value in learning.explain(pk)],
    )


@router.get("/messages/{pk}/expected", response=list[AttentionLineOut], auth=scoped(Right.SEE))
def of_message(request: HttpRequest, pk: int) -> list[AttentionLineOut]:
    """What a message is expected to bring, part by part."""
    del request
    send = get_object_or_404(Send.objects.select_related("message"), pk=pk)
    return [AttentionLineOut(name=name, value=value) for name, value in expected.explain(send)]
