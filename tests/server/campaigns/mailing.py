"""A mailing of known truth: lines with their rates, answers that come late, hourly batches. Made up, and said so."""

from dataclasses import dataclass

import numpy as np

from stammkunde.server.campaigns.bandit.arms import Evidence, Floats, Prior
from stammkunde.server.campaigns.bandit.choosing import choose, shares
from stammkunde.server.campaigns.bandit.delay import Delay
from stammkunde.server.campaigns.bandit.verdict import judge

EVEN = Prior(1.0, 1.0)


@dataclass
class Mailing:
    """`total` mails in hourly batches to lines of these `rates`; answers come `hours` late in the mean."""

    rates: Floats
    total: int = 100_000
    hours: float = 4.0
    batches: int = 20

    def lost(self, policy: str, seed: int) -> float:
        """The share of the best line's answers that a policy loses: "ours", "even" or "greedy" (epsilon 10 %)."""
        random = np.random.default_rng(seed)
        lines, size, delay = len(self.rates), self.total // self.batches, Delay(self.hours)
        sent, arrived = np.zeros((self.batches, lines), np.int64), np.zeros((self.batches + 1, lines), np.int64)
        for batch in range(self.batches):
            ripe = delay.answered(np.arange(batch, 0, -1.0)) @ sent[:batch] if batch else np.zeros(lines)
            rows = zip(sent.sum(axis=0), ripe, arrived[: batch + 1].sum(axis=0), strict=True)
            found = [Evidence(int(s), float(min(r, s)), int(a)) for s, r, a in rows]
            wanted = WAYS[policy](found, random)
            sent[batch] = np.bincount(choose(wanted, size, random), minlength=lines)
            for line in range(lines):
                answers = random.binomial(sent[batch, line], self.rates[line])
                came = np.ceil(batch + random.exponential(self.hours, answers)).astype(int)
                np.add.at(arrived[:, line], came[came <= self.batches], 1)
        return float(1 - (sent.sum(axis=0) @ self.rates) / (self.total * self.rates.max()))


def _ours(found: list[Evidence], random: np.random.Generator) -> Floats:
    said = judge(found, EVEN, random)
    if said.settled:
        return np.eye(len(found))[said.best]
    return shares(found, EVEN, random)


def _even(found: list[Evidence], random: np.random.Generator) -> Floats:
    return np.full(len(found), 1 / len(found))


def _greedy(found: list[Evidence], random: np.random.Generator) -> Floats:
    raw = np.array([each.answers / each.sent if each.sent else 1.0 for each in found])
    best = raw + 1e-9 * random.random(len(found))
    wanted = np.full(len(found), 0.1 / len(found))
    wanted[best.argmax()] += 0.9
    return wanted


WAYS = {"ours": _ours, "even": _even, "greedy": _greedy}
