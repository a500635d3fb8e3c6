"""Who may do what: five roles, a handful of rights, one table."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """What somebody does at the shop."""

    OWNER = "owner", _("Owner")
    MARKETING = "marketing", _("Marketing")
    SERVICE = "service", _("Service")
    ANALYST = "analyst", _("Analyst")
    READER = "reader", _("Read-only")


class Right(models.TextChoices):
    """What a page or an API scope asks for."""

    SEE = "see", _("see every page")
    CUSTOMERS = "customers", _("change customers: merge, type, lines of the ledger")
    SEGMENTS = "segments", _("make and change segments")
    VALUE = "value", _("change cost rates, start a computation")
    MESSAGES = "messages", _("write mails, journeys and newsletters")
    SEND = "send", _("let them go out to people")
    DATA = "data", _("take files in, undo, replay")
    EXPORT = "export", _("take customers' data out")
    SETTINGS = "settings", _("staff, sources with their credentials, keys")


RIGHTS: Mapping[str, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.MARKETING: frozenset(Right) - {Right.VALUE, Right.SETTINGS},
    Role.SERVICE: frozenset({Right.SEE, Right.CUSTOMERS}),
    Role.ANALYST: frozenset({Right.SEE, Right.SEGMENTS, Right.VALUE, Right.DATA, Right.EXPORT}),
    Role.READER: frozenset({Right.SEE}),
}
