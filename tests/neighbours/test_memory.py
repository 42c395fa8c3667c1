"""numexpr, numba, cffi, ctypes, DLPack and the array API: who reads memory by itself, and namespaces."""

from __future__ import annotations

import ctypes
from typing import Any

import numba
import numpy
import pytest

from tests.agreement import assert_same
from tests.subject import ramba

pytestmark = pytest.mark.own_modes
SIZES = pytest.mark.parametrize("n", [60, 200_000])


@SIZES
def test_numexpr(n: int) -> None:
    numexpr = pytest.importorskip("numexpr")
    x, out = ramba.arange(n) * 1.0, ramba.zeros(n)
    assert_same(numexpr.evaluate("2 * x + 1", {"x": x}), numpy.arange(n) * 2.0 + 1)
    numexpr.evaluate("2 * x + 1", {"x": x}, out=out.to_numpy())
    assert_same(out, numpy.arange(n) * 2.0 + 1)


@SIZES
@pytest.mark.neighbours
def test_numba(n: int) -> None:
    x, y = ramba.arange(n) * 1.0, numpy.arange(n) * 1.0

    def mean(a: Any) -> Any:
        total = 0.0
        for i in range(a.shape[0]):
            total += a[i]
        return total / len(a)

    def mark(a: Any) -> None:
        a[0] = len(a)

    def several(a: Any, b: Any) -> Any:
        return a * 2 + b, numpy.sort(a)[:3], a[1:3].copy(), a.max(), a.reshape(-1, 2)[:, 1].copy()

    def shifted(a: Any) -> Any:
        return a[-1] + a[1]

    assert_same(numba.njit(mean)(x), y.mean())
    assert_same(numba.njit(mean)(x[::2]), y[::2].mean())
    for found, expected in zip(numba.njit(several)(x, y), several(y, y), strict=True):
        assert_same(found, expected)
    assert_same(numba.stencil(shifted)(x), numba.stencil(shifted)(y))
    assert_same(numba.vectorize(lambda a: 2 * a)(x), y * 2)
    later = x + 1
    numba.njit(mark)(x)
    assert x[0] == n
    assert later[0] == 1


@SIZES
def test_cffi(n: int) -> None:
    cffi = pytest.importorskip("cffi")
    x = ramba.arange(n) * 1.0
    shown = cffi.FFI().from_buffer("double[]", x)
    x += 1
    assert shown[3] == 4
    shown[3] = 9
    assert x[3] == 9


@SIZES
@pytest.mark.parametrize("module", [numpy, ramba])
def test_ctypes(module: Any, n: int) -> None:
    x = ramba.arange(n) * 1.0
    shown = module.ctypeslib.as_ctypes(x)
    shown[3] = 9
    assert x[3] == 9
    x += 1
    assert shown[3] == 10
    assert x.ctypes.data_as(ctypes.POINTER(ctypes.c_double))[3] == 10


@SIZES
def test_dlpack(n: int) -> None:
    x = ramba.arange(n) * 1.0
    shown = numpy.from_dlpack(x)
    x += 1
    assert shown[3] == 4
    back = ramba.from_dlpack(numpy.arange(n))
    assert isinstance(back, ramba.ndarray)
    assert_same(back, numpy.arange(n))


def test_array_api() -> None:
    compat = pytest.importorskip("array_api_compat")
    extra = pytest.importorskip("array_api_extra")
    x = ramba.asarray([3.0, 1.0, 2.0])
    assert compat.array_namespace(x, x) is ramba
    assert compat.device(x) == x.device == "cpu"
    assert compat.to_device(x, "cpu") is x
    assert ramba.__array_api_version__ == numpy.__array_api_version__
    same = numpy.asarray([3.0, 1.0, 2.0])
    for function in (
        lambda a, xp: extra.atleast_nd(a, ndim=2, xp=xp),
        lambda a, xp: extra.at(a, 0).add(5, xp=xp, copy=True),
        lambda a, xp: extra.setdiff1d(a, a[:1], xp=xp),
        lambda a, xp: extra.nunique(a, xp=xp),
        lambda a, xp: extra.pad(a, 1, xp=xp),
    ):
        assert_same(function(x, ramba), function(same, numpy))
