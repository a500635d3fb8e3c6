"""What a message is for, as the law sees it: the rows of the matrix of bases."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Purpose(models.TextChoices):
    """What a message, or a block of one, is for. Those of `TRANSACTIONAL` belong to a contract or a request; the rest
    is advertising in the sense of § 7 UWG, a survey included (BGH VI ZR 225/17)."""

    ORDER = "order", _("Order confirmation")
    SHIPPING = "shipping", _("Shipping and delivery")
    WITHDRAWAL = "withdrawal", _("Receipt of a withdrawal")
    OPT_IN = "opt_in", _("Confirmation of a sign-up")
    ACCOUNT = "account", _("Account notice")
    REQUESTED = "requested", _("Asked for by the customer")
    NEWSLETTER = "newsletter", _("Newsletter")
    WELCOME = "welcome", _("Welcome")
    ONBOARDING = "onboarding", _("Onboarding")
    OFFER = "offer", _("Offer")
    REPLENISHMENT = "replenishment", _("Replenishment")
    WIN_BACK = "win_back", _("Win-back")
    VIP = "vip", _("Thanks to loyal customers")
    BIRTHDAY = "birthday", _("Birthday")
    CART = "cart", _("Cart")
    BROWSE = "browse", _("Browsing")
    REVIEW = "review", _("Review")
    SURVEY = "survey", _("Survey")
    DIGEST = "digest", _("Digest")
    SUNSET = "sunset", _("Farewell")


TRANSACTIONAL = frozenset(
    {Purpose.ORDER, Purpose.SHIPPING, Purpose.WITHDRAWAL, Purpose.OPT_IN, Purpose.ACCOUNT, Purpose.REQUESTED}
)
