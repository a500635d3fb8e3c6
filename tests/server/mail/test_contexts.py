"""What is put into mails: read in sets, said in each reader's voice, and with nothing in it that a stranger wrote."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from server.mail import mails
from stammkunde.server.consent.actions import recording
from stammkunde.server.consent.actions.recording import Proof
from stammkunde.server.mail.actions import templates
from stammkunde.server.mail.links import view_url, viewing
from stammkunde.server.mail.models import Message, Send, Sender, Version
from stammkunde.server.mail.rendering import formats
from stammkunde.server.mail.rendering.contexts import contexts, gather, shown
from stammkunde.server.mail.rendering.documents import read
from stammkunde.server.mail.rendering.previewing import previewed
from stammkunde.server.mail.rendering.rendering import renderer
from stammkunde.server.offers.actions import coupons, pools
from stammkunde.server.offers.actions.pools import Terms
from stammkunde.server.offers.models import Coupon, Pool, Seller
from stammkunde.server.shop.models import Cart, Customer, Imprint, Order, OrderLine, Parcel, Product, Source, Variant

pytestmark = pytest.mark.django_db
PLACED = timedelta(days=20)


class Shop:
    """A tea shop with what its mails speak of."""

    def __init__(self, source: Source, now: datetime) -> None:
        self.source, self.now, self.number = source, now, 0
        Imprint.objects.create(
            name="Teehaus", address="Teeweg 1\n10115 Berlin", email="hallo@tee.example", url="https://tee.example"
        )
        self.goods = [self.article(name) for name in ("Sencha", "Pot")]

    def article(self, name: str) -> Variant:
        product = Product.objects.create(
            source=self.source, external_id=name, title=name, category="Tea", url=f"https://tee.example/{name}",
            image=f"https://tee.example/{name}.jpg",
        )  # fmt: skip
        return Variant.objects.create(
            product=product, external_id="1", sku=name.upper(), price=1290, currency="EUR", stock=3
        )

    def customer(self, name: str, **more: Any) -> Customer:
        fields = {
            "known_since": self.now,
            "changed_at": self.now,
            "email": f"{name.split(maxsplit=1)[0].lower()}@example.com",
        }
        return Customer.objects.create(origin=f"x:{name}:{Customer.objects.count()}", name=name, **(fields | more))

    def order(self, who: Customer, **more: Any) -> Order:
        self.number += 1
        sums = {"gross": 2580, "discount": 258, "shipping": 490, "total": 2812, "tax": 449, "currency": "EUR"}
        at = self.now - PLACED
        placed = Order.objects.create(
            source=self.source, external_id=f"o{self.number}", number=f"10{self.number}", customer=who, placed_at=at,
            day=at.date(), **(sums | more),
        )  # fmt: skip
        OrderLine.objects.create(
            order=placed, external_id="1", variant=self.goods[0], sku="SENCHA", title="Sencha", category="Tea",
            quantity=2, price=1290, discount=258, total=2322,
        )  # fmt: skip
        return placed

    def cart(self, who: Customer, *lines: dict[str, Any], url: str = "https://tee.example/cart/7") -> Cart:
        return Cart.objects.create(
            source=self.source, external_id=f"c{Cart.objects.count()}", customer=who, currency="EUR", value=1290,
            lines=list(lines), url=url, began_at=self.now, changed_at=self.now,
        )  # fmt: skip

    def pool(self, *codes: str) -> Pool:
        made = pools.make("spring", Terms("Spring", "percent", 10), source="uploaded", now=self.now, by=None)
        coupons.load(made, codes, now=self.now, by=None)
        return made

    def version(self, text: str) -> Version:
        document = mails.mail(text)
        return templates.publish(
            templates.create(document, language="de", now=self.now, by=None), now=self.now, by=None
        )

    def send(self, version: Version, who: Customer, **more: Any) -> Send:
        message, _ = Message.objects.get_or_create(
            origin="campaign", origin_id=1, version=version, purpose=version.document["purpose"], marketing=True,
            defaults={"created_at": self.now},
        )  # fmt: skip
        return Send.objects.create(
            message=message, scope="campaign:1:", run=more.pop("run", 0), customer=who, marketing=True,
            planned_at=self.now, due_at=self.now, **more,
        )  # fmt: skip


@pytest.fixture
def shop(source: Source, now: datetime) -> Shop:
    return Shop(source, now)


def basis(block: str, purpose: str, what: str, **more: Any) -> dict[str, Any]:
    said = {"reason": "" if what else "no_consent", "entry": None, "order": None, "source": "§"}
    return {"block": block, "purpose": purpose, "basis": what} | said | more


def test_anna_reads_of_her_order_in_her_voice(shop: Shop, now: datetime) -> None:
    anna = shop.customer("Anna Muster", locale="de")
    order = shop.order(anna)
    Parcel.objects.create(source=shop.source, external_id="p", order_key="o1", order=order, carrier="DHL Paket",
                          tracking="00340", shipped_at=now)  # fmt: skip
    send = shop.send(shop.version(mails.ORDER), anna, order=order)
    found = contexts([send], now=now)[send.pk]
    assert (found["voice"], found["customer"]["first_name"], found["customer"]["orders"]) == ("de-sie", "Anna", 1)
    assert found["order"]["total"] == "28,12\N{NO-BREAK SPACE}€"
    assert found["order"]["placed_on"] == "10. Februar 2026"
    assert [(each["title"], each["total"]) for each in found["order"]["lines"]] == [
        ("Sencha", "25,80\N{NO-BREAK SPACE}€")
    ]
    assert found["parcel"]["url"].endswith("piececode=00340")


def test_the_reason_says_what_they_did_and_when(shop: Shop, now: datetime) -> None:
    anna, version = shop.customer("Anna Muster", locale="de"), shop.version(mails.NEWSLETTER)
    order = shop.order(anna)
    send = shop.send(version, anna)
    send.bases = [basis("", "newsletter", "existing", order=order.pk)]
    found = contexts([send], now=now)[send.pk]
    assert found["reason"] == (
        "Diese Nachricht kommt, weil Sie am 10. Februar 2026 bei uns bestellt und nicht widersprochen haben."
    )
    assert found["links"]["unsubscribe"].startswith("http")


def test_a_clean_order_mail_has_no_way_out_and_one_with_suggestions_has(shop: Shop, now: datetime) -> None:
    anna = shop.customer("Anna Muster", locale="en")
    order = shop.order(anna)
    send = shop.send(shop.version(mails.ORDER), anna, order=order)
    clean = [basis("", "order", "contract", order=order.pk), basis("4", "offer", ""), basis("5", "offer", "")]
    send.bases = clean
    found = contexts([send], now=now)[send.pk]
    assert (found["links"]["unsubscribe"], shown(send)) == (None, frozenset())
    assert found["reason"] == "You get this message because of your order of 10 February 2026."
    send.bases = [clean[0], *(basis(each, "offer", "existing", order=order.pk) for each in ("4", "5"))]
    found = contexts([send], now=now)[send.pk]
    assert found["links"]["unsubscribe"]
    assert shown(send) == {"b4", "b5"}
    assert "suggestions" in found["reason"]


def test_a_code_is_given_once_to_those_who_may_get_the_mail(shop: Shop, now: datetime) -> None:
    shop.pool("ONE", "TWO", "THREE")
    version = shop.version(mails.NEWSLETTER)
    anna, clara = shop.customer("Anna Muster"), shop.customer("Clara Neu")
    sends = [shop.send(version, anna), shop.send(version, clara)]
    sends[0].bases, sends[1].bases = [basis("", "newsletter", "consent")], [basis("", "newsletter", "")]
    for _ in range(2):
        found = contexts(sends, now=now)
        assert [each["coupon"] and each["coupon"]["code"] for each in found.values()] == ["ONE", None]
    assert Coupon.objects.exclude(issued_at=None).count() == 1
    assert found[sends[0].pk]["coupon"]["worth"].startswith("10")


def test_of_an_empty_pool_there_is_no_code_and_the_mail_goes_without(shop: Shop, now: datetime) -> None:
    shop.pool("ONE")
    version, sends = shop.version(mails.NEWSLETTER), []
    for name in ("Anna A", "Ben B"):
        sends.append(shop.send(version, shop.customer(name, locale="en")))
    found = contexts(sends, now=now)
    assert [bool(each["coupon"]) for each in found.values()] == [True, False]
    made = renderer(version, "en").render(found[sends[1].pk])
    assert "loyalty" not in made.html + made.text


def test_two_messages_to_one_customer_have_a_code_each(shop: Shop, now: datetime) -> None:
    shop.pool("ONE", "TWO")
    version, anna = shop.version(mails.NEWSLETTER), shop.customer("Anna A")
    found = contexts([shop.send(version, anna, run=run) for run in (1, 2)], now=now)
    assert {each["coupon"]["code"] for each in found.values()} == {"ONE", "TWO"}


def test_a_code_of_the_journey_is_taken_and_one_used_up_is_not(shop: Shop, now: datetime) -> None:
    anna, version = shop.customer("Anna A"), shop.version(mails.NEWSLETTER)
    shop.pool("ONE", "TWO")
    mine = coupons.issue("spring", [(anna.pk, "journey:7")], now=now)[anna.pk]
    send = shop.send(version, anna, refs={"coupon": mine.pk})
    assert contexts([send], now=now)[send.pk]["coupon"]["code"] == mine.code
    Coupon.objects.filter(pk=mine.pk).update(redeemed_at=now)
    assert contexts([send], now=now)[send.pk]["coupon"] is None


def test_a_cart_that_a_stranger_sent_carries_no_link_and_no_word_of_theirs(shop: Shop, now: datetime) -> None:
    anna = shop.customer("Anna A", locale="en")
    bait = {"sku": "SENCHA", "title": "Win at https://evil.example", "quantity": 1, "price": 1290}
    other = {"sku": "?", "title": "Win at www.evil.example now", "quantity": "many", "price": None}
    cart = shop.cart(anna, bait, other, url="https://tee.example@evil.example/cart")
    send = shop.send(shop.version(mails.CART), anna, cart=cart)
    found = contexts([send], now=now)[send.pk]["cart"]
    assert found["url"] == "https://tee.example"
    assert [each["title"] for each in found["lines"]] == ["Sencha", "Win at now"]


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://www.tee.example/cart?x=1", True), ("https://shop.tee.example/c", True),
        ("https://nottee.example/", False), ("https://tee.example.evil.com/", False),
        ("javascript:alert(1)", False), ("https://evil.com/#tee.example", False),
        ("//evil.com", False), ("https://tee.example\\@evil.com/", False), ("https://[/", False), ("", False),
    ],
)  # fmt: skip
def test_a_cart_leads_to_the_shop_and_nowhere_else(url: str, *, kept: bool) -> None:
    assert formats.of_hosts(url, {"tee.example"}, "https://tee.example") == (url if kept else "https://tee.example")


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("Anna Muster", "Anna"), ("Dr. Anna Muster", "Anna"), ("Muster, Anna", "Anna"), ("Anna", None), ("", None),
        ("Anna www.evil.example", None), ("Win 1000 now", None), ("http://x Anna", None), ("Žofie Nováková", "Žofie"),
        ("evil.com Anna", None),
    ],
)  # fmt: skip
def test_a_name_greets_and_advertises_nothing(said: str, first: str | None) -> None:
    assert formats.first_name(said) == first


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_money_adds_up_again_in_either_language(amount: int) -> None:
    for voice, point, comma in (("de-sie", ",", "."), ("en", ".", ",")):
        said = formats.money(amount, "EUR", voice).replace(comma, "").replace(point, "").replace("−", "-")
        assert int("".join(each for each in said if each.isdigit() or each == "-")) == amount


@pytest.mark.parametrize("text", ["ORDER", "CART", "NEWSLETTER"])
def test_a_thousand_messages_cost_as_many_statements_as_ten(shop: Shop, now: datetime, text: str) -> None:
    shop.pool(*(f"C{n:04d}" for n in range(60)))
    version, counted = shop.version(getattr(mails, text)), []
    for run, number in enumerate((5, 40)):
        sends = []
        for each in range(number):
            who = shop.customer(f"Anna {'ABCDEFGH'[each % 8]}", locale="de")
            order, cart = shop.order(who), shop.cart(who, {"sku": "POT", "quantity": 1, "price": 1290})
            sends.append(shop.send(version, who, run=run, order=order, cart=cart))
        loaded = list(Send.objects.filter(run=run).select_related("message__version"))
        with CaptureQueriesContext(connection) as seen:
            assert len(contexts(loaded, now=now)) == number
        counted.append(len(seen))
    assert counted[0] == counted[1]
    assert counted[1] <= 25


def test_a_preview_shows_what_she_would_get_and_says_what_is_an_example(shop: Shop, now: datetime) -> None:
    shop.pool("ONE")
    clara, document = shop.customer("Clara Neu", locale="de-AT"), read(mails.mail(mails.NEWSLETTER))
    before = Coupon.objects.exclude(issued_at=None).count()
    found = previewed(document, clara, now=now)
    assert found.voice == "de-sie"
    assert found.refused == "no_consent"
    assert found.left_out == {"b10": "no_consent"}
    assert set(found.samples) == {"coupon", "products"}
    assert "empfehlen Sie uns" not in found.rendered.html
    assert Coupon.objects.exclude(issued_at=None).count() == before
    made, _ = recording.request_opt_in(address=clara.email, customer=clara, proof=Proof("form"), now=now)
    recording.confirm(made, proof=Proof("form"), now=now)
    assert previewed(document, clara, now=now).refused == ""


def test_a_preview_without_a_customer_shows_everything(shop: Shop, now: datetime) -> None:
    found = previewed(read(mails.mail(mails.NEWSLETTER)), None, now=now, voice="en")
    assert "customer" in found.samples
    assert "How likely" in found.rendered.html
    assert found.left_out == {}


def test_the_form_of_address_is_the_shops(shop: Shop, now: datetime) -> None:
    Sender.objects.create(form="du")
    send = shop.send(shop.version(mails.CART), shop.customer("Anna A", country="CH"))
    assert gather([send], now=now).voices == {send.pk: "de-du"}


def test_goods_are_told_to_the_gate(shop: Shop, now: datetime) -> None:
    for each in shop.goods:
        Seller.objects.create(product=each.product, customers=3)
    send = shop.send(shop.version(mails.ORDER), shop.customer("Anna A"))
    found = gather([send], now=now)
    assert found.goods == {send.pk: frozenset({"Tea"})}


def test_who_was_erased_is_nobody(shop: Shop, now: datetime) -> None:
    send = shop.send(shop.version(mails.CART), shop.customer("Anna A"))
    send.customer = None
    found = contexts([send], now=now)[send.pk]
    assert (found["customer"]["name"], found["links"]["preferences"]) == (None, None)


@given(st.integers(min_value=1), st.text(max_size=20))
def test_the_link_of_a_mail_opens_that_mail_alone(pk: int, forged: str) -> None:
    token = view_url(pk).rsplit("/", 1)[1]
    assert viewing(token) == pk
    assert viewing(f"{pk + 1}{token[len(str(pk)) :]}") is None
    assert viewing(forged) is None


def test_a_mail_is_read_in_the_browser_without_giving_a_code_or_changing_a_row(shop: Shop, now: datetime) -> None:
    shop.pool("ONE")
    anna, version = shop.customer("Anna Muster", locale="en"), shop.version(mails.NEWSLETTER)
    send = shop.send(version, anna, state="sent", voice="en")
    path = "/p/m/" + view_url(send.pk).rsplit("/", 1)[1]
    page = Client().get(path)
    assert (page.status_code, len(page.cookies)) == (200, 0)
    assert "script" not in page["Content-Security-Policy"]
    assert "loyalty" not in page.content.decode()
    assert not Coupon.objects.exclude(issued_at=None).exists()
    contexts([send], now=now)
    assert "ONE" in Client().get(path).content.decode()
    assert Client().post(path).status_code == 405


@pytest.mark.parametrize("state", ["waiting", "claimed", "refused", "suppressed"])
def test_a_mail_that_never_left_is_nowhere(shop: Shop, state: str) -> None:
    send = shop.send(shop.version(mails.CART), shop.customer("Anna A"), state=state)
    assert Client().get("/p/m/" + view_url(send.pk).rsplit("/", 1)[1]).status_code == 404
    assert Client().get(f"/p/m/{send.pk}:x").status_code == 404
