"""What happens to staff and their keys; events that leave have modules of their own beside."""

from stammkunde.server.accounts.actions.staff import (
    OPEN_FOR,
    RefusedError,
    change_staff,
    digest,
    end_invitation,
    end_key,
    first_link,
    invitation,
    invite,
    join,
    make_key,
    password_link,
    prefer,
    record,
    remove_factor,
    rename,
)

__all__ = [
    "OPEN_FOR",
    "RefusedError",
    "change_staff",
    "digest",
    "end_invitation",
    "end_key",
    "first_link",
    "invitation",
    "invite",
    "join",
    "make_key",
    "password_link",
    "prefer",
    "record",
    "remove_factor",
    "rename",
]
