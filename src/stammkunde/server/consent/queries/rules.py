"""The matrix as it holds now: the packs, with what the owner made of them."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from stammkunde.server.consent.bases import Basis
from stammkunde.server.consent.gate import Rules
from stammkunde.server.consent.models import Notice, RuleChange
from stammkunde.server.shop.models import Imprint

#: Settings an owner may change, with what holds until then.
DEFAULTS: Mapping[str, Any] = {"home": "", "all_similar": False, "fades_after": 4.0, "warns_after": 2.0}
HOME_OF_ZONE = {"Europe/Vienna": "AT", "Europe/Zurich": "CH", "Europe/Berlin": "DE"}


def rules() -> Rules:
    """Everything `decide` needs to know of the rules: three statements."""
    bases: dict[tuple[str, str], tuple[Basis, ...]] = {}
    said: dict[str, Any] = dict(DEFAULTS)
    for row in RuleChange.objects.order_by("at", "pk"):
        if row.purpose:
            bases[row.pack, row.purpose] = tuple(Basis(each) for each in row.value)
        else:
            said[row.setting] = row.value
    notices = tuple((each.since, each.until) for each in Notice.objects.order_by("since"))
    return Rules(
        home=str(said["home"]) or Imprint.now().country or HOME_OF_ZONE.get(settings.SHOP_ZONE, "DE"),
        changed=bases,
        notices=notices,
        all_similar=bool(said["all_similar"]),
        fades_after=float(said["fades_after"]),
        warns_after=float(said["warns_after"]),
    )
