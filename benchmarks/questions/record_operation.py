"""What does it cost to record one lazy operation?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

import ramba
from benchmarks.ask import Answer, at_most
from benchmarks.measure import alternate

_COUNT = 100  # operations on one unfinished expression; it is dropped before anything is computed


def _chain(array: Any, step: Callable[[Any], Any]) -> Callable[[], None]:
    def record() -> None:
        x = array
        for _ in range(_COUNT):
            x = step(x)

    return record


def answers() -> list[Answer]:
    """For an array, a scalar and a view as the other operand; NumPy's column is its call on one element."""
    large, one = ramba.ones(1_000_000), numpy.ones(1)
    ramba.sync()
    steps: dict[str, Callable[[Any], Any]] = {
        "x + a": lambda x: x + (large if x is not one and type(x) is not numpy.ndarray else one),
        "x * 2.0": lambda x: x * 2.0,
        "x[::-1]": lambda x: x[::-1],
    }
    table = []
    for name, step in steps.items():
        theirs, ours = alternate(_chain(one, step), _chain(large, step), inner=20)
        table.append(at_most(f"recording {name}", theirs / _COUNT, ours / _COUNT, ours / _COUNT, 3e-6))
    return table
