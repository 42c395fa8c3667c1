"""Functions of elements as users write them, what a plain Python loop makes of them, and the roads to try."""

from __future__ import annotations

import contextlib
import math
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tests.subject import ramba

ROADS = ("auto", "trace", "compile", "python")

LIMIT = 2.5


def scaled(x: Any) -> Any:
    return 0.5 * x


def clipped(x: Any) -> Any:
    return 0.0 if x < 0 else (1.0 if x > 1 else x)


def reciprocal(x: Any) -> Any:
    return 1 / x if x != 0 else 0.0


def unguarded(x: Any) -> Any:
    return (x + 3) / x


def whole(x: Any) -> Any:
    return x // 3 + x % 3


def by_zero(x: Any) -> Any:
    return x // (x - x)


def wrapping(x: Any) -> Any:
    return x * x * x + 7


def kept(x: Any) -> Any:
    return x


def constant(x: Any) -> Any:
    return 3


def truth(x: Any) -> Any:
    return x > 1 and x != 2


def with_global(x: Any) -> Any:
    return x if x < LIMIT else LIMIT


def rooted(x: Any) -> Any:
    return math.sqrt(x) if x >= 0 else -math.sqrt(-x)


def waved(x: Any) -> Any:
    return math.sin(x) * np.cos(x) + abs(x)


def largest(x: Any) -> Any:
    return max(x, 0, 0.5)


def summed(x: Any) -> Any:
    total = 0
    for k in range(4):
        total += x * k
    return total


def inner(x: Any) -> Any:
    def half(y: Any) -> Any:
        return y / 2

    return half(x) + scaled(x)


def steps(x: Any) -> Any:
    """Collatz: it asks about elements over and over."""
    count = 0
    while x > 1:
        x = 3 * x + 1 if x % 2 else x // 2
        count += 1
    return count


def escape(x: Any) -> Any:
    """Mandelbrot: a loop that ends when an element says so."""
    a = b = 0.0
    for k in range(40):
        a, b = a * a - b * b + x / 50, 2 * a * b + 0.1
        if a * a + b * b > 4:
            return k
    return 40


def cases(x: Any) -> Any:
    if x == 0:
        return 10
    if x == 1:
        return 11
    if x == 4:
        return 17
    return x


def powers(x: Any) -> Any:
    return x**2 + (x + 0.0) ** -1


def huge(x: Any) -> Any:
    return x + 2.0 * 2**70


def text(x: Any) -> Any:
    return len(f"{x:.1f}")


FUNCTIONS: tuple[Callable[[Any], Any], ...] = (
    scaled, clipped, reciprocal, unguarded, whole, by_zero, wrapping, kept, constant, truth, with_global, rooted, waved,
    largest, summed, inner, steps, escape, cases, powers, huge, text,
)  # fmt: skip


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without warnings of NumPy's about values, nor of ours about roads."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        warnings.simplefilter("ignore", ramba.FallbackWarning)
        yield


def looped(function: Callable[..., Any], *arrays: Any) -> np.ndarray:
    """What a plain loop over NumPy's scalars gives."""
    together = np.broadcast_arrays(*arrays)
    with quiet():
        results = [function(*elements) for elements in zip(*(a.reshape(-1) for a in together), strict=True)]
    kinds = {type(each): each for each in results}
    dtype = np.result_type(*[k(0) if k in (bool, int, float) else v.dtype for k, v in kinds.items()])
    return np.array(results, dtype).reshape(together[0].shape)


def same(ours: Any, theirs: np.ndarray) -> None:
    """Equal shapes and values, to the last bits of what libraries of functions give; equal dtypes.

    The dtype of a loop does not know of results that no element had: then ours may be a wider one.
    """
    made = np.asarray(ours)
    assert np.result_type(made, theirs) == made.dtype
    assert made.shape == theirs.shape
    tolerance = 4e-6 if theirs.dtype == np.float32 else 2e-3 if theirs.dtype == np.float16 else 4e-15
    np.testing.assert_allclose(made, theirs, rtol=tolerance, atol=tolerance if theirs.dtype.kind == "f" else 0)
