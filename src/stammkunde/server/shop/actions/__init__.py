"""What happens to the record: facts are taken in, people turn out to be one."""

from stammkunde.server.shop.actions.people import merge, unmerge
from stammkunde.server.shop.actions.taking import Taken, take

__all__ = ["Taken", "merge", "take", "unmerge"]
