"""What answers cost, side by side with the peers and with the floor, in one run.

    python benchmarks/speed.py [--peers .venv-bench/bin/python] [--customers 1_000_000] [--rounds 3] [--scale]

The task: a Parquet file of orders to a written score table, by summarising it, fitting BG/NBD and Gamma-Gamma, and
scoring 12 months discounted at 1 % a month. Every worker is a fresh process; rounds take turns (ours, peer, peer,
floor), and medians are shown. Costs are CPU seconds of all threads without imports, and peak resident memory over the
imported interpreter. Nothing is written but to the temporary folder.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median

import numpy as np

import synthetic
from floor import summary
from phases import Run, run
from stammkunde.clv.bg_nbd import BgNbd
from stammkunde.clv.sample import Sample
from tables import markdown, where

HERE = Path(__file__).resolve().parent
PEERS = HERE.parent / ".venv-bench" / "bin" / "python"
OURS, WITH_INTERVALS, FLOOR, SIMPLEST = "stammkunde", "stammkunde, intervals", "floor", "simplest grouping"
PHASES = ("read", "summary", "fit", "value", "write")
Runs = Mapping[str, list[Run]]


def workers(orders: Path, scores: Path, peers: Path | None) -> dict[str, list[str | Path]]:
    """The command of each worker by name, ours first."""
    ours, floor = [sys.executable, HERE / "score.py"], [sys.executable, HERE / "floor.py"]
    found: dict[str, list[str | Path]] = {OURS: [*ours, "fast", orders, scores]}
    if peers:
        found |= {p: [peers, HERE / "peers.py", "speed", p, orders, scores] for p in ("lifetimes", "pymc")}
    found[FLOOR] = [*floor, "summary", orders]
    found[SIMPLEST] = [*floor, "simplest", orders]
    found[WITH_INTERVALS] = [*ours, "intervals", orders, scores]
    return found


def rounds(commands: Mapping[str, list[str | Path]], count: int) -> dict[str, list[Run]]:
    """`count` runs of every worker, taking turns; workers that fail are named and left out."""
    found: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(count):
        for name, command in commands.items():
            done = run(command)
            if isinstance(done, str):
                print(f"{name} failed: {done}", flush=True)
            else:
                found[name].append(done)
    return {name: done for name, done in found.items() if done}


def cpu(runs: Runs, name: str, *phases: str) -> float:
    """Median CPU seconds of these phases (of all when none is named)."""
    return median(one.cpu(*phases) for one in runs[name])


def over(runs: Runs, name: str) -> float:
    """Median peak MiB over the imported interpreter."""
    return median(one.over() for one in runs[name])


def costs(runs: Runs) -> str:
    """CPU seconds by phase, their sum, its memory, and what stands outside: imports."""
    rows = []
    for name, done in runs.items():
        has = done[0].phases
        whole = f"{cpu(runs, name):.3f}"
        cells = [f"{cpu(runs, name, phase):.3f}" if phase in has else "–" for phase in PHASES]
        rows.append([name, *cells, whole, f"{over(runs, name):.0f}", f"{median(one.imports for one in done):.2f}"])
    return markdown(("CPU s", *PHASES, "whole", "over MiB", "imports, apart"), rows)


def targets(runs: Runs, *, large: bool) -> str:
    """Ratios that must hold; those stated for a million customers are judged there only."""
    rivals = [name for name in ("lifetimes", "pymc") if name in runs]
    rows = []

    def judge(what: str, figure: float, bound: float) -> None:
        rows.append(
            [what, f"{figure:.3f}", f"{bound:.3f}", ("holds" if figure <= bound else "MISSED") if large else "–"]
        )

    if rivals:
        best = lambda *phases: min(cpu(runs, rival, *phases) for rival in rivals)  # noqa: E731
        judge("whole / faster peer", cpu(runs, OURS) / best(), 1 / 7)
        judge("fit / faster peer", cpu(runs, OURS, "fit") / best("fit"), 1 / 10)
        judge("value / faster peer", cpu(runs, OURS, "value") / best("value"), 1 / 25)
    judge("whole / floor", cpu(runs, OURS) / cpu(runs, FLOOR), 1.7)
    judge("whole, MiB over the interpreter", over(runs, OURS), 700)
    if WITH_INTERVALS in runs:
        judge("scores with intervals, CPU s", cpu(runs, WITH_INTERVALS, "value"), 60)
        judge("with intervals, MiB over the interpreter", over(runs, WITH_INTERVALS), 1500)
    return markdown(("ratio or figure", "measured", "at most", ""), rows)


def agreement(runs: Runs, orders: Path) -> str:
    """Log-likelihood of everyone's BG/NBD parameters on the floor's summary, and everyone's totals."""
    table = summary(str(orders))
    columns = [table[name].to_numpy().astype(np.float64) for name in ("x", "t_x", "T")]
    sample = Sample.of(*columns, np.ones(len(columns[0])), None)
    rows = []
    for name, done in runs.items():
        facts = done[0].facts
        if found := facts.get("parameters"):
            theta = np.array([found[p] for p in ("r", "alpha", "a", "b")])
            likelihood = float(sample.weight @ BgNbd.log_likelihood(sample, theta)[0])
            parameters = " ".join(f"{found[p]:.4f}" for p in ("r", "alpha", "a", "b", "p", "q", "v"))
            totals = f"{facts['customers']:,}", f"{facts['orders']:,.0f}", f"{facts['clv']:,.0f}"
            rows.append([name, *totals, f"{likelihood:.3f}", parameters])
    return markdown(("", "customers", "purchases", "12 months", "log-likelihood", "r α a b p q v"), rows)


