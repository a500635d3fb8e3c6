"""What mail that came back is called."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stammkunde.server.mail.models import Arrival

KINDS: Mapping[str, Promise] = {
    "bounce": _("came back"),
    "delayed": _("late"),
    "complaint": _("complaint"),
    "auto_reply": _("automatic reply"),
    "reply": _("reply"),
    "report": _("report of delivery"),
    "unknown": _("not readable"),
    "": _("not read yet"),
}


def kind(row: Arrival) -> str:
    """What it was taken for, in the reader's language."""
    return str(KINDS.get(row.kind, row.kind))
