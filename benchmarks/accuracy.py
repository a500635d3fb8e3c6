"""How far forecasts were from what happened, side by side with the peers on real shops.

    python benchmarks/accuracy.py [--peers .venv-bench/bin/python] [--shop CDNOW]

Everyone is shown the orders up to the split and forecasts the days after it for every customer known by then. Peers and
rules are given exact summaries in weeks; Stammkunde reads the orders themselves.
"""

import argparse
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import ours
from naive import INTERVALS, RULES, Forecast
from shops import Shop, shops
from stammkunde.clv.metrics import Accuracy, accuracy, coverage, interval_score, mean_width
from tables import markdown, where

PEERS = Path(__file__).resolve().parents[1] / ".venv-bench" / "bin" / "python"
LEVEL = 0.8
OURS = "stammkunde "
HEAD = (
    "forecast, count:", "MAE", "RMSE", "bias %", "Spearman", "spend: MAE", "RMSE", "bias %", "Spearman", "Gini",
    "top decile", "decile MAPE %",
)  # fmt: skip


@dataclass(frozen=True)
class Score:
    """Both halves of one forecast's figures."""

    count: Accuracy
    spend: Accuracy


def peers(shop: Shop, python: Path) -> dict[str, Forecast | str]:
    """The forecasts of every model of every peer installed for `python`; for a failed one, how it failed."""
    s = shop.summary
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder) / "summary.npz", Path(folder) / "forecast.npz"
        np.savez(given, x=s.x, t_x=s.t_x, T=s.T, value=s.value, t=shop.horizon / 7)
        command = [python, Path(__file__).with_name("peers.py"), "forecast", given, out]
        subprocess.run(list(map(str, command)), check=True, capture_output=True)
        found = dict(np.load(out))
    failed = {name.split("|")[0]: str(what) for name, what in found.items() if name.endswith("|failed")}
    models = {name.split("|")[0]: None for name in found}
    return {m: failed[m] if m in failed else (found[f"{m}|count"], found[f"{m}|spend"]) for m in models}


def score(shop: Shop, forecast: Forecast) -> Score | str:
    """Its figures, or why it has none."""
    if not all(np.isfinite(column).all() for column in forecast):
        return "not a number"
    return Score(*(accuracy(f, y) for f, y in zip(forecast, shop.truth, strict=True)))


def row(name: str, score: Score | str) -> list[str]:
    if isinstance(score, str):
        return [f"{name}: {score}", *["–"] * (len(HEAD) - 1)]
    c, s = score.count, score.spend
    figures = (f"{c.mae:.4f}", f"{c.rmse:.4f}", f"{c.bias:+.2f}", f"{c.spearman:.4f}", f"{s.mae:.3f}", f"{s.rmse:.2f}")
    more = (f"{s.bias:+.2f}", f"{s.spearman:.4f}", f"{s.gini:.4f}", f"{s.top_decile:.4f}", f"{s.decile_mape:.1f}")
    return [name, *figures, *more]


def verdict(scores: Mapping[str, Score | str], auto: str) -> Iterable[str]:
    """Ours beside the best of the peers in each respect that must hold."""
    mine = scores[auto]
    rivals = [s for name, s in scores.items() if name.startswith(("lifetimes", "pymc")) and isinstance(s, Score)]
    if isinstance(mine, str) or not rivals:
        return
    bests = {
        "count MAE": (mine.count.mae, min(r.count.mae for r in rivals), 1.0),
        "spend MAE": (mine.spend.mae, min(r.spend.mae for r in rivals), 1.0),
        "spend Gini": (-mine.spend.gini, min(-r.spend.gini for r in rivals), 1.0),
        "half the count bias": (abs(mine.count.bias), min(abs(r.count.bias) for r in rivals), 0.5),
        "half the spend bias": (abs(mine.spend.bias), min(abs(r.spend.bias) for r in rivals), 0.5),
    }
    for what, (own, best, share) in bests.items():
        holds = "holds " if own <= share * best + 1e-12 else "MISSED"
        yield f"  {holds} {what}: {abs(own):.4f}, best peer {abs(best):.4f}"


def doubt(shop: Shop, said: ours.Doubt) -> str:
    """Intervals and distribution of `--model auto`, beside intervals that know the truth but not the customer."""
    _, spent = shop.truth
    rows = []
    bounds = {"stammkunde": (said.low, said.high), **{n: rule(shop, LEVEL) for n, rule in INTERVALS.items()}}
    for name, (low, high) in bounds.items():
        figures = coverage(low, high, spent), mean_width(low, high), interval_score(low, high, spent, level=LEVEL)
        rows.append([name, f"{100 * figures[0]:.1f}", f"{figures[1]:.2f}", f"{figures[2]:.2f}"])
    head = (f"{LEVEL:.0%} interval of spend", "coverage %", "mean width", "interval score")
    distances = f"PIT distance: count {said.pit_count:.4f}, spend {said.pit_spend:.4f}"
    return f"{markdown(head, rows)}\n\n{distances}\n\nChosen: {said.reason}"


def report(shop: Shop, python: Path | None) -> None:
    """Everything about one shop."""
    y, spent = shop.truth
    print(f"\n## {shop.name}\n\n{len(y):,} customers, split {shop.split}, {shop.horizon} days ahead: ", end="")
    print(f"{y.sum():,.0f} purchases, {spent.sum():,.2f} spent\n", flush=True)
    mine = ours.forecasts(shop)
    everyone: dict[str, Forecast | str] = {OURS + name: f for name, f in mine.items()}
    everyone |= peers(shop, python) if python else {}
    everyone |= {name: rule(shop) for name, rule in RULES.items()}
    scores = {name: f if isinstance(f, str) else score(shop, f) for name, f in everyone.items()}
    print(markdown(HEAD, [row(name, s) for name, s in scores.items()]))
    best = accuracy(spent, spent).top_decile
    print(f"\nTop decile at best {best:.4f}. Ours, choosing inside the calibration only, against the best peer:\n")
    print("\n".join(verdict(scores, OURS + "auto")))
    print(f"\n{doubt(shop, ours.doubt(shop, LEVEL))}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", type=Path, default=PEERS, help="Python of the environment with the peers")
    parser.add_argument("--shop", default="", help="only shops whose name contains this")
    asked = parser.parse_args()
    python = asked.peers if asked.peers.exists() else None
    print(f"# Accuracy\n\n{where()}")
    if python is None:
        print(f"\nWithout peers: no Python at {asked.peers}.")
    for shop in shops():
        if isinstance(shop, str):
            print(f"\n{shop}")
        elif asked.shop in shop.name:
            report(shop, python)


if __name__ == "__main__":
    main()
