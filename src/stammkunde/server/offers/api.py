"""The room in the API."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Status
from ninja.errors import HttpError

from stammkunde.errors import StammkundeError
from stammkunde.server.accounts.keys import scoped
from stammkunde.server.accounts.models import Key, User
from stammkunde.server.accounts.roles import Right
from stammkunde.server.offers.actions import coupons, pools
from stammkunde.server.offers.models import Pool
from stammkunde.server.offers.queries.picks import picks
from stammkunde.server.offers.queries.pools import standings, waiting
from stammkunde.server.offers.schemas import (
    CodesIn,
    CodesOut,
    ConfirmIn,
    CouponCountOut,
    GenerateIn,
    PickOut,
    PoolIn,
    PoolOut,
    PoolTermsIn,
    WaitingOut,
)
from stammkunde.server.shop.models import Customer

router = Router(tags=["offers"])


def _by(request: HttpRequest) -> User | Key:
    by: User | Key = request.auth  # type: ignore[attr-defined]  # ninja sets it
    return by


def _out(pool: Pool) -> PoolOut:
    return PoolOut.of(standings(now=timezone.now(), pool=pool)[0])


def _pool(pk: int) -> Pool:
    return get_object_or_404(Pool, pk=pk)


@router.get("/coupon-pools", response=list[PoolOut], auth=scoped(Right.SEE))
def every_pool(request: HttpRequest) -> list[PoolOut]:
    """The pools, those in use first."""
    del request
    return [PoolOut.of(each) for each in standings(now=timezone.now())]


@router.post("/coupon-pools", response={201: PoolOut}, auth=scoped(Right.MESSAGES))
def make_pool(request: HttpRequest, body: PoolIn) -> Status[PoolOut]:
    """Make a pool, without codes yet."""
    try:
        made = pools.make(body.key, body.terms(), source=body.source, now=timezone.now(), by=_by(request))
    except StammkundeError as error:
        raise HttpError(422, str(error)) from error
    return Status(201, _out(made))


@router.put("/coupon-pools/{pk}", response=PoolOut, auth=scoped(Right.MESSAGES))
def change_pool(request: HttpRequest, pk: int, body: PoolTermsIn) -> PoolOut:
    """Other terms, for codes that are given from now on."""
    try:
        return _out(pools.change(_pool(pk), body.terms(), now=timezone.now(), by=_by(request)))
    except StammkundeError as error:
        raise HttpError(422, str(error)) from error


@router.post("/coupon-pools/{pk}/codes", response=CodesOut, auth=scoped(Right.MESSAGES))
def upload_codes(request: HttpRequest, pk: int, body: CodesIn) -> Any:
    """Take codes in that the shop has made."""
    return coupons.load(_pool(pk), body.codes, now=timezone.now(), by=_by(request))


@router.post("/coupon-pools/{pk}/generate", response={201: CouponCountOut}, auth=scoped(Right.MESSAGES))
def generate_codes(request: HttpRequest, pk: int, body: GenerateIn) -> Status[CouponCountOut]:
    """Make codes for the shop to import; none is given before `confirm`."""
    return Status(
        201, CouponCountOut(codes=coupons.generate(_pool(pk), body.number, now=timezone.now(), by=_by(request)))
    )


@router.get("/coupon-pools/{pk}/waiting", response=WaitingOut, auth=scoped(Right.MESSAGES))
def waiting_codes(request: HttpRequest, pk: int) -> WaitingOut:
    """The codes that the shop does not know yet."""
    del request
    found = standings(now=timezone.now(), pool=_pool(pk))[0]
    return WaitingOut(codes=list(waiting(found.pool, up_to=found.waiting_to)), up_to=found.waiting_to)


@router.post("/coupon-pools/{pk}/confirm", response=CouponCountOut, auth=scoped(Right.MESSAGES))
def confirm_codes(request: HttpRequest, pk: int, body: ConfirmIn) -> CouponCountOut:
    """The shop has taken the codes in: they may be given from now on."""
    return CouponCountOut(codes=coupons.confirm(_pool(pk), up_to=body.up_to, now=timezone.now(), by=_by(request)))


@router.get("/customers/{pk}/picks", response=list[PickOut], auth=scoped(Right.SEE))
def picks_of(
    request: HttpRequest,
    pk: int,
    pick: Literal["again", "related", "popular", "cart"] = "related",
    most: Annotated[int, Query(ge=1, le=24)] = 4,
) -> Any:
    """Products for a customer: what they buy again, what goes with it, what sells, or what lies in their cart."""
    del request
    customer = get_object_or_404(Customer, pk=pk)
    return picks([customer.pk], pick=pick, most=most, now=timezone.now()).get(customer.pk, [])
