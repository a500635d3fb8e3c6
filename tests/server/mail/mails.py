"""Three mails as shops send them: an order confirmation, a cart, and a newsletter with a bit of everything."""

from typing import Any

import yaml

from stammkunde.server.mail.rendering import samples

ORDER = """
key: order-confirmation
name: {en: Order confirmation, de: Bestellbestätigung}
purpose: order
subject:
  en: "Thank you for your order {{ order.number }}"
  de-du: "Danke für deine Bestellung {{ order.number }}"
  de-sie: "Danke für Ihre Bestellung {{ order.number }}"
preheader: {en: "We are packing it now, and write when it leaves", de: "Wir packen sie jetzt und schreiben zum Versand"}
blocks:
  - kind: heading
    text:
      en: "Thank you{% if customer.first_name %}, {{ customer.first_name }}{% endif %}"
      de: "Vielen Dank{% if customer.first_name %}, {{ customer.first_name }}{% endif %}"
  - kind: text
    text:
      en: "We have received your order **{{ order.number }}** of {{ order.placed_on }}. You will hear from us again when
        it leaves the house."
      de-du: "Wir haben deine Bestellung **{{ order.number }}** vom {{ order.placed_on }} erhalten. Sobald sie das Haus
        verlässt, schreiben wir dir wieder."
      de-sie: "Wir haben Ihre Bestellung **{{ order.number }}** vom {{ order.placed_on }} erhalten. Sobald sie das Haus
        verlässt, schreiben wir Ihnen wieder."
  - {kind: order}
  - {kind: button, label: {en: To your order, de-du: Zu deiner Bestellung, de-sie: Zu Ihrer Bestellung},
     link: "{{ order.url }}"}
  - {kind: heading, purpose: offer, text: {en: Goes well with it, de: Passt gut dazu}}
  - {kind: products, purpose: offer, pick: related, most: 4}
"""
CART = """
key: cart-1
name: {en: Cart, de: Warenkorb}
purpose: cart
subject: {en: "Still thinking it over?", de-du: Dein Warenkorb wartet noch, de-sie: Ihr Warenkorb wartet noch}
preheader: {en: "Your cart is where you left it", de: "Alles liegt noch bereit"}
blocks:
  - kind: heading
    text: {en: Your cart is still here, de-du: Dein Warenkorb ist noch da, de-sie: Ihr Warenkorb ist noch da}
  - kind: text
    text:
      en: "You put something aside. One click, and everything is as you left it."
      de-du: "Du hast etwas zurückgelegt. Ein Klick, und alles ist so, wie du es verlassen hast."
      de-sie: "Sie haben etwas zurückgelegt. Ein Klick, und alles ist so, wie Sie es verlassen haben."
  - {kind: cart}
  - {kind: button, label: {en: Continue with the cart, de: Weiter zum Warenkorb}, link: "{{ cart.url }}"}
"""
NEWSLETTER = """
key: spring
name: {en: Spring, de: Frühling}
purpose: newsletter
subject: {en: "The first flush has arrived", de: "Die erste Ernte ist da"}
preheader: {en: "Picked in March, with us since Monday", de: "Im März gepflückt, seit Montag bei uns"}
blocks:
  - {kind: image, src: "https://shop.example/field.png", alt: {en: A tea garden in the morning, de: Ein Teegarten am
      Morgen}, link: "https://shop.example/spring"}
  - {kind: heading, text: {en: The first flush has arrived, de: Die erste Ernte ist da}}
  - kind: text
    text:
      en: "Every spring we wait for [the first leaves](https://shop.example/spring). This year they are
        *particularly* fine:\\n\\n- picked by hand\\n- flown in within a week\\n- packed without plastic"
      de: "Jedes Frühjahr warten wir auf [die ersten Blätter](https://shop.example/spring). In diesem Jahr sind sie
        *besonders* fein:\\n\\n- von Hand gepflückt\\n- in einer Woche eingeflogen\\n- ohne Plastik verpackt"
  - {kind: button, label: {en: To the first flush, de: Zur ersten Ernte}, link: "https://shop.example/spring"}
  - {kind: divider}
  - {kind: heading, text: {en: Chosen for you, de-du: Für dich ausgesucht, de-sie: Für Sie ausgesucht}}
  - {kind: products, pick: related, most: 4}
  - {kind: coupon, pool: spring, text: {en: "Thank you for your loyalty: {{ coupon.worth }} off your next order.",
      de-du: "Danke für deine Treue: {{ coupon.worth }} auf die nächste Bestellung.",
      de-sie: "Danke für Ihre Treue: {{ coupon.worth }} auf die nächste Bestellung."}}
  - {kind: document, title: {en: Brewing tea well, de: Tee richtig zubereiten}, text: {en: Two pages on water and time.,
      de: Zwei Seiten über Wasser und Zeit.}, link: "https://shop.example/brewing.pdf"}
  - {kind: claim, text: {en: Certified organic, de: Bio-zertifiziert}, proof: {en: DE-ÖKO-006, de: DE-ÖKO-006},
     link: "https://shop.example/organic"}
  - kind: survey
    purpose: survey
    question:
      en: How likely are you to recommend us?
      de-du: Wie wahrscheinlich empfiehlst du uns weiter?
      de-sie: Wie wahrscheinlich empfehlen Sie uns weiter?
    scale: nps
    link: https://shop.example/answer
  - kind: posts
    text: {en: Seen at our customers, de: Bei Kundinnen und Kunden gesehen}
    items:
      - src: https://shop.example/p1.png
        alt: {en: A pot on a windowsill, de: Eine Kanne am Fenster}
        credit: {en: Clara, de: Clara}
      - {src: "https://shop.example/p2.png", alt: {en: Two cups, de: Zwei Tassen}, credit: {en: Deniz, de: Deniz}}
attributes: {accent: "#1f7a4d"}
"""


def mail(text: str) -> dict[str, Any]:
    """A mail as a document."""
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def known(voice: str, document: dict[str, Any], *, image: str = "") -> dict[str, Any]:
    """All that may be known of Anna, with products for every block that shows some."""
    grids = {f"b{n}": each for n, each in enumerate(document["blocks"]) if each["kind"] == "products"}
    products = {name: samples.products(voice, each.get("most", 4)) for name, each in grids.items()}
    for number, each in enumerate(each for grid in products.values() for each in grid):
        each["image"] = f"https://shop.example/{image}{number}.png" if image else None
    return {**samples.sample(voice), "products": products}
