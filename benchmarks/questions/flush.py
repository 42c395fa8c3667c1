"""What does a flush cost besides its kernel: with its plan in the cache, and planned anew?"""

from __future__ import annotations

from typing import Any

import numpy

import ramba
from benchmarks.ask import Answer, at_most
from benchmarks.measure import alternate, median, seconds
from ramba import events

_SIZE = 20_000  # just large enough to be lazy


def answers() -> list[Answer]:
    """The hit on a sum of two arrays, the miss on an expression of 50 operations."""
    return [_hit(), _miss()]


def _hit() -> Answer:
    ours = [ramba.ones(_SIZE), ramba.ones(_SIZE)]
    theirs = [numpy.ones(_SIZE), numpy.ones(_SIZE)]
    ramba.sync()

    def flush() -> Any:
        c = ours[0] + ours[1]
        ramba.sync()
        return c

    kernels: list[float] = []
    numpy_time, ramba_time = alternate(lambda: theirs[0] + theirs[1], flush, rounds=15, inner=200)
    with events.subscribe(lambda event: kernels.append(event.seconds) if isinstance(event, events.Ran) else None):
        for _ in range(200):
            flush()
    kernel = median(kernels)
    return at_most("flush, plan in the cache, without its kernel", numpy_time, ramba_time, ramba_time - kernel, 30e-6)


def _miss() -> Answer:
    """New shapes miss the plan cache; the kernel, which knows no shape, is compiled once."""
    told: list[Any] = []

    def expression(n: int) -> Any:
        x = ramba.ones(n)
        ramba.sync()
        y = x
        for i in range(25):
            y = (y + x) * (1.0 + i)
        return y

    compiled, planned = [], []
    with events.subscribe(told.append):
        for n in range(_SIZE, _SIZE + 30):
            y = expression(n)
            told.clear()
            seconds(ramba.sync)
            if any(isinstance(event, events.Compiled) for event in told):
                compiled.append(n)
            else:
                planned += [event.seconds for event in told if isinstance(event, events.Planned) and not event.cached]
            del y
    time = median(planned)
    return at_most("planning 50 operations", None, time, time, 1e-3)
