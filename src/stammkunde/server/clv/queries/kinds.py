"""The lines of a ledger as an owner names them."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NAMES: Mapping[str, Promise] = {
    "sales": _("Goods sold"),
    "discount": _("Discount"),
    "shipping": _("Shipping charged"),
    "vat": _("VAT"),
    "goods": _("Cost of goods"),
    "goods_estimated": _("Cost of goods, by rate"),
    "shipping_cost": _("Shipping paid"),
    "payment_fee": _("Payment fee"),
    "marketplace": _("Marketplace fee"),
    "other_cost": _("Other costs"),
    "refund": _("Refund"),
    "refund_vat": _("VAT of the refund"),
    "goods_back": _("Goods that came back"),
    "handling": _("Handling of the return"),
    "refund_fee": _("Fee of the refund"),
    "service": _("Service"),
    "reward": _("Reward"),
    "entitlement": _("Entitlement"),
    "other": _("Other booking"),
}
DIMENSIONS: Mapping[str, Promise] = {
    "channel": _("Channel"),
    "product": _("First product"),
    "country": _("Country"),
}
