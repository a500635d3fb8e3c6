"""What is put into mails, for thousands of messages at once: everything already said in the voice of each.

`gather` reads what they speak of. Codes are given, and the reason told, once it is known which messages may leave on
which basis: `contexts` for those whose bases are decided, or `Gathered.context` one by one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from django.db.models import Q

from stammkunde.server.consent import links as consenting
from stammkunde.server.mail.links import view_url
from stammkunde.server.mail.models import Send, Sender, Version
from stammkunde.server.mail.rendering import facts, reasons, saying
from stammkunde.server.mail.rendering.blocks import Coupon as CouponBlock
from stammkunde.server.mail.rendering.blocks import Products
from stammkunde.server.mail.rendering.documents import Document
from stammkunde.server.mail.rendering.rendering import renderer
from stammkunde.server.mail.rendering.voices import voice_of
from stammkunde.server.offers.actions import coupons
from stammkunde.server.offers.models import Coupon, Pool
from stammkunde.server.offers.queries.picks import Pick, picks
from stammkunde.server.shop.models import Cart, Customer, Event, Order, Parcel

SET = 1_000  # messages of one reading
TOLD = frozenset({"event", "withdrawal"})  # what the event that let them in tells
Context = dict[str, Any]


@dataclass
class Gathered:
    """What was read for a set of messages."""

    sends: Sequence[Send]
    now: datetime
    shop: facts.Shop
    customers: Mapping[int, Customer] = field(default_factory=dict)
    voices: dict[int, str] = field(default_factory=dict)
    bought: Mapping[int, facts.Bought] = field(default_factory=dict)
    types: Mapping[int, str] = field(default_factory=dict)
    orders: Mapping[int, Order] = field(default_factory=dict)
    parcels: Mapping[int, Parcel] = field(default_factory=dict)
    carts: Mapping[int, Cart] = field(default_factory=dict)
    events: Mapping[int, Event] = field(default_factory=dict)
    articles: Mapping[tuple[int, str], Any] = field(default_factory=dict)
    picked: dict[int, dict[str, list[dict[str, Any]]]] = field(default_factory=lambda: defaultdict(dict))
    coupons: dict[int, Coupon] | None = None
    times: dict[tuple[str, int], datetime] | None = None

    @property
    def goods(self) -> dict[int, frozenset[str]]:
        """The categories of the goods that each message shows, for the gate (§ 7 (3) no. 2 UWG: similar goods)."""
        return {
            pk: frozenset(str(each["category"]) for some in grids.values() for each in some if each["category"])
            for pk, grids in self.picked.items()
        }

    def context(self, send: Send) -> Context:
        """What is put into one message. With the first of a set codes are given to all that have a basis."""
        if self.coupons is None:
            self.coupons = _coupons([each for each in self.sends if _may(each)], now=self.now)
        if self.times is None:
            self.times = facts.times(proof for each in self.sends for proof in reasons.proofs(each.bases))
        voice, customer = self.voices[send.pk], self.customers.get(send.customer_id or 0)
        order = self.orders.get(send.order_id or 0)
        cart = self.carts.get(send.cart_id or 0)
        parcel = self.parcels.get(send.order_id or 0)
        event = self.events.get(send.refs.get("event") or 0)
        coupon = self.coupons.get(send.pk)
        bought = self.bought.get(send.customer_id or 0, facts.Bought())
        url = self.shop.url
        return {
            "voice": voice,
            "shop": self.shop.said,
            "customer": saying.customer(customer, bought, self.types.get(send.customer_id or 0), voice),
            "order": saying.order(order, url, voice) if order else None,
            "parcel": saying.parcel(parcel, url, voice) if parcel else None,
            "cart": saying.cart(cart, self.articles, self.shop, voice) if cart else None,
            "event": saying.event(event, self.shop, voice) if event else None,
            "withdrawal": saying.withdrawal(event, voice) if event else None,
            "coupon": saying.coupon(coupon, voice) if coupon else None,
            "products": {name: saying.products(some, url, voice) for name, some in self.picked[send.pk].items()},
            "links": _links(send),
            "reason": reasons.reason(send.bases, self.times, voice),
        }


def contexts(sends: Sequence[Send], *, now: datetime) -> dict[int, Context]:
    """What is put into each of these messages, whose bases are decided: about a dozen statements for each thousand."""
    found: dict[int, Context] = {}
    for start in range(0, len(sends), SET):
        gathered = gather(sends[start : start + SET], now=now)
        found |= {each.pk: gathered.context(each) for each in gathered.sends}
    return found


def gather(sends: Sequence[Send], *, now: datetime, sender: Sender | None = None) -> Gathered:
    """Read what these messages speak of; codes are not given yet."""
    found = Gathered(sends, now, facts.Shop.now())
    customers = {each.customer_id for each in sends if each.customer_id}
    found.customers = Customer.objects.in_bulk(customers)
    found.bought, found.types = facts.bought(customers), facts.types(customers)
    form = (sender or Sender.now()).form
    for each in sends:
        who = found.customers.get(each.customer_id or 0)
        found.voices[each.pk] = voice(who, form)
    _things(found, sends)
    _picks(found)
    return found


def voice(customer: Customer | None, form: str) -> str:
    """The voice in which a customer is written to."""
    locale, country = (customer.locale, customer.country) if customer else ("", "")
    return voice_of(locale=locale, country=country, form=form)


def _things(found: Gathered, sends: Sequence[Send]) -> None:
    needed = _needed(found)
    orders = {each.order_id for each in sends if each.order_id and {"order", "parcel"} & needed[each.message_id]}
    carts = {each.cart_id for each in sends if each.cart_id and "cart" in needed[each.message_id]}
    events = {each.refs["event"] for each in sends if each.refs.get("event") and TOLD & needed[each.message_id]}
    if events:
        found.events = Event.objects.in_bulk(events)
    if orders:
        found.orders, found.parcels = facts.orders(orders), facts.parcels(orders)
    if carts:
        found.carts = facts.carts(carts)
        found.articles = facts.articles(found.carts.values())


def _needed(found: Gathered) -> dict[int, set[str]]:
    """What the mails speak of, in whichever voice, and what their blocks ask for."""
    needed: dict[int, set[str]] = {}
    for each in found.sends:
        if each.message_id not in needed:
            made = renderer(each.message.version, found.voices[each.pk])
            whens = {block.when for block in made.document.blocks if block.when}
            needed[each.message_id] = {*made.compiled.sources, *whens}
    return needed


def _picks(found: Gathered) -> None:
    """Products for every block that shows some: one asking for each way of picking."""
    asked: dict[tuple[str, int], dict[int, list[tuple[int, str]]]] = defaultdict(lambda: defaultdict(list))
    for send, document in _documents(found):
        for name, block in document.numbered():
            if isinstance(block, Products) and send.customer_id:
                asked[block.pick, block.most][send.customer_id].append((send.pk, name))
    for (pick, most), customers in asked.items():
        chosen = picks(customers, pick=cast(Pick, pick), most=most, now=found.now)
        for customer, some in chosen.items():
            for pk, name in customers[customer]:
                found.picked[pk][name] = some


def _documents(found: Gathered) -> Iterator[tuple[Send, Document]]:
    for each in found.sends:
        yield each, renderer(each.message.version, found.voices[each.pk]).document


def _may(send: Send) -> bool:
    """Whether the message has a basis, or nobody has looked for one (previews and tests)."""
    return not send.bases or bool(send.bases[0]["basis"])


def _pool(version: Version, without: Collection[str]) -> str:
    """The pool that a mail gives a code of; empty where it gives none, or that block is left out."""
    document = renderer(version, "en").document
    blocks = ((name, each) for name, each in document.numbered() if isinstance(each, CouponBlock))
    return next((each.pool for name, each in blocks if name not in without), "")


def left_out(send: Send) -> frozenset[str]:
    """The blocks that have no basis of their own: "b3"."""
    return frozenset(named(str(each["block"])) for each in send.bases if each["block"] != "" and not each["basis"])


def shown(send: Send) -> frozenset[str] | None:
    """The blocks with a purpose of their own that have a basis; None where nobody has looked."""
    if not send.bases:
        return None
    return frozenset(named(str(each["block"])) for each in send.bases if each["block"] != "" and each["basis"])


def named(block: str) -> str:
    """The name of a block, also where its number alone is told."""
    return block if block.startswith("b") else f"b{block}"


def _coupons(sends: Sequence[Send], *, now: datetime) -> dict[int, Coupon]:
    """A code for each message that gives one: that of its journey, or one of the pool. The same message again has the
    same code; an empty pool gives none."""
    pools: dict[str, list[Send]] = defaultdict(list)
    for each in sends:
        if pool := _pool(each.message.version, left_out(each)):
            pools[pool].append(each)
    given = Coupon.objects.select_related("pool").in_bulk(
        [int(each.refs["coupon"]) for some in pools.values() for each in some if each.refs.get("coupon")]
    )
    found: dict[int, Coupon] = {}
    for pool, some in pools.items():
        theirs = {each.pk: given[each.refs["coupon"]] for each in some if each.refs.get("coupon") in given}
        found |= {pk: coupon for pk, coupon in theirs.items() if _good(coupon, now)}
        found |= _issued(pool, [each for each in some if each.pk not in theirs], now)
    return found


def given_before(sends: Sequence[Send]) -> dict[int, Coupon]:
    """The codes that these messages gave; none is given now."""
    found: dict[int, Coupon] = {}
    for each in sends:
        pool = _pool(each.message.version, left_out(each))
        rows = Coupon.objects.select_related("pool").filter(pool__key=pool, customer=each.customer_id)
        mine = Q(pk=each.refs["coupon"]) if each.refs.get("coupon") else Q(key=_key(each))
        coupon = rows.filter(mine).first() if pool else None
        if coupon is not None:
            found[each.pk] = coupon
    return found


def _key(send: Send) -> str:
    """What a code of the pool is given for: the message."""
    return f"{send.scope}:{send.run}"[:120]


def _good(coupon: Coupon, now: datetime) -> bool:
    return coupon.redeemed_at is None and (coupon.expires_at is None or coupon.expires_at > now)


def _issued(pool: str, sends: Sequence[Send], now: datetime) -> dict[int, Coupon]:
    """Codes out of the pool, by the key of what the message is for. A customer with two messages in the set comes in
    two goes: `issue` gives one code a customer in a go."""
    terms = Pool.objects.filter(key=pool).first()
    goes: list[dict[int, Send]] = []
    for each in sends:
        if each.customer_id:
            free = next((go for go in goes if each.customer_id not in go), None)
            if free is None:
                goes.append(free := {})
            free[each.customer_id] = each
    found: dict[int, Coupon] = {}
    for go in goes:
        rows = [(customer, _key(each)) for customer, each in go.items()]
        issued = coupons.issue(pool, rows, now=now)
        for customer, coupon in issued.items():
            if terms is not None and _good(coupon, now):
                coupon.pool = terms
                found[go[customer].pk] = coupon
    return found


def _links(send: Send) -> Context:
    customer, purpose = send.customer_id or 0, reasons.advertises(send.bases)
    entry = send.refs.get("entry")
    return {
        "unsubscribe": consenting.unsubscribe_url(customer, send.pk, purpose) if customer and purpose else None,
        "preferences": consenting.preferences_url(customer, send.pk) if customer else None,
        "confirm": consenting.confirm_url(int(entry)) if entry else None,
        "view": view_url(send.pk),
    }
