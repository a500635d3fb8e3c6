"""What the ledger says, in words: why a message went out, waits, or did not go."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stammkunde.server.consent.words import reason as of_consent
from stammkunde.server.mail.attention.holds import word as held

#: Reasons of the ledger; those of the gate have their words in `consent.words`.
REASONS: dict[str, Promise | str] = {
    "ordered": gettext_lazy("They have ordered since."),
    "paid": gettext_lazy("They have paid since."),
    "shipped": gettext_lazy("It was shipped since."),
    "delivered": gettext_lazy("It was delivered since."),
    "refunded": gettext_lazy("Money was given back since."),
    "returned": gettext_lazy("The order came back or was cancelled."),
    "withdrawn": gettext_lazy("They withdrew from the order."),
    "cart_closed": gettext_lazy("The basket was ordered, or is empty."),
    "cart_changed": gettext_lazy("The basket was changed since."),
    "sold_out": gettext_lazy("What it is about is sold out."),
    "past_due": gettext_lazy("It was due too long ago."),
    "expired": gettext_lazy("It was due too long ago."),
    "too_late": gettext_lazy("It was due too long ago."),
    "rescheduled": gettext_lazy("It missed its hour, and waits for that of the next day."),
    "no_customer": gettext_lazy("The customer is not there any more."),
    "merged": gettext_lazy("They have it already: two customers were found to be one person."),
    "called_off": gettext_lazy("It was called off."),
    "journey_off": gettext_lazy("The journey was switched off."),
    "left": gettext_lazy("They left the journey before."),
    "campaign_stopped": gettext_lazy("The newsletter was stopped."),
    "better": gettext_lazy("A message that is expected to bring more had its turn."),
    "better_soon": gettext_lazy("A message that is expected to bring more comes first."),
    "leaving": gettext_lazy("Another message to them is just leaving."),
    "gap": gettext_lazy("They had advertising a short while ago."),
    "cap": gettext_lazy("They had as much advertising as they are to get."),
    "quiet_hours": gettext_lazy("It waits for the end of the customer's quiet hours."),
    "nobody": gettext_lazy("The customer is not there any more."),
    "quiet": gettext_lazy("It waits for the end of the customer's quiet hours."),
    "stuck": gettext_lazy("The mail could not be written for them."),
    "address": gettext_lazy("The mail server of the address does not know it."),
    "recipient": gettext_lazy("The mail server of the address refused it for good."),
    "put_off": gettext_lazy("The mail server asked to come again later."),
    "content": gettext_lazy("The mail server refused what the mail says."),
    "no_answer": gettext_lazy("The mail server had it and gave no answer. Whether it arrived is not known."),
    "again": gettext_lazy("It is handed over once more, under the same name."),
    "restored": gettext_lazy("A backup was put back. Whether it had left is not known."),
    "provider": gettext_lazy("The way out was not there. It is tried again."),
    "configuration": gettext_lazy("Sending is not set up rightly."),
    "silent": gettext_lazy("A worker ended while it was handing it over. Whether it arrived is not known."),
    "stated": gettext_lazy("Somebody of the shop stated what became of it."),
}

#: Where what wanted a message is looked at.
ORIGINS: dict[str, str] = {"journey": "/journeys/{}/", "campaign": "/newsletter/{}/"}


def reason(code: str) -> str:
    """A code in the reader's language; one that nobody put into words stays as it is."""
    if code.startswith("hold_"):
        return held(code.removeprefix("hold_"))
    return str(REASONS[code]) if code in REASONS else of_consent(code)


def trouble(kind: str) -> str:
    """What is wrong between shop and customer, in the reader's language."""
    known = {"bounced": _("Mail to them comes back."), "lost": _("Messages to them never got a turn.")}
    return known.get(kind) or held(kind)


def origin(name: str) -> str:
    """What wanted it."""
    known = {"journey": _("Journey"), "campaign": _("Newsletter"), "system": _("The house itself")}
    return known.get(name, name)


def where(name: str, pk: int) -> str:
    """The page of what wanted it; empty where it has none."""
    return ORIGINS[name].format(pk) if name in ORIGINS and pk else ""
