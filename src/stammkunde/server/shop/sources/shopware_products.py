"""Shopware's products: each variant is a product of its own there, priced in the standard currency."""

from stammkunde.server.shop.facts import Fact, ProductFact, VariantFact
from stammkunde.server.shop.sources.payloads import Node
from stammkunde.server.shop.sources.shopware_states import STANDARD_CURRENCY


def product(node: Node, currency: str) -> list[Fact]:
    """What can be put in the basket; an article with variants cannot, only these can."""
    if node.whole("childCount"):
        return []
    key = node.key("id")
    price, cost = (_standard(node, name, currency, of) for name, of in (("price", "gross"), ("purchasePrices", "net")))
    variant = VariantFact(
        external_id=key,
        sku=node.text("productNumber"),
        title=", ".join(filter(None, (_name(each) for each in node.each("options")))),
        price=price,
        cost=cost or None,  # 0 is how Shopware writes that nobody entered it
        stock=node.maybe_whole("availableStock") if "availableStock" in node else node.maybe_whole("stock"),
    )
    fact = ProductFact(
        external_id=key,
        title=_name(node),
        brand=_name(node.one("manufacturer")),
        image=node.one("cover").one("media").text("url"),
        currency=currency,
        active=node.flag("active") if "active" in node else True,
        variants=(variant,),
        version=node.version("updatedAt", "createdAt"),
    )
    return [fact]


def _name(node: Node) -> str:
    """In the language of the shop; a variant has the name of its article there, and none of its own."""
    translated = node.value.get("translated")
    return (Node(translated).text("name") if isinstance(translated, dict) else "") or node.text("name")


def _standard(node: Node, name: str, currency: str, of: str) -> int | None:
    """The price in the standard currency."""
    for each in node.each(name):
        if each.text("currencyId") == STANDARD_CURRENCY:
            return each.maybe_money(of, currency)
    return None
