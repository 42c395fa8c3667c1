"""Is Ramba slower than NumPy anywhere, from ten elements to ten million?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

import ramba
from benchmarks import measure
from benchmarks.ask import Answer
from benchmarks.run import system
from ramba import config

_STATEMENTS: dict[str, Callable[[Any, Any, Any], object]] = {
    "a + b": lambda np, a, b: a + b,
    "a * b + 1": lambda np, a, b: a * b + 1.0,
    "exp(-a) * sin(b)": lambda np, a, b: np.exp(-a) * np.sin(b),
    "a.sum()": lambda np, a, b: float(a.sum()),
    "where(a > b, a, 0)": lambda np, a, b: np.where(a > b, a, 0.0),
    "a[1:] - a[:-1]": lambda np, a, b: a[1:] - a[:-1],
}
_SIZES = (10, 100, 1000, 10_000, 20_000, 50_000, 100_000, 1_000_000, 10_000_000)
_BELOW, _ABOVE = 1 / 1.5, 0.97  # 3 % is noise


def answers() -> list[Answer]:
    """For each statement its worst size, below and above the size at which arrays become lazy."""
    threshold = config.current().eager_size
    table = []
    for name, statement in _STATEMENTS.items():
        times = {n: _time(statement, n) for n in _SIZES}
        for where, sizes, limit in (
            ("small", [n for n in _SIZES if n <= threshold], _BELOW),
            ("large", [n for n in _SIZES if n > threshold], _ABOVE),
        ):
            worst = min(sizes, key=lambda n: times[n][0] / times[n][1])
            theirs, ours = times[worst]
            shown = measure.duration(theirs), measure.duration(ours)
            budget = "at least 0.67x" if where == "small" else "at least 1x"
            measured = f"{theirs / ours:.2f}x"
            table.append(
                Answer(f"{name}, worst {where} size: {worst:,}", *shown, measured, budget, theirs / ours >= limit)
            )
    return table


def _time(statement: Callable[[Any, Any, Any], object], n: int) -> tuple[float, float]:
    """Median seconds of both, results kept until they are complete."""
    numpy_module = system("numpy")
    a, b = numpy.linspace(0.0, 3.0, n), numpy.linspace(2.0, 1.0, n)
    x, y = ramba.asarray(a), ramba.asarray(b)
    ramba.sync()
    lazy = n > config.current().eager_size

    def ours() -> None:
        result = statement(ramba, x, y)
        if lazy:
            ramba.sync()
        del result

    inner = max(1, 1_000_000 // n)
    return measure.alternate(lambda: statement(numpy_module, a, b), ours, rounds=9, inner=min(inner, 2000))  # type: ignore[return-value]
