# ruff: noqa: E501  # a case is a line
"""Cases of the law on advertising by mail, one a line: who, what happened before, what is to go out, what must come of
it. Days are counted from the moment of sending; a case is `purpose(country, history…) -> expected`, with its source.

What happened: ("order", day, category), ("cancelled", ordered, cancelled), ("requested", day), ("confirmed", day), ("granted", day)
without proof, ("paper", day) with it, ("withdrew", day, topic), ("objected", day, topic), ("used", day), ("dead", day),
("complained", day), ("listed",), ("no notice",), ("notice", since), ("elsewhere", day) confirmed by another address, ("off", purpose),
("pause", until), ("asked", day, key), ("given", day, key), ("erased", day). Topics are marketing where none is named.
"""

from dataclasses import dataclass
from typing import Any

What = tuple[Any, ...]


@dataclass(frozen=True)
class Case:
    """A customer with a history in a country, a message, and the decision that the law asks for."""

    name: str
    country: str
    history: tuple[What, ...]
    purpose: str
    expected: str
    source: str
    goods: tuple[str, ...] = ("coffee",)
    request: str = ""


COFFEE = ("order", -40, "coffee")
YES = (("requested", -60), ("confirmed", -59))
UWG, UWG3, DSGVO = "§ 7 (2) no. 2 UWG", "§ 7 (3) UWG", "Art. 6 (1) b GDPR"
TKG, CHUWG, EPRIVACY, CANSPAM = (
    "§ 174 TKG 2021",
    "Art. 3 (1) o UWG (CH)",
    "Art. 13 Directive 2002/58/EC",
    "15 U.S.C. § 7704",
)


def case(
    name: str, country: str, history: tuple[What, ...], purpose: str, expected: str, source: str, **more: Any
) -> Case:
    """A line of the table."""
    return Case(name, country, history, purpose, expected, source, **more)


