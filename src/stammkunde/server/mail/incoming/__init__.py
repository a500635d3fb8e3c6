"""What came back, read: raw bytes in, a verdict out. Pure: no table, no clock, no network; never raises on a mail."""

from stammkunde.server.mail.incoming.reading import read
from stammkunde.server.mail.incoming.verdict import HARD, Reason, Recipient, Verdict

__all__ = ["HARD", "Reason", "Recipient", "Verdict", "read"]
