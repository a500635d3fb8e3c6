"""What the ledger says beside what the server's book says."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from stammkunde.server.mail.models import Send

ENDED = (Send.State.SENT, Send.State.REFUSED, Send.State.SUPPRESSED, Send.State.UNKNOWN)


@dataclass(frozen=True)
class Found:
    """Figures, and every fault as a sentence."""

    states: Counter[str]
    silent: int
    again: int
    faults: list[str]


def audit(book: Path, *, deaths: int) -> Found:
    """Count; `deaths` is how many messages kills may have left unknown."""
    taken = Counter(line.split()[1] for line in book.read_text().splitlines())
    named = Counter(line.split()[2] for line in book.read_text().splitlines())
    faults, states, silent, again = [], Counter[str](), 0, 0
    for row in Send.objects.order_by("pk").iterator(5000):
        states[row.state] += 1
        silent += row.state == Send.State.UNKNOWN and row.reason == "silent"
        again += row.attempts > 1 and taken[row.address] > 1
        faults += _of_row(row, taken[row.address] if row.address else 0, named[row.header_id] if row.header_id else 0)
    if silent >= deaths:
        faults.append(f"{silent} unknown of {deaths} that kills may have left so")
    strangers = sum(taken.values()) - sum(taken[each] for each in Send.objects.values_list("address", flat=True))
    return Found(states, silent, again, faults + ([f"{strangers} messages to nobody"] if strangers else []))


def _of_row(row: Send, came: int, named: int) -> list[str]:
    most = 1 if row.marketing or row.attempts < 2 else 2
    wrong = []
    if row.state not in ENDED:
        wrong.append(f"{row} has not ended: {row.reason} {row.response}")
    if came > most:
        wrong.append(f"{row} came {came} times")
    if came != named:
        wrong.append(f"{row} came {came} times, {named} times under its name")
    if row.state == Send.State.SENT and not came:
        wrong.append(f"{row} did not come")
    if row.state in (Send.State.REFUSED, Send.State.SUPPRESSED) and came:
        wrong.append(f"{row} came all the same")
    return wrong
