"""What the API of the room takes and gives."""

from datetime import datetime
from typing import Literal

from ninja import Field, Schema

from stammkunde.server.lib.bodies import Body
from stammkunde.server.offers.actions.pools import Terms
from stammkunde.server.offers.queries.pools import Standing

WORTH = 10**12


class PoolOut(Schema):
    """A pool and its codes; amounts in the smallest unit of the shop's currency. `alarm` is over, empty, low, lacking
    or nothing; `waiting` codes were made here and the shop does not know them yet."""

    id: int
    key: str
    name: str
    kind: str
    worth: int
    second_purchase: bool
    valid_days: int
    minimum_order: int
    alarm_below: int
    source: str
    active: bool
    ends_at: datetime | None
    left: int
    waiting: int
    given: int
    redeemed: int
    lacking: int
    alarm: str

    @staticmethod
    def of(found: Standing) -> "PoolOut":
        """A pool with its numbers."""
        pool = found.pool
        names = ("key", "name", "kind", "worth", "second_purchase", "valid_days", "minimum_order", "alarm_below")
        told = {name: getattr(pool, name) for name in (*names, "source", "active", "ends_at", "lacking")}
        counted = {name: getattr(found, name) for name in ("left", "waiting", "given", "redeemed", "alarm")}
        return PoolOut(id=pool.pk, **told, **counted)


class PoolTermsIn(Body):
    """What a code of a pool is worth (per cent, or the smallest unit of the shop's currency), and how long."""

    name: str = Field(min_length=1, max_length=160)
    kind: Literal["percent", "amount"]
    worth: int = Field(ge=1, le=WORTH)
    second_purchase: bool = False
    valid_days: int = Field(30, ge=1, le=3650)
    minimum_order: int = Field(0, ge=0, le=WORTH)
    alarm_below: int = Field(100, ge=0, le=1_000_000)
    active: bool = True
    ends_at: datetime | None = None

    def terms(self) -> Terms:
        """As actions take it."""
        return Terms(**self.dict(exclude={"key", "source"}))


class PoolIn(PoolTermsIn):
    """A pool that is to be."""

    key: str = Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_-]+$")
    source: Literal["uploaded", "generated"] = "uploaded"


class CodesIn(Body):
    """Codes that the shop has made."""

    codes: list[str] = Field(min_length=1, max_length=10_000)


class CodeRejectOut(Schema):
    """A code that cannot be used: which of those sent, and why not."""

    line: int
    code: str
    reason: str


class CodesOut(Schema):
    """How many codes came in, and which did not."""

    codes: int
    rejects: list[CodeRejectOut]


class GenerateIn(Body):
    """How many codes to make."""

    number: int = Field(ge=1, le=10_000)


class WaitingOut(Schema):
    """Codes made here that the shop does not know yet; `up_to` is what `confirm` is told once it does."""

    codes: list[str]
    up_to: int


class ConfirmIn(Body):
    """The number that came with the codes."""

    up_to: int = Field(ge=0, le=2**62)


class CouponCountOut(Schema):
    """How many codes it was about."""

    codes: int


class PickOut(Schema):
    """A product for somebody; the price in the smallest unit of `currency`, null where it is not known."""

    sku: str
    title: str
    url: str
    image: str
    price: int | None
    currency: str
    category: str
