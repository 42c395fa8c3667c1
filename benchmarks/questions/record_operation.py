"""What does it cost to record one lazy operation?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

import ramba
from benchmarks.ask import Answer, at_most
from benchmarks.measure import median, seconds

_COUNT = 100  # operations on one unfinished expression: fewer than make the engine begin
_ROUNDS = 40

_STEPS: dict[str, Callable[[Any, Any], Any]] = {
    "x + a": lambda x, a: x + a,
    "x * 2.0": lambda x, a: x * 2.0,
    "-x": lambda x, a: -x,
    "x[::-1]": lambda x, a: x[::-1],
}


def answers() -> list[Answer]:
    """One line for each operation; NumPy's column is its call on one element."""
    large, one = ramba.arange(400_000.0), numpy.ones(1)  # more than NumPy gets at once
    table = []
    for name, step in _STEPS.items():
        theirs, ours = _time(step, one, lambda: None), _time(step, large, ramba.sync)
        table.append(at_most(f"recording {name}", theirs, ours, ours, 3e-6))
    return table


def _time(step: Callable[[Any, Any], Any], a: Any, finish: Callable[[], object]) -> float:
    """Median seconds of one operation; what is pending is finished off the clock."""

    def record() -> None:
        x = a
        for _ in range(_COUNT):
            x = step(x, a)

    times = []
    for _ in range(_ROUNDS):
        finish()
        times.append(seconds(record) / _COUNT)
    return median(times)
