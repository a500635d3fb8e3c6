"""Conditions of journeys as conditions of SQL on a row `n` (see `words`), true or false, never null."""

from dataclasses import dataclass
from datetime import datetime

from stammkunde.server.journeys.definitions.language import Condition, Fits, Happened, Not
from stammkunde.server.journeys.running.words import happened, values_of
from stammkunde.server.segments.queries import days
from stammkunde.server.segments.rules.compiling import FACTS_TABLE, Scope, Sql, compiled
from stammkunde.server.segments.rules.language import Node


@dataclass(frozen=True)
class Asker:
    """When it is asked, and of whom: `among` is a SELECT of the customers of the rows `n`."""

    now: datetime
    among: str = ""

    def rule(self, node: Node) -> Sql:
        """A rule of the segments; who is not known to them yet fulfils none."""
        found = compiled(node, Scope(days.number(self.now), among=self.among))
        text = f"EXISTS (SELECT 1 FROM {FACTS_TABLE} f WHERE f.customer_id = n.customer_id AND ({found.text}))"
        return Sql(text, found.values)

    def holds(self, condition: Condition) -> Sql:
        """A condition."""
        if isinstance(condition, Happened):
            return happened(condition.word, now=self.now)
        if isinstance(condition, Fits):
            return self.rule(condition.rule)
        if isinstance(condition, Not):
            inner = self.holds(condition.part)
            return Sql(f"NOT ({inner.text})", inner.values)
        parts = [self.holds(part) for part in condition.parts]
        if not parts:
            return Sql("1 = 1" if condition.kind == "all" else "1 = 0")
        joined = (" AND " if condition.kind == "all" else " OR ").join(f"({part.text})" for part in parts)
        return Sql(f"({joined})", values_of(parts))
