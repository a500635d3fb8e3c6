"""The law of advertising mail, read the slow way: what stands against a message that was allowed."""

from datetime import datetime

from stammkunde.server.consent.bases import topic_of
from stammkunde.server.consent.gate import Asked, Decision, Person, Rules
from stammkunde.server.consent.purposes import TRANSACTIONAL


def excuses(asked: Asked, person: Person, rules: Rules, at: datetime, found: Decision) -> list[str]:
    """What forbids a message that was allowed, found the slow way: every condition of the law by itself."""
    past = [each for each in person.said if each.at <= at]
    topic = topic_of(asked.purpose)
    wrong = [] if person.address else ["no address"]
    live = [b for b in person.blocks if b.since <= at and not (b.until and b.until <= at)]
    wrong += ["dead"] * any(b.scope == "dead" for b in live)
    if asked.purpose in TRANSACTIONAL:
        wrong += ["no contract"] * (found.basis == "contract" and not any(o.at <= at for o in person.bought))
        return wrong + ["a wrong basis"] * (found.basis not in ("contract", "request"))
    wrong += ["blocked"] * any(b.scope in ("all", topic) for b in live)
    wrong += ["off"] * (asked.purpose in person.topics_off)
    wrong += ["paused"] * bool(person.paused_until and at < person.paused_until)
    for position, each in enumerate(past):
        if each.kind in ("withdrawn", "objected") and each.topic in (topic, "all"):
            later = past[position + 1 :]
            again = [x for x in later if x.kind in ("confirmed", "granted") and x.own and x.topic in (topic, "all")]
            wrong += ["a no stands"] * (not again)
    if found.basis == "consent":
        yes = next((x for x in past if x.id == found.entry_id and x.kind in ("confirmed", "granted")), None)
        wrong += ["no such consent"] * (yes is None or not yes.own or yes.topic not in (topic, "all"))
    elif found.basis == "existing":
        order = next(x for x in person.bought if x.id == found.order_id and x.at <= at)
        wrong += ["not similar"] * (not rules.all_similar and not order.categories & asked.categories)
        wrong += ["surveys or carts"] * (topic != "marketing")
        wrong += ["on the list"] * (found.pack == "AT" and person.listed)
    else:
        wrong += ["a wrong basis"] * (found.basis != "opt_out" or found.pack != "US")
    return wrong
