"""What does a flush cost besides its kernels: with its plan known, and never seen before?"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy

import ramba
from benchmarks.ask import Answer, at_most
from benchmarks.measure import median
from ramba import events

_SIZE = 200_000  # so many are not NumPy's, even if they are there
_TURNS = 300
_KNOWN = {1: 30e-6, 5: 30e-6, 50: 30e-6}  # operations: seconds
_UNSEEN = {1: 150e-6, 50: 1e-3}


def answers() -> list[Answer]:
    """The same expression on the same arrays again and again; then on parts of ever other sizes, kernels there."""
    values = numpy.random.default_rng(7).random(2 * _SIZE)
    a, b = ramba.asarray(values), ramba.asarray(values[::-1].copy())
    known = [_line("plan known", count, limit, _same(a, b, count)) for count, limit in _KNOWN.items()]
    return known + [_line("never seen", count, limit, _other(a, b, count)) for count, limit in _UNSEEN.items()]


def expression(a: Any, b: Any, count: int) -> Any:
    """A value of so many operations, all in one kernel."""
    value = a + b
    for n in range(count - 1):
        value = value + a if n % 2 else value * 1.5
    return value


def _same(a: Any, b: Any, count: int) -> Iterator[Callable[[], Any]]:
    first, second = a[:_SIZE].copy(), b[:_SIZE].copy()
    ramba.sync()
    while True:
        yield lambda: expression(first, second, count)


def _other(a: Any, b: Any, count: int) -> Iterator[Callable[[], Any]]:
    for n in range(_SIZE):
        yield lambda n=n: expression(a[n : _SIZE + 2 * n], b[: _SIZE + n], count)  # type: ignore[misc]


def _line(name: str, count: int, limit: float, work: Iterator[Callable[[], Any]]) -> Answer:
    """Median seconds of a flush, and without its kernels, which are timed apart: who listens makes a flush longer."""
    kernels: list[float] = []
    _times(work)  # now the kernel is compiled, and its memory there
    whole = median(_times(work))
    with events.subscribe(lambda event: kernels.append(event.seconds) if isinstance(event, events.Ran) else None):
        _times(work)
    title = f"flush, {name}, {count} operation{'s' if count > 1 else ''}, without its kernel"
    return at_most(title, None, whole, whole - sum(kernels) / _TURNS, limit)


def _times(work: Iterator[Callable[[], Any]]) -> list[float]:
    """Seconds of flushes one after the other, as in a loop: what they use is in the caches, or not, as it is there."""
    times = []
    gc.disable()
    for _ in range(_TURNS):
        value = next(work)()
        begin = time.perf_counter()
        ramba.sync()
        times.append(time.perf_counter() - begin)
        del value
    gc.enable()
    return times
