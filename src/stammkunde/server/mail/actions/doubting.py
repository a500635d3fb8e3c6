"""What is done where it cannot be known whether messages left."""

from datetime import datetime

from stammkunde.server.mail.models import Send

UNENDED = (Send.State.WAITING, Send.State.CLAIMED, Send.State.HANDING)


def restored(*, made_at: datetime, now: datetime) -> int:
    """A backup was put back: messages that it holds as due may have left after it was made, so they are `unknown`.
    Advertising stays so; order mails are handed over once more, under the same name, as after a worker that died.
    What becomes due later is as it was. Returns how many."""
    doubtful = Send.objects.filter(state__in=UNENDED, due_at__lte=now, planned_at__lte=made_at)
    return doubtful.update(state=Send.State.UNKNOWN, reason="restored", settled_at=now, worker="", lease_until=None)
