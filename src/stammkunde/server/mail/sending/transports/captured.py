"""Messages as files in the data folder: for the demo, and before anything is set up. Nothing leaves the house."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from stammkunde.server.mail.models import Sender
from stammkunde.server.mail.sending.transports.base import Outcome, ProviderError, Receipt

NAME = re.compile(rb"^message-id: *<([^>\r\n]+)>", re.IGNORECASE | re.MULTILINE)


class Captured:
    """Writes `<name of the message>.eml`, so that one that comes twice is one file."""

    provider = "captured"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, envelope_from: str, to: str, message: bytes) -> Receipt:
        """See `Session`."""
        del envelope_from, to
        found = NAME.search(message)
        name = found[1].decode("ascii", "replace") if found else hashlib.sha256(message).hexdigest()
        path = self.folder / f"{re.sub(r'[^A-Za-z0-9.@_-]', '_', name)[:150]}.eml"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(message)
        except OSError as error:  # a full disk is a provider that cannot take more
            raise ProviderError(f"{path}: {error.strerror}") from error
        return Receipt(Outcome.SENT, path.name)

    def close(self) -> None:
        """See `Session`."""


def session(sender: Sender, secrets: Mapping[str, str]) -> Captured:
    """The folder `mail` within the data."""
    del sender, secrets
    return Captured(Path(settings.DATA) / "mail")
