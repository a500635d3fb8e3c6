"""The words of the matrix: bases on which a message may go out, and what a consent is about."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from stammkunde.server.consent.purposes import Purpose


class Basis(models.TextChoices):
    """Why a message, or a block of one, may reach somebody."""

    CONTRACT = "contract", _("Contract")
    REQUEST = "request", _("Their own request")
    CONSENT = "consent", _("Consent")
    EXISTING = "existing", _("Existing customer, similar goods")
    OPT_OUT = "opt_out", _("No objection")


class Topic(models.TextChoices):
    """What a consent or an objection is about. Each is asked for apart; `ALL` is what an objection may be about.

    `SCORES` is the objection to profiles for advertising (Art. 21 (2) and (3) GDPR), `TRACKING` the consent to being
    measured as a person (§ 25 TDDDG): neither says whether somebody may be written to.
    """

    MARKETING = "marketing", _("News and offers")
    BEHAVIOUR = "behaviour", _("Reminders of carts and articles seen")
    SURVEYS = "surveys", _("Questions about satisfaction and reviews")
    TRACKING = "tracking", _("Measuring what is opened and clicked")
    SCORES = "scores", _("Forecasts about the person")
    ALL = "all", _("All advertising")


#: Whom of the topics a purpose asks. What is not named asks for `MARKETING`.
ASKS: Mapping[str, Topic] = {
    Purpose.CART: Topic.BEHAVIOUR,
    Purpose.BROWSE: Topic.BEHAVIOUR,
    Purpose.REVIEW: Topic.SURVEYS,
    Purpose.SURVEY: Topic.SURVEYS,
}


def topic_of(purpose: str) -> Topic:
    """What a consent must be about, to allow a message of this purpose."""
    return ASKS.get(purpose, Topic.MARKETING)
