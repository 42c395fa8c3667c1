"""Programs of other libraries with our arrays beside NumPy's: ``python -m benchmarks.neighbours pandas arrow``.

The programs are those of tests/neighbours. What is slower than 1.5 times NumPy and 50 microseconds is listed.
"""

from __future__ import annotations

import importlib
import statistics
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy

import ramba
from benchmarks.measure import median
from tests.neighbours.cases import Neighbour

TESTS = Path(__file__).parent.parent / "tests" / "neighbours"
ROUNDS = 5
RATIO, BESIDE = 1.5, 50e-6  # what a case may take, and what a call may take beside the work


def seconds(neighbour: Neighbour, case: str, np: Any, size: int) -> float:
    """One run of a case, without making what it is given."""
    names = {**neighbour.names, "np": np, "numpy": numpy, **neighbour.variables(np, size)}
    *statements, value = case.split("; ")
    first, second = compile("; ".join(statements), "case", "exec"), compile(value, "case", "eval")
    ramba.sync()
    started = time.perf_counter()
    exec(first, names)
    eval(second, names)
    ramba.sync()
    return time.perf_counter() - started


def times(neighbour: Neighbour, case: str, size: int) -> tuple[float, float]:
    """Median seconds with NumPy's arrays and with ours, which take turns."""
    columns: tuple[list[float], list[float]] = [], []
    for turn in range(ROUNDS + 1):
        for np, column in zip((numpy, ramba), columns, strict=True):
            column.append(seconds(neighbour, case, np, size))
            if not turn:
                column.clear()  # caches are warm now
    return median(columns[0]), median(columns[1])


def main(names: list[str]) -> None:
    """Prints what is slow, and the geometric mean of each library."""
    warnings.simplefilter("ignore")
    for name in names or sorted(path.stem.removeprefix("test_") for path in TESTS.glob("test_*.py")):
        module = importlib.import_module(f"tests.neighbours.test_{name}")
        if not hasattr(module, "NEIGHBOUR"):
            continue
        neighbour = module.NEIGHBOUR
        for size in (neighbour.small, neighbour.large):
            found = {case: times(neighbour, case, size) for case in neighbour.all()}
            mean = statistics.geometric_mean(ours / theirs for theirs, ours in found.values())
            slow = {c: (t, o) for c, (t, o) in found.items() if o > RATIO * t + BESIDE}
            print(f"{name}, {size}: {len(found)} cases, {mean:.2f} times NumPy's time in the mean, {len(slow)} slow")
            for case, (theirs, ours) in sorted(slow.items(), key=lambda item: -item[1][1] / item[1][0]):
                print(f"    {ours / theirs:6.1f}  {theirs * 1e3:8.2f} ms  {ours * 1e3:8.2f} ms  {case}")


if __name__ == "__main__":
    main(sys.argv[1:])
