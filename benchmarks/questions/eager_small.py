"""What does a call cost that computes next to nothing: on small arrays, for a view, for one element?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy

import ramba
from benchmarks.ask import Answer, at_least, at_most
from benchmarks.measure import alternate


class _Operands(NamedTuple):
    """Arrays of one module."""

    a: Any  # 100 elements
    b: Any
    m: Any  # 10 rows and columns
    large: Any  # a million elements, which were pending until a moment ago
    wide: Any  # a thousand rows and columns of such
    inner: Any  # 4 rows and columns
    rng: Any


_Call = Callable[[Any, _Operands], object]

_OVER: dict[float, dict[str, _Call]] = {  # seconds that may come on top of NumPy's
    0.3e-6: {
        "a + b": lambda np, o: o.a + o.b,
        "a * 2.0": lambda np, o: o.a * 2.0,
        "np.sin(a)": lambda np, o: np.sin(o.a),
        "np.add(a, b, out=b)": lambda np, o: np.add(o.a, o.b, out=o.b),
    },
    0.5e-6: {
        "a[5]": lambda np, o: o.a[5],
        "a[5] = 1": lambda np, o: o.a.__setitem__(5, 1.0),
        "m[2, 3]": lambda np, o: o.m[2, 3],
        "m[2, 3] = 1": lambda np, o: o.m.__setitem__((2, 3), 1.0),
        "large[5]": lambda np, o: o.large[5],
        "large[5] = 1": lambda np, o: o.large.__setitem__(5, 1.0),
        "wide[2, 3]": lambda np, o: o.wide[2, 3],
        "wide[2, 3] = 1": lambda np, o: o.wide.__setitem__((2, 3), 1.0),
    },
    1e-6: {
        "a[1:-1]": lambda np, o: o.a[1:-1],
        "m[:, 1]": lambda np, o: o.m[:, 1],
        "large[1:-1]": lambda np, o: o.large[1:-1],
        "wide[1:-1, 2:]": lambda np, o: o.wide[1:-1, 2:],
        "wide[:, 1]": lambda np, o: o.wide[:, 1],
        "wide.T": lambda np, o: o.wide.T,
        "a.sum()": lambda np, o: o.a.sum(),
    },
}
_TIMES = 1.3  # of NumPy's time
_WITHIN: dict[str, _Call] = {
    "rng.random(100)": lambda np, o: o.rng.random(100),
    "np.linalg.inv, 4 x 4": lambda np, o: np.linalg.inv(o.inner),
}


def answers() -> list[Answer]:
    """One line for each call."""
    theirs, ours = _operands(numpy), _operands(ramba)
    table = []
    for limit, calls in _OVER.items():
        for name, call in calls.items():
            numpy_time, ramba_time = _turns(call, theirs, ours)
            table.append(at_most(f"{name}, over NumPy's", numpy_time, ramba_time, ramba_time - numpy_time, limit))
    for name, call in _WITHIN.items():
        table.append(at_least(name, *_turns(call, theirs, ours), round(1 / _TIMES, 2)))
    return table


def _turns(call: _Call, theirs: _Operands, ours: _Operands) -> tuple[float, float]:
    numpy_time, ramba_time = alternate(lambda: call(numpy, theirs), lambda: call(ramba, ours), rounds=15, inner=2000)
    return numpy_time, ramba_time


def _operands(np: Any) -> _Operands:
    large, wide = np.zeros(1_000_000) + 1.0, np.zeros((1000, 1000)) + 1.0
    float(large[0] + wide[0, 0])  # computes what is pending
    inner = np.asarray(numpy.eye(4) + 0.1 * numpy.arange(16.0).reshape(4, 4))
    rng = np.random.default_rng(1)
    return _Operands(np.arange(100.0), np.ones(100), np.ones((10, 10)), large, wide, inner, rng)
