"""How programs are timed: NumPy and Ramba in turn, the first turn apart from the later ones."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy

from benchmarks.loops.table import Loop
from benchmarks.measure import median

_TURNS = 4  # a first one, and three later ones
_PATIENCE = 1.5  # seconds of both after which there are no more turns than a first and a later one
_TOLERANCE = 1e-9  # sums are added in another order, and loops carry that on


class Times(NamedTuple):
    """Seconds of one module's turns."""

    first: float
    best: float  # of the later ones: a busy moment lengthens a turn, nothing shortens it
    median: float

    @staticmethod
    def of(turns: list[float]) -> Times:
        """The first turn is apart: it compiles, and fills caches."""
        return Times(turns[0], min(turns[1:]), median(turns[1:]))


class Turns(NamedTuple):
    """What one program showed."""

    name: str
    numpy: Times
    ramba: Times
    agrees: bool  # the values are NumPy's

    @property
    def ratio(self) -> float:
        """How many times faster than NumPy."""
        return self.numpy.best / self.ramba.best


def measured(loop: Loop, scale: float, module: Any) -> Turns:
    """Run a program with both modules, in turn. A look at the value belongs to the turn."""
    inputs = loop.at(scale)
    seconds: dict[Any, list[float]] = {numpy: [], module: []}
    values = {}
    began = time.perf_counter()
    for turn in range(_TURNS):
        if turn > 1 and time.perf_counter() - began > _PATIENCE:
            break
        for np, turns in seconds.items():
            own = [np.asarray(value.copy()) if isinstance(value, numpy.ndarray) else value for value in inputs]
            started = time.perf_counter()
            values[np] = numpy.asarray(loop.run(np, *own))
            turns.append(time.perf_counter() - started)
    theirs, ours = values[numpy], values[module]
    agrees = ours.dtype == theirs.dtype and numpy.allclose(ours, theirs, rtol=_TOLERANCE, atol=_TOLERANCE)
    return Turns(loop.name, Times.of(seconds[numpy]), Times.of(seconds[module]), agrees)


def geometric_mean(ratios: Iterable[float]) -> float:
    """The mean of ratios that does not care which of the two is on top."""
    logarithms = [math.log(ratio) for ratio in ratios]
    return math.exp(sum(logarithms) / len(logarithms))
