"""Published rates of what mails bring, as they were published, and how they are read: as upper hints.

Vendors credit an order to the last mail that was opened or clicked within five days, openings included; practitioners
put the gap between credited and caused at two to four times. Hence `CAUSED`. They also select and pool their customers,
so a shop's own ledger soon counts for more (`expected.WEIGHT`). Rates not published themselves are told from others, as
said; none is from a comparison with people who got no mail, which is what will be believed once there is one.
"""

from dataclasses import dataclass

from stammkunde.server.consent.purposes import Purpose

CAUSED = 1 / 3  # of the orders credited

KLAVIYO_2023 = "Klaviyo, report 2024 on 2023: flows"
KLAVIYO_2026 = "Klaviyo by way of bsandco, January 2026"
OMNISEND_2021 = "Omnisend, first half of 2021 (mediapost)"
OMNISEND_2025 = "Omnisend 2025 (e-com.wiki)"

#: Who leave after a mail: Klaviyo's mean of flows in 2023. Nobody pays for being credited with these.
LEAVING = 0.0073
#: Mails a year: Inxmail, DACH 2022, "about 5 mailings a month"; no more than the shop's own cap lets through.
MAILS_A_YEAR = 48.0
#: Orders credited to a mail of any kind: 5.3 % flows (Klaviyo 2025) at 1.42 %, the rest campaigns at 0.08 %.
MIXED = 0.053 * 0.0142 + 0.947 * 0.0008


@dataclass(frozen=True)
class Prior:
    """The share of mails of a purpose to which an order was credited, and who said so."""

    orders: float
    source: str


CAMPAIGN = Prior(0.0008, f"{OMNISEND_2025}; {KLAVIYO_2026}: campaigns")
FLOW = Prior(0.0142, f"{KLAVIYO_2026}: flows")
#: By the revenue of a recipient relative to that of a cart mail (0.41 to 3.65 dollars).
AFTER_PURCHASE = Prior(0.036 * 0.41 / 3.65, f"{OMNISEND_2021}, {KLAVIYO_2023}: after a purchase, told from carts")
#: By clicks relative to those of a flow (2.6 to 5.3 per cent).
LAPSED = Prior(0.0142 * 2.6 / 5.3, f"{KLAVIYO_2026}, {OMNISEND_2021}: lapsed, told from flows by clicks")

PRIORS: dict[str, Prior] = {
    Purpose.CART: Prior(0.036, f"{OMNISEND_2021}: cart"),
    Purpose.WELCOME: Prior(0.023, f"{KLAVIYO_2023}: welcome"),
    Purpose.BROWSE: Prior(0.036 * 1.07 / 3.65, f"{OMNISEND_2021}, {KLAVIYO_2023}: browse, told from carts"),
    Purpose.BIRTHDAY: FLOW,
    Purpose.REPLENISHMENT: FLOW,
    Purpose.OFFER: FLOW,
    Purpose.VIP: FLOW,
    Purpose.WIN_BACK: LAPSED,
    Purpose.SUNSET: LAPSED,
    Purpose.ONBOARDING: AFTER_PURCHASE,
    Purpose.REVIEW: AFTER_PURCHASE,
    Purpose.SURVEY: AFTER_PURCHASE,
    Purpose.NEWSLETTER: CAMPAIGN,
    Purpose.DIGEST: CAMPAIGN,
}
