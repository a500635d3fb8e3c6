"""Why a request is not taken, in the shape every client reads: `code` and `message`, or some stop at nothing."""

from dataclasses import dataclass


@dataclass
class RefusedError(Exception):
    """A request is answered with this instead of being stored; `retry_after` seconds where trying again may help."""

    status: int
    code: str
    message: str
    retry_after: int | None = None
