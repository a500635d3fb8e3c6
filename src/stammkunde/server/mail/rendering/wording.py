"""What a mail itself says around the texts of the shop, in every voice."""

from collections.abc import Mapping

_EN: Mapping[str, str] = {
    "article": "Article",
    "amount": "Amount",
    "goods": "Goods",
    "discount": "Discount",
    "shipping": "Shipping",
    "total": "Total",
    "tax": "VAT included",
    "value": "Value of the cart",
    "code": "Your code",
    "until": "Valid until",
    "open": "Open",
    "proof": "Read more",
    "nps_low": "0: not at all likely",
    "nps_high": "10: very likely",
    "csat_low": "1: not satisfied",
    "csat_high": "5: very satisfied",
    "of": "{n} of {all}",
    "one_star": "1 star",
    "stars": "{n} stars",
    "photo": "Photo",
    "leave": "Unsubscribe",
    "choose": "Choose what reaches you",
    "view": "View in the browser",
    "privacy": "Privacy",
    "phone": "Phone",
    "objection": (
        "You can object to the use of your address for advertising at any time, at no cost other than the transmission"
        " costs at the basic rates."
    ),
}
_DE: Mapping[str, str] = {
    "article": "Artikel",
    "amount": "Betrag",
    "goods": "Waren",
    "discount": "Rabatt",
    "shipping": "Versand",
    "total": "Summe",
    "tax": "darin Umsatzsteuer",
    "value": "Wert des Warenkorbs",
    "until": "Gültig bis",
    "open": "Öffnen",
    "proof": "Mehr dazu",
    "nps_low": "0: sehr unwahrscheinlich",
    "nps_high": "10: sehr wahrscheinlich",
    "csat_low": "1: unzufrieden",
    "csat_high": "5: sehr zufrieden",
    "of": "{n} von {all}",
    "one_star": "1 Stern",
    "stars": "{n} Sterne",
    "photo": "Foto",
    "leave": "Abmelden",
    "view": "Im Browser ansehen",
    "privacy": "Datenschutz",
    "phone": "Telefon",
}
_DU: Mapping[str, str] = {
    "code": "Dein Code",
    "choose": "Auswählen, was dich erreicht",
    "objection": (
        "Du kannst der Verwendung deiner Adresse für Werbung jederzeit widersprechen, ohne dass hierfür andere als die"
        " Übermittlungskosten nach den Basistarifen entstehen."
    ),
}
_SIE: Mapping[str, str] = {
    "code": "Ihr Code",
    "choose": "Auswählen, was Sie erreicht",
    "objection": (
        "Sie können der Verwendung Ihrer Adresse für Werbung jederzeit widersprechen, ohne dass hierfür andere als die"
        " Übermittlungskosten nach den Basistarifen entstehen."
    ),
}
WORDS: Mapping[str, Mapping[str, str]] = {"en": _EN, "de-du": {**_DE, **_DU}, "de-sie": {**_DE, **_SIE}}
