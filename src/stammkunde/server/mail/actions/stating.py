"""What a person says of a message whose end nobody saw."""

from datetime import datetime

from django.db import transaction

from stammkunde.server.accounts.actions import record
from stammkunde.server.accounts.models import User
from stammkunde.server.mail.models import Send


@transaction.atomic
def state_end(send: Send, *, arrived: bool, now: datetime, by: User) -> bool:
    """Somebody found out whether a message of unknown end arrived; whether it was still unknown. It is not sent again:
    who wants that writes anew."""
    state = Send.State.SENT if arrived else Send.State.REFUSED
    unknown = Send.objects.filter(pk=send.pk, state=Send.State.UNKNOWN)
    if not unknown.update(state=state, reason="stated", settled_at=now):
        return False
    title = send.subject or str(send.message)
    record("stated", "message", now=now, by=by, subject_id=send.pk, title=title[:200], change={"arrived": arrived})
    return True
