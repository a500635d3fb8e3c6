"""The name a message bears: the same each time it is handed over, and nobody else's."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings

from stammkunde.server.consent.queries.hashing import digests
from stammkunde.server.mail.models import Sender


def header_ids(send_ids: Sequence[int], *, sender: Sender) -> dict[int, str]:
    """Message-IDs, from the row and a secret of this installation that outlives a restore: a backup put back here gives
    the same names, another shop never does."""
    domain = sender.address.rpartition("@")[2] or urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    told = {f"message {pk}": pk for pk in send_ids}
    return {told[text]: f"<{told[text]}.{mark[:20]}@{domain}>" for mark, text in digests(list(told)).items()}
