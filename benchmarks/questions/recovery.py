"""What does it cost to be able to lose a worker, and what to lose one?"""

from __future__ import annotations

import os
import signal
import warnings
from operator import truediv
from statistics import median
from time import perf_counter
from typing import Any

import numpy

import ramba
from benchmarks.ask import Answer
from benchmarks.measure import duration
from ramba.engine import ENGINE

_ROUNDS = 25
_TURNS = 150
_STEPS = 1000
_MOST = 1.02  # times as long as without
_SECONDS = 5.0  # that a loss costs beside the replay


def stencil(x: Any, steps: int) -> None:
    """In place: each step is a flush that needs the one before."""
    for _ in range(steps):
        x[1:-1, 1:-1] += 0.2 * (x[2:, 1:-1] - 2 * x[1:-1, 1:-1] + x[:-2, 1:-1])
        ENGINE.flush()


def answers() -> list[Answer]:
    """On two child processes: a loop with and without, taking turns; then with a worker killed in the middle."""
    with ramba.config.set(backend="processes", workers=2, num_threads=1):
        ramba.init()
        try:
            return [_overhead(), _loss()]
        finally:
            ramba.shutdown()


def _overhead() -> Answer:
    x = ramba.ones((400, 400)) * 1.0
    times: dict[str, list[float]] = {"none": [], "recompute": []}
    for turn in range(_ROUNDS):
        for name in sorted(times, reverse=turn % 2 == 0):
            with ramba.config.set(resilience=name):
                stencil(x, 40)  # the first reports say how far the driver may run ahead
                ramba.sync()
                begin = perf_counter()
                stencil(x, _TURNS)
                ramba.sync()
                times[name].append((perf_counter() - begin) / _TURNS)
    found = median(map(truediv, times["recompute"], times["none"]))
    shown = duration(median(times["none"])), duration(median(times["recompute"]))
    return Answer("a step on 2 workers, resilient", *shown, f"{found:.3f}x", f"at most {_MOST:g}x", found <= _MOST)


def _loss() -> Answer:
    given = numpy.random.default_rng(0).random((400, 400))
    seconds, found = [], []
    for kill in (False, True):
        x = ramba.array(given) * 1.0
        ramba.sync()
        begin = perf_counter()
        stencil(x, _STEPS // 2)
        if kill:
            backend: Any = ENGINE.backend
            os.kill(backend.link.members[1].pid, signal.SIGKILL)
        stencil(x, _STEPS - _STEPS // 2)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ramba.WorkerReplacedWarning)
            ramba.sync()
        seconds.append(perf_counter() - begin)
        found.append(numpy.asarray(x).tobytes())
    plain, lost = seconds
    right = found[0] == found[1] and lost <= 2 * plain + _SECONDS
    what = f"{_STEPS} steps in place, a worker killed in the middle"
    return Answer(
        what, duration(plain), duration(lost), f"+{lost - plain:.1f} s", f"the replay and {_SECONDS:g} s", right
    )
