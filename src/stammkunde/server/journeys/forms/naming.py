"""What the editor calls things: kinds of steps, triggers, and their settings."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STEPS: Mapping[str, Promise | str] = {
    "send": _("Send a mail"),
    "wait": _("Wait"),
    "wait_until": _("Wait until something happens"),
    "branch": _("Part by a condition"),
    "split": _("Part by chance"),
    "coupon": _("Give a code"),
    "tag": _("Tag"),
    "webhook": _("Tell another system"),
    "stop": _("No more advertising to them"),
}
TRIGGERS: Mapping[str, Promise | str] = {
    "order": _("an order arrives"),
    "first_order": _("the first order arrives"),
    "paid": _("an order is paid"),
    "shipped": _("a parcel leaves"),
    "delivered": _("a parcel arrives"),
    "refunded": _("money is given back"),
    "withdrawn": _("an order is withdrawn from"),
    "cart_idle": _("a basket is left behind"),
    "event": _("an event comes"),
    "signed_up": _("an address signs up"),
    "confirmed": _("an address confirms its sign-up"),
    "segment": _("somebody comes into a segment"),
    "birthday": _("it is their birthday"),
    "anniversary": _("their first order has its anniversary"),
    "overdue": _("the silence is longer than the own rhythm"),
    "p_alive": _("the chance to be still a customer falls"),
    "date": _("a day of the calendar comes"),
}
LABELS: Mapping[str, Promise | str] = {
    "after": _("Left for"),
    "name": _("Name"),
    "idle": _("Nothing followed it for"),
    "starter": _("Segment to begin with, by its key"),
    "days": _("Days after it (before it: a number below 0)"),
    "of": _("Of what"),
    "factor": _("How many times the own rhythm"),
    "below": _("Below (0 to 1)"),
    "every": _("How often"),
    "day": _("On day"),
    "max_age": _("What happened longer ago lets nobody in"),
    "for": _("How long"),
    "at": _("Then until this hour where the customer is"),
    "weekdays": _("On one of these days"),
    "mail": _("Which mail"),
    "past_due": _("Where it is late"),
    "quiet": _("Waits for the end of the customer's night"),
    "if": _("If"),
    "within": _("At most"),
    "then": _("If so, go to"),
    "else": _("If not, go to"),
    "ways": _("Ways"),
    "share": _("Per cent"),
    "to": _("go to"),
    "pool": _("Pool of codes"),
    "tag": _("Which tag"),
    "event": _("Name of the event"),
    "next": _("Then go to"),
    "age": _("Too late after"),
}
EVERY: Mapping[str, Promise | str] = {"week": _("every week"), "month": _("every month"), "quarter": _("every quarter")}
PER: Mapping[str, Promise | str] = {
    "customer": _("each customer"),
    "order": _("each order"),
    "cart": _("each basket"),
}
LATE: Mapping[str, Promise | str] = {
    "": _("as is usual for its purpose"),
    "send": _("it goes out all the same"),
    "skip": _("it is left out"),
    "reschedule": _("it goes out at the same hour of the next day"),
}
WEEKDAYS: Mapping[str, Promise | str] = {
    "mon": _("Monday"),
    "tue": _("Tuesday"),
    "wed": _("Wednesday"),
    "thu": _("Thursday"),
    "fri": _("Friday"),
    "sat": _("Saturday"),
    "sun": _("Sunday"),
}
EITHER: Mapping[str, Promise | str] = {"": _("as is usual for its purpose"), "yes": _("yes"), "no": _("no")}
