"""Are functions of the user's as fast as the same expressions on whole arrays, and stencils as hand-written slices?

The first column of times is the other way to write it, not NumPy's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
import numpy

import ramba
from benchmarks.ask import Answer, at_least
from benchmarks.measure import alternate

SIDE, COUNT = 2000, 4_000_000
Call = Callable[[], Any]


def _polynomial(x: Any) -> Any:
    return 0.5 * x * x + 3 * x - 1


def _clipped(x: Any) -> Any:
    return 0.0 if x < 0.25 else (1.0 if x > 0.75 else x)


def _star(a: Any) -> Any:
    return a[0, 0] + 0.125 * (a[-1, 0] + a[1, 0] + a[0, -1] + a[0, 1])


def _escape(x: Any) -> Any:
    a = b = 0.0
    for k in range(50):
        a, b = a * a - b * b + x - 1.5, 2 * a * b + 0.1
        if a * a + b * b > 4:
            return k
    return 50


def _sliced(a: Any) -> Any:
    result = ramba.zeros(a.shape)
    around = a[:-2, 1:-1] + a[2:, 1:-1] + a[1:-1, :-2] + a[1:-1, 2:]
    result[1:-1, 1:-1] = a[1:-1, 1:-1] + 0.125 * around
    return result


def answers() -> list[Answer]:
    """Each pair takes turns, on the same arrays."""
    x = ramba.asarray(numpy.random.default_rng(0).random(COUNT))
    a = ramba.asarray(numpy.random.default_rng(1).random((SIDE, SIDE)))
    plain, table = numpy.asarray(x).copy(), numpy.asarray(a).copy()
    vectorized, escape = numba.vectorize(["f8(f8)"])(_clipped), numba.vectorize(["i8(f8)"])(_escape)
    stencil = numba.stencil(_star)
    parallel = numba.njit(parallel=True)(lambda a: stencil(a))
    pairs: list[tuple[str, Call, Call, float]] = [
        (
            "smap, traced; the expression",
            lambda: 0.5 * x * x + 3 * x - 1,
            lambda: ramba.smap(_polynomial, x),
            1.0,
        ),
        (
            "sreduce, traced; the expression",
            lambda: float((0.5 * x * x + 3 * x - 1).sum()),
            lambda: float(ramba.sreduce(_polynomial, lambda p, q: p + q, 0, x)),
            1.0,
        ),
        (
            "smap, compiled; the expression",
            lambda: 0.5 * x * x + 3 * x - 1,
            lambda: _compiled(_polynomial, x),
            1.0,
        ),
        (
            "numba.vectorize; where of where",
            lambda: ramba.where(x < 0.25, 0.0, ramba.where(x > 0.75, 1.0, x)),
            lambda: vectorized(x),
            1.0,
        ),
        ("numba.vectorize with a loop; Numba on one core", lambda: escape(plain), lambda: escape(x), 1.0),
        ("sstencil; slices by hand", lambda: _sliced(a), lambda: ramba.sstencil(_star, a), 1.0),
        ("sstencil; Numba's parallel stencil", lambda: parallel(table), lambda: ramba.sstencil(_star, a), 1.0),
    ]
    found = []
    with ramba.config.set(kernels="compiled"):
        for name, other, ours, ratio in pairs:
            found.append(at_least(name, *alternate(_finished(other), _finished(ours), rounds=15, inner=5), ratio))
    return found


def _compiled(function: Callable[..., Any], x: Any) -> Any:
    with ramba.config.set(functions="compile"):
        return ramba.smap(function, x)


def _finished(call: Call) -> Call:
    """The call, with its result computed while somebody holds it."""

    def run() -> None:
        result = call()  # noqa: F841 - what nobody holds is not computed
        ramba.sync()

    return run
