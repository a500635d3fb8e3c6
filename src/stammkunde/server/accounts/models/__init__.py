"""The tables of the room: staff and their keys, and events that leave."""

from stammkunde.server.accounts.models.outgoing import Dispatch, Endpoint, Outgoing
from stammkunde.server.accounts.models.staff import Entry, Invitation, Key, Tally, User, UserManager

__all__ = ["Dispatch", "Endpoint", "Entry", "Invitation", "Key", "Outgoing", "Tally", "User", "UserManager"]
