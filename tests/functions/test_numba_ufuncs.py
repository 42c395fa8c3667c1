"""``@numba.vectorize`` functions on our arrays: Numba's own values and dtypes, fused with their neighbours."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
import pytest

from tests.functions.samples import quiet
from tests.subject import ramba

DATA = np.random.default_rng(3).normal(size=40_000) * 3


@numba.vectorize
def clip01(x: Any) -> Any:
    return 0.0 if x < 0 else (1.0 if x > 1 else x)


@numba.vectorize(["f4(f4, f4)", "f8(f8, f8)"])
def blend(x: Any, y: Any) -> Any:
    return math.sin(x) * 0.25 + y if x > y else math.sqrt(abs(x))


@numba.vectorize(["i8(i8)", "i4(f8)"])
def steps(n: Any) -> Any:
    count = 0
    while n > 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        count += 1
    return count


@numba.vectorize(["b1(f8)"])
def large(x: Any) -> Any:
    return x > 1.5


@numba.vectorize(["f8(f8)"])
def refusing(x: Any) -> Any:
    if x == 77.0:
        raise ValueError("seventy-seven")
    return x


def both(function: Any, *arrays: Any) -> None:
    with quiet():
        theirs = function(*arrays)
        ours = function(*[ramba.asarray(x) if isinstance(x, np.ndarray) else x for x in arrays])
    assert isinstance(ours, ramba.ndarray)
    made = np.asarray(ours)
    assert made.dtype == theirs.dtype
    tolerance = 1e-6 if made.dtype == np.float32 else 1e-14
    np.testing.assert_allclose(made, theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("kind", ["f8", "f4", "i8", "i4", "u1", "b1"])
def test_values_and_dtypes(kind: str) -> None:
    data = abs(DATA).astype(kind)
    both(clip01, data)
    both(blend, data, DATA.astype("f4")) if kind != "i8" else both(blend, data, DATA)
    both(blend, data, 2)
    both(blend, data.reshape(200, 200), data[:200])
    if kind in ("i8", "i4", "u1"):
        both(steps, data)
    both(large, data)


@pytest.mark.one_process
def test_they_fuse() -> None:
    data = np.tile(DATA, 10)
    x = ramba.asarray(data)
    ramba.sync()
    with ramba.config.set(kernels="compiled"), ramba.kernels_run() as count:
        made = float((clip01(x * 0.5) + large(x)).sum())
    assert count == 1
    assert made == pytest.approx((clip01(data * 0.5) + large(data)).sum())


def test_out_and_where() -> None:
    x, out = ramba.asarray(DATA), ramba.zeros(DATA.shape)
    assert clip01(x, out=out) is out
    np.testing.assert_array_equal(np.asarray(out), clip01(DATA))
    out[...] = 5
    clip01(x, out=out, where=x > 0)
    np.testing.assert_array_equal(np.asarray(out), np.where(DATA > 0, clip01(DATA), 5))


def test_exceptions() -> None:
    with pytest.raises(ValueError, match="seventy-seven") as caught:
        refusing(ramba.arange(40_000.0))
    assert "index 77" in "".join(caught.value.__notes__)
    assert float(refusing(ramba.arange(100_000.0)[78:]).sum()) == np.arange(78, 100_000).sum()


def test_what_numba_has_to_call() -> None:
    with quiet(), ramba.config.set(functions="python"):
        both(clip01, DATA)
    with quiet():
        both(clip01, (DATA * (1 + 1j)).real.astype("f8"))