CASES = (
    # What belongs to the contract, clean
    case("An order is confirmed to Clara, who agreed to nothing", "DE", (COFFEE,), "order", "contract", DSGVO),
    case("A parcel is announced to Clara", "DE", (COFFEE,), "shipping", "contract", DSGVO),
    case("A withdrawal is confirmed to Clara", "DE", (COFFEE,), "withdrawal", "contract", "§ 356a BGB"),
    case("The points of an account are told", "DE", (COFFEE,), "account", "contract", DSGVO),
    case("Nobody ordered, so nothing is confirmed", "DE", (), "order", "no_contract", DSGVO),
    case("A cancelled order is told of", "DE", (("cancelled", -9, -8),), "order", "contract", DSGVO),
    case("Who objected to all advertising still gets the order's mail", "DE", (COFFEE, ("objected", -3, "all")), "order", "contract", "Art. 21 (3) GDPR"),
    case("Who complained about advertising still gets the order's mail", "DE", (COFFEE, ("complained", -3)), "order", "contract", "scope of a suppression"),
    case("Who asked to be erased and orders again gets the order's mail", "DE", (("erased", -30), ("order", -1, "coffee")), "order", "contract", "Art. 17 GDPR"),
    case("A dead address gets nothing, an order's mail included", "DE", (COFFEE, ("dead", -2)), "order", "suppressed_bounced", "RFC 3463"),
    case("A pause of advertising does not hold back the order's mail", "DE", (COFFEE, ("pause", 20)), "shipping", "contract", DSGVO),
    case("In Switzerland an order is confirmed", "CH", (COFFEE,), "order", "contract", DSGVO),
    case("In Austria an order is confirmed to somebody on the list", "AT", (COFFEE, ("listed",)), "order", "contract", DSGVO),
    case("In France a parcel is announced", "FR", (COFFEE,), "shipping", "contract", DSGVO),
    case("In the United States an order is confirmed", "US", (COFFEE,), "order", "contract", DSGVO),
    # Blocks of advertising in them
    case("A discount in the confirmation goes to Anna, who bought such goods", "DE", (COFFEE,), "offer", "existing", "BGH VI ZR 134/15; § 7 (3) UWG"),
    case("A discount in the confirmation is left out for who objected", "DE", (COFFEE, ("objected", -5)), "offer", "objected", "BGH VI ZR 134/15"),
    case("A discount on other goods is left out", "DE", (COFFEE,), "offer", "not_similar", UWG3, goods=("bicycles",)),
    case("A discount on goods nobody named is left out", "DE", (COFFEE,), "offer", "not_similar", UWG3, goods=()),
    case("A discount on other goods stands with consent", "DE", (COFFEE, *YES), "offer", "consent", UWG, goods=("bicycles",)),
    # Signing up
    case("A sign-up is asked to be confirmed", "DE", (("requested", -1),), "opt_in", "request", "BGH I ZR 164/09"),
    case("A sign-up of last year is not", "DE", (("requested", -300),), "opt_in", "no_open_request", "OLG Munich 29 U 1682/12"),
    case("A confirmed sign-up is not asked again", "DE", YES, "opt_in", "no_open_request", "OLG Munich 29 U 1682/12"),
    case("Nobody signed up, nothing is asked", "DE", (COFFEE,), "opt_in", "no_open_request", "OLG Munich 29 U 1682/12"),
    case("Who took the request back is not asked", "DE", (("requested", -2), ("withdrew", -1)), "opt_in", "no_open_request", "Art. 7 (3) GDPR"),
    case("A sign-up of another address is not asked at this one", "DE", (("requested elsewhere", -1),), "opt_in", "no_open_request", "BGH I ZR 164/09"),
    # Newsletter in Germany
    case("Anna confirmed", "DE", YES, "newsletter", "consent", UWG),
    case("Clara said nothing and bought nothing", "DE", (), "newsletter", "no_consent", UWG),
    case("A sign-up without confirmation is none", "DE", (("requested", -3),), "newsletter", "no_consent", "BGH I ZR 164/09"),
    case("A box ticked without proof is none", "DE", (("granted", -30),), "newsletter", "not_confirmed", "BGH I ZR 164/09"),
    case("A signature on paper, with its words, is one", "DE", (("paper", -30),), "newsletter", "consent", "Art. 7 (1) GDPR"),
    case("The consent of another address is none for this one", "DE", (("elsewhere", -30),), "newsletter", "no_consent", "BGH I ZR 164/09"),
    case("A consent that was taken back", "DE", (*YES, ("withdrew", -10)), "newsletter", "objected", "Art. 7 (3) GDPR"),
    case("Taken back and given anew", "DE", (*YES, ("withdrew", -30), ("requested", -9), ("confirmed", -8)), "newsletter", "consent", "Art. 7 (3) GDPR"),
    case("An objection after the consent", "DE", (*YES, ("objected", -1)), "newsletter", "objected", "Art. 21 (3) GDPR"),
    case("An objection to all advertising after the consent", "DE", (*YES, ("objected", -1, "all")), "newsletter", "objected", "Art. 21 (3) GDPR"),
    case("An objection to surveys leaves the newsletter", "DE", (*YES, ("objected", -1, "surveys")), "newsletter", "consent", "Art. 21 (2) GDPR"),
    case("An objection under another address holds for the person", "DE", (*YES, ("objected elsewhere", -1)), "newsletter", "objected", "Art. 21 (3) GDPR"),
    case("Ben bought coffee and is told of coffee", "DE", (COFFEE,), "newsletter", "existing", UWG3),
    case("Ben bought coffee and would be told of bicycles", "DE", (COFFEE,), "newsletter", "not_similar", UWG3, goods=("bicycles",)),
    case("One of the goods is similar", "DE", (COFFEE,), "newsletter", "existing", UWG3, goods=("bicycles", "coffee")),
    case("The order was cancelled, so nothing was sold", "DE", (("cancelled", -40, -39),), "newsletter", "never_bought", UWG3),
    case("The checkout told nobody of the right to object", "DE", (COFFEE, ("no notice",)), "newsletter", "no_notice", "§ 7 (3) no. 4 UWG"),
    case("The checkout told of it only after that order", "DE", (COFFEE, ("notice", -20)), "newsletter", "no_notice", "§ 7 (3) no. 4 UWG"),
    case("The checkout told of it before the second order", "DE", (COFFEE, ("order", -5, "coffee"), ("notice", -20)), "newsletter", "existing", "§ 7 (3) no. 4 UWG"),
    case("This order's checkout told of it, by an entry", "DE", (COFFEE, ("no notice",), ("shown", -40)), "newsletter", "existing", "§ 7 (3) no. 4 UWG"),
    case("Who objected buys again: the objection stands", "DE", (COFFEE, ("objected", -30), ("order", -3, "coffee")), "newsletter", "objected", "§ 7 (3) no. 3 UWG"),
    case("Who left the newsletter is not written to as a customer instead", "DE", (COFFEE, *YES, ("withdrew", -20)), "newsletter", "objected", "§ 7 (3) no. 3 UWG"),
    case("A consent of tomorrow does not hold today", "DE", (("confirmed", 1),), "newsletter", "no_consent", UWG),
    case("An order of tomorrow makes no customer today", "DE", (("order", 1, "coffee"),), "newsletter", "no_consent", UWG3),
    case("A consent that nobody used for three years warns, and holds", "DE", (("confirmed", -3 * 365),), "newsletter", "consent", "BGH III ZR 196/17"),
    case("A consent that nobody used for more than four years is gone", "DE", (("confirmed", -1500),), "newsletter", "faded", "AG Munich 161 C 12736/22"),
    case("An old consent in regular use holds", "DE", (("confirmed", -3000), ("used", -20)), "newsletter", "consent", "BGH III ZR 196/17"),
    case("A dead address", "DE", (*YES, ("dead", -1)), "newsletter", "suppressed_bounced", "RFC 3463"),
    case("A complaint to the provider", "DE", (*YES, ("complained", -1)), "newsletter", "suppressed_complained", "RFC 5965"),
    case("Erased, and brought back by an import", "DE", (("erased", -9), ("confirmed", -5)), "newsletter", "suppressed_erased", "Art. 17 GDPR"),
    case("Newsletters switched off in the preferences", "DE", (*YES, ("off", "newsletter")), "newsletter", "topic_off", "Art. 7 (3) GDPR"),
    case("A pause until next month", "DE", (*YES, ("pause", 20)), "newsletter", "paused", "the customer's own choice"),
    case("A pause that is over", "DE", (*YES, ("pause", -2)), "newsletter", "consent", "the customer's own choice"),
    case("A country nobody knows is the shop's own", "", YES, "newsletter", "consent", UWG),
    # Other advertising in Germany
    case("A welcome to who confirmed", "DE", YES, "welcome", "consent", UWG),
    case("A welcome to a buyer, about what they bought", "DE", (COFFEE,), "welcome", "existing", UWG3),
    case("An offer for the second order", "DE", (COFFEE,), "offer", "existing", UWG3),
    case("A refill of what was bought", "DE", (COFFEE,), "replenishment", "existing", UWG3),
    case("A refill, after an objection", "DE", (COFFEE, ("objected", -1)), "replenishment", "objected", UWG3),
    case("Ben is won back with what he bought", "DE", (("order", -400, "coffee"),), "win_back", "existing", UWG3),
    case("Ben is won back with something else", "DE", (("order", -400, "coffee"),), "win_back", "not_similar", UWG3, goods=("tea",)),
    case("A birthday mail without any goods needs a consent", "DE", (COFFEE,), "birthday", "not_similar", UWG3, goods=()),
    case("A birthday mail with consent", "DE", (COFFEE, *YES), "birthday", "consent", UWG, goods=()),
    case("Thanks to a loyal customer are advertising", "DE", (), "vip", "no_consent", "BGH VI ZR 225/17"),
    case("A farewell needs a basis as well", "DE", (), "sunset", "no_consent", UWG),
    case("A digest to who confirmed", "DE", YES, "digest", "consent", UWG),
    case("A mail on how to use what was bought", "DE", (COFFEE,), "onboarding", "existing", UWG3),
    # Surveys and reviews
    case("A question about satisfaction to a buyer is advertising", "DE", (COFFEE,), "survey", "no_consent", "BGH VI ZR 225/17"),
    case("The consent to news does not cover surveys", "DE", (COFFEE, *YES), "survey", "no_consent", "BGH VI ZR 225/17"),
    case("A consent to surveys covers surveys", "DE", (COFFEE, ("confirmed", -9, "surveys")), "survey", "consent", "BGH VI ZR 225/17"),
    case("A consent to surveys covers reviews", "DE", (COFFEE, ("confirmed", -9, "surveys")), "review", "consent", "BGH VI ZR 225/17"),
    case("A consent to surveys is no consent to news", "DE", (("confirmed", -9, "surveys"),), "newsletter", "no_consent", UWG),
    case("A review is not asked of a buyer without", "DE", (COFFEE,), "review", "no_consent", "IT-Recht-Kanzlei on § 7 (3)"),
    case("An objection to all advertising ends surveys", "DE", (("confirmed", -9, "surveys"), ("objected", -1, "all")), "survey", "objected", "Art. 21 (3) GDPR"),
    # Carts
    case("A cart is not recalled to a buyer without consent", "DE", (COFFEE,), "cart", "no_consent", "Wettbewerbszentrale 2015"),
    case("A cart is not recalled on the consent to news", "DE", YES, "cart", "no_consent", "§ 25 TDDDG; " + UWG),
    case("A cart is recalled with consent", "DE", (("confirmed", -9, "behaviour"),), "cart", "consent", UWG),
    case("An article seen is not recalled without consent", "DE", (COFFEE,), "browse", "no_consent", "§ 25 TDDDG"),
    case("An article seen is recalled with consent", "DE", (("confirmed", -9, "behaviour"),), "browse", "consent", UWG),
    case("The consent to reminders was taken back", "DE", (("confirmed", -9, "behaviour"), ("withdrew", -1, "behaviour")), "cart", "objected", "Art. 7 (3) GDPR"),
    # Asked for
    case("Told that it is back, as asked", "DE", (("asked", -9, "variant:7"),), "requested", "request", DSGVO, request="variant:7"),
    case("Told once only", "DE", (("asked", -9, "variant:7"), ("given", -2, "variant:7")), "requested", "no_open_request", DSGVO, request="variant:7"),
    case("Told of nothing else", "DE", (("asked", -9, "variant:7"),), "requested", "no_open_request", DSGVO, request="variant:8"),
    case("Told again after asking again", "DE", (("asked", -9, "v"), ("given", -5, "v"), ("asked", -2, "v")), "requested", "request", DSGVO, request="v"),
    # Austria
    case("A buyer in Austria is told of similar goods", "AT", (COFFEE,), "newsletter", "existing", TKG),
    case("Not who stands on the list of the regulator", "AT", (COFFEE, ("listed",)), "newsletter", "listed", "§ 174 (4) TKG; § 7 (2) ECG"),
    case("Consent goes before the list", "AT", (*YES, ("listed",)), "newsletter", "consent", TKG),
    case("A cart in Austria needs a consent", "AT", (COFFEE,), "cart", "no_consent", TKG),
    case("The list of Austria does not bind in Germany", "DE", (COFFEE, ("listed",)), "newsletter", "existing", UWG3),
    case("A box ticked without proof, in Austria", "AT", (("granted", -30),), "newsletter", "not_confirmed", TKG),
    # Switzerland
    case("A box ticked in Switzerland is a consent", "CH", (("granted", -30),), "newsletter", "consent", CHUWG),
    case("A single automatic mail is mass advertising", "CH", (), "cart", "no_consent", "SLK 172/20"),
    case("A buyer in Switzerland is told of similar goods", "CH", (COFFEE,), "newsletter", "existing", CHUWG),
    case("Not without having been told of the refusal", "CH", (COFFEE, ("no notice",)), "newsletter", "no_notice", CHUWG),
    case("An objection in Switzerland", "CH", (COFFEE, ("objected", -1)), "newsletter", "objected", CHUWG),
    # Elsewhere in Europe
    case("A box ticked in France is a consent", "FR", (("granted", -30),), "newsletter", "consent", EPRIVACY),
    case("A buyer in Italy is told of similar goods", "IT", (COFFEE,), "offer", "existing", EPRIVACY),
    case("A cart in Spain needs a consent", "ES", (COFFEE,), "cart", "no_consent", EPRIVACY),
    case("A survey in Poland needs a consent", "PL", (COFFEE,), "survey", "no_consent", "BGH VI ZR 225/17, taken as the stricter reading"),
    # The United States
    case("Nobody objected in the United States", "US", (), "newsletter", "opt_out", CANSPAM),
    case("Somebody objected in the United States", "US", (("objected", -1),), "newsletter", "objected", CANSPAM),
    case("A cart in the United States", "US", (), "cart", "opt_out", CANSPAM),
)  # fmt: skip
