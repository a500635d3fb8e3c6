"""Reasons and rules in words, for staff who ask why."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: Why something may go out, or not, by the gate's code for it.
REASONS: dict[str, Promise | str] = {
    "contract": _("It belongs to an order of theirs."),
    "request": _("They asked for it."),
    "consent": _("They agreed, and have not changed their mind."),
    "existing": _("They bought similar goods, were told they may object, and did not."),
    "opt_out": _("The law of their country lets write until somebody objects, and they did not."),
    "no_address": _("There is no e-mail address."),
    "no_contract": _("There is no order of theirs that it could belong to."),
    "no_open_request": _("They have not asked for it, or it was answered already."),
    "no_consent": _("They have not agreed to it."),
    "not_confirmed": _("They agreed, but never confirmed it, and there is no proof (double opt-in)."),
    "objected": _("They took their consent back, or objected."),
    "faded": _("Their consent was not made use of for years."),
    "never_bought": _("Their only orders were cancelled."),
    "no_notice": _("When they ordered, the checkout did not say that they may object."),
    "not_similar": _("It advertises other goods than they bought."),
    "listed": _("They stand on a list of people who want no advertising."),
    "paused": _("They asked for a pause."),
    "topic_off": _("They switched this kind of mail off."),
    "forbidden": _("The shop allows it on no basis."),
    "suppressed_bounced": _("Mail to this address comes back."),
    "suppressed_complained": _("They reported a mail as spam."),
    "suppressed_erased": _("They had their data erased."),
    "suppressed_silent": _("They had shown no sign of life for long, and did not say that they want mail."),
    "suppressed_staff": _("Somebody of the shop blocked the address."),
}


def reason(code: str) -> str:
    """A code of the gate in the reader's language; one that nobody put into words stays as it is."""
    return str(REASONS.get(code, code))
