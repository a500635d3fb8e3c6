"""What the phases of one process cost: CPU seconds, wall seconds and memory, imports apart. Standard library only.

A worker imports what it needs, opens a `Stopwatch` and runs its phases; `report` prints one line of JSON, which
`run` of the measuring process reads. CPU time counts all threads, and processes started on the way (compilers).
"""

import json
import os
import resource
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

MIB = 1024  # the kernel counts in KiB


def cpu_seconds() -> float:
    """User and system time of this process, its threads and its ended children so far."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


def resident(what: str) -> float:
    """Resident memory of this process in MiB: VmRSS now, VmHWM at its peak."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(what)).split()[1]) / MIB


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds of a phase, and the peak of its resident memory over the imported interpreter's, in MiB."""

    cpu: float
    wall: float
    over: float


@dataclass
class Stopwatch:
    """Opened after the imports: what came before is their cost, what comes now is measured phase by phase."""

    phases: dict[str, Cost] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    imports: float = field(default_factory=cpu_seconds)
    base: float = field(default_factory=lambda: resident("VmRSS"))

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forgets the peak so far
        cpu, wall = cpu_seconds(), time.perf_counter()
        yield
        spent = Cost(cpu_seconds() - cpu, time.perf_counter() - wall, resident("VmHWM") - self.base)
        self.phases[name] = spent

    def report(self) -> None:
        phases = {name: vars(cost) for name, cost in self.phases.items()}
        print(json.dumps({"imports": self.imports, "base": self.base, "phases": phases, "facts": self.facts}))


@dataclass(frozen=True)
class Run:
    """The report of one worker: its phases, CPU seconds of its imports, resident MiB after them, and its results."""

    phases: dict[str, Cost]
    imports: float
    base: float
    facts: dict[str, Any]

    def cpu(self, *names: str) -> float:
        """CPU seconds of the phases named, of all when none is."""
        return sum(cost.cpu for name, cost in self.phases.items() if not names or name in names)

    def over(self, *names: str) -> float:
        """Peak MiB over the imported interpreter in the phases named, in all when none is."""
        return max(cost.over for name, cost in self.phases.items() if not names or name in names)


def run(command: Sequence[str | Path]) -> Run | str:
    """The report of a worker run as a fresh process, or the last line of what it said when it failed."""
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src"), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([str(part) for part in command], env=here, capture_output=True, text=True, check=False)
    if done.returncode:
        return (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
    said = json.loads(done.stdout.strip().splitlines()[-1])
    phases = {name: Cost(**cost) for name, cost in said["phases"].items()}
    return Run(phases, said["imports"], said["base"], said["facts"])
