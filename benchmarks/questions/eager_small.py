"""What does an operation on small arrays cost over NumPy's own time?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

import ramba
from benchmarks.ask import Answer, at_most
from benchmarks.measure import alternate

_CALLS: dict[str, Callable[[Any, Any, Any], object]] = {
    "a + b": lambda np, a, b: a + b,
    "a * 2.0": lambda np, a, b: a * 2.0,
    "np.sin(a)": lambda np, a, b: np.sin(a),
    "a.sum()": lambda np, a, b: a.sum(),
    "a[1:-1]": lambda np, a, b: a[1:-1],
    "a[5]": lambda np, a, b: a[5],
}


def answers() -> list[Answer]:
    """One line for each call, on 100 elements."""
    table = []
    a, b = numpy.arange(100.0), numpy.ones(100)
    x, y = ramba.arange(100.0), ramba.ones(100)
    for name, call in _CALLS.items():
        theirs, ours = alternate(
            lambda call=call: call(numpy, a, b), lambda call=call: call(ramba, x, y), rounds=15, inner=5000
        )
        table.append(at_most(f"{name}, 100 elements, over NumPy's", theirs, ours, ours - theirs, 1e-6))
    return table
