"""The door: may these messages go out now? Asked in sets, right before they leave."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from stammkunde.server.consent.gate import Asked, Decision, Person, decide
from stammkunde.server.consent.queries.people import people
from stammkunde.server.consent.queries.rules import rules


def gate(asked: Sequence[Asked], *, now: datetime, known: Mapping[int, Person] | None = None) -> list[Decision]:
    """A decision for each, in the same order. `known` where the people were read a moment ago in the same claim."""
    found = known if known is not None else people([each.customer_id for each in asked], until=now)
    holding = rules()
    nobody = Person(0)
    return [decide(each, found.get(each.customer_id, nobody), holding, at=now) for each in asked]