def small() -> str:
    """CDNOW 1/10 fitted and scored in a fresh process: the first time, imports apart."""
    done = [run([sys.executable, HERE / "score.py", "small"]) for _ in range(5)]
    good = [one for one in done if isinstance(one, Run)]
    if not good:
        return f"CDNOW 1/10: {done[0]}"
    parts = ", ".join(
        f"{name} {1000 * median(one.phases[name].wall for one in good):.0f} ms" for name in good[0].phases
    )
    whole = median(sum(cost.wall for cost in one.phases.values()) for one in good)
    return f"CDNOW 1/10 fitted and scored: {1000 * whole:.0f} ms (target 100; {parts})"


def help_wall() -> str:
    """Wall milliseconds until the command line has explained itself, best of 5."""
    command = [str(Path(sys.executable).with_name("stammkunde")), "--help"]
    if not Path(command[0]).exists():
        command = [sys.executable, "-m", "stammkunde.cli", "--help"]
    walls = [_wall(lambda: subprocess.run(command, check=True, capture_output=True)) for _ in range(5)]
    return f"stammkunde --help: {1000 * min(walls):.0f} ms (target 300)"


def scale(folder: Path) -> str:
    """Ten million customers, memory in all."""
    done = run([sys.executable, HERE / "score.py", "fast", synthetic.file(10_000_000), folder / "scores.parquet"])
    if isinstance(done, str):
        return f"10,000,000 customers: {done}"
    phases = ", ".join(f"{name} {cost.cpu:.1f}" for name, cost in done.phases.items())
    peak = (done.base + done.over()) / 1024
    return f"10,000,000 customers: {peak:.1f} GiB at the peak (target 8), CPU s: {phases}"


def compare(customers: int, count: int, peers: Path | None, folder: Path) -> None:
    orders = synthetic.file(customers)
    runs = rounds(workers(orders, folder / "scores.parquet", peers), count)
    print(f"\n## {customers:,} customers, medians of {count}\n\n{costs(runs)}\n")
    if OURS in runs and FLOOR in runs:
        print(targets(runs, large=customers >= 1_000_000), end="\n\n")
    print(agreement(runs, orders), flush=True)


def _wall(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peers", type=Path, default=PEERS, help="Python of the environment with the peers")
    parser.add_argument("--customers", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", action="store_true", help="also ten million customers (minutes, 8 GB)")
    asked = parser.parse_args()
    print(f"# Speed\n\n{where()}\n\n{help_wall()}\n\n{small()}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for customers in asked.customers:
            compare(customers, asked.rounds, asked.peers if asked.peers.exists() else None, Path(folder))
        if asked.scale:
            print(f"\n{scale(Path(folder))}")


if __name__ == "__main__":
    main()
