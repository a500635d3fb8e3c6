"""What a step that sends has its message say: the rules that are looked at again within the claim of every send."""

from typing import Any

from stammkunde.server.journeys.definitions.language import Definition
from stammkunde.server.journeys.steps.send import Send


def rules_of(definition: Definition, step: Send) -> dict[str, Any]:
    """Goal and exits make a mail pointless even when it waits already; how late it may go out; whether by night."""
    words = definition.words()
    found: dict[str, Any] = {"unless": list(words)} if words else {}
    if step.past_due:
        found["past_due"] = "skip" if step.past_due == "skip" else "send"
    if step.max_age is not None:
        found["max_age"] = str(step.max_age)
    return found | ({"quiet": step.quiet} if step.quiet is not None else {})
