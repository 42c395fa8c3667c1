"""One call whose value is looked at right away, on arrays of any size, NumPy and Ramba in turn."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy

import ramba
from benchmarks import measure


class Operands:
    """What the calls read, held by one module: made when it is first asked for, off the clock."""

    def __init__(self, module: Any, n: int) -> None:
        self._np, self.n = module, n

    @cached_property
    def a(self) -> Any:
        """Numbers from 0 to 1 in no order."""
        return self._np.asarray(numpy.random.default_rng(1).random(self.n))

    @cached_property
    def b(self) -> Any:
        """Others."""
        return self._np.asarray(numpy.random.default_rng(2).random(self.n))

    @cached_property
    def index(self) -> Any:
        """Places in any order, some of them more than once."""
        return self._np.asarray(numpy.random.default_rng(3).integers(0, self.n, self.n))

    @cached_property
    def mask(self) -> Any:
        """Half of all places."""
        return self._np.asarray(numpy.random.default_rng(4).random(self.n) > 0.5)


def _assign(o: Operands) -> float:
    o.a[1:-1] = 0.5 * (o.b[:-2] + o.b[2:])
    return float(o.a[1])


CALLS: dict[str, Callable[[Any, Operands], float]] = {
    "a + b": lambda np, o: float((o.a + o.b)[0]),
    "a * b + 1": lambda np, o: float((o.a * o.b + 1.0)[0]),
    "exp(-a) * sin(b)": lambda np, o: float((np.exp(-o.a) * np.sin(o.b))[0]),
    "where(a > b, a, 0)": lambda np, o: float(np.where(o.a > o.b, o.a, 0.0)[0]),
    "a[1:] - a[:-1]": lambda np, o: float((o.a[1:] - o.a[:-1])[0]),
    "a[1:-1] = ...": lambda np, o: _assign(o),
    "a.sum()": lambda np, o: float(o.a.sum()),
    "a.std()": lambda np, o: float(o.a.std()),
    "a.argmax()": lambda np, o: float(o.a.argmax()),
    "means of columns": lambda np, o: float(o.a.reshape(-1, 10).mean(axis=0)[0]),
    "a @ b": lambda np, o: float(o.a @ o.b),
    "cumsum": lambda np, o: float(np.cumsum(o.a)[-1]),
    "sort": lambda np, o: float(np.sort(o.a)[0]),
    "histogram": lambda np, o: float(np.histogram(o.a, 20)[0][0]),
    "concatenate": lambda np, o: float(np.concatenate([o.a, o.b])[0]),
    "a[index]": lambda np, o: float(o.a[o.index][0]),
    "a[mask]": lambda np, o: float(o.a[o.mask].sum()),
}


def times(name: str, n: int) -> tuple[float, float]:
    """Median seconds of a call with NumPy and with Ramba."""
    call = CALLS[name]
    theirs, ours = Operands(numpy, n), Operands(ramba, n)
    expected, actual = call(numpy, theirs), call(ramba, ours)
    if abs(actual - expected) > 1e-9 * max(abs(expected), 1.0):
        raise ArithmeticError(f"{name} of {n} elements is {actual} with Ramba, {expected} with NumPy.")
    ramba.sync()  # all operands lie in memory
    once = measure.seconds(lambda: call(numpy, theirs)) + measure.seconds(lambda: call(ramba, ours))
    rounds = 9 if once < 0.2 else 3
    inner = max(1, min(1000, int(0.01 / once)))
    numpy_time, ramba_time = measure.alternate(
        lambda: call(numpy, theirs), lambda: call(ramba, ours), rounds=rounds, inner=inner
    )
    return numpy_time, ramba_time
