"""Named points between two changes of state. Nothing happens at them, unless a trial by fire wants a process to die.

`STAMMKUNDE_TEST_KILL=handed:7` kills it with the signal that nothing survives when it comes to `handed` for the seventh
time. That is how `make chaos` proves that no moment is a bad one to die at.
"""

import os
import signal
import threading

POINTS = ("claimed", "checked", "rendered", "marked", "handed", "settled")
_VARIABLE = "STAMMKUNDE_TEST_KILL"
_lock = threading.Lock()
_left: dict[str, int] = {}


def arm(said: str) -> None:
    """Die at the n-th crossing of a point: `point:n`."""
    point, _, count = said.partition(":")
    if point not in POINTS or not count.isdigit():
        raise ValueError(f"{_VARIABLE} is a point and a number, such as handed:7; points are {', '.join(POINTS)}.")
    _left[point] = int(count)


def crossing(point: str) -> None:
    """Say that this point was come to."""
    if not _left:
        return
    with _lock:
        _left[point] = _left.get(point, 0) - 1
        if _left[point] == 0:
            os.kill(os.getpid(), signal.SIGKILL)


if os.environ.get(_VARIABLE):
    arm(os.environ[_VARIABLE])
