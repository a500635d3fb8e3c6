"""The tables of the room, by what they are about."""

from stammkunde.server.segments.models.audiences import Member, Move, Segment, Size
from stammkunde.server.segments.models.known import (
    CustomerFacts,
    Facts,
    FactsBefore,
    Recompute,
    Standing,
    State,
    StateMove,
)

__all__ = [
    "CustomerFacts",
    "Facts",
    "FactsBefore",
    "Member",
    "Move",
    "Recompute",
    "Segment",
    "Size",
    "Standing",
    "State",
    "StateMove",
]
