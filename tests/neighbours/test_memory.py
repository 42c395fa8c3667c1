"""numexpr, numba, cffi, ctypes, DLPack and the array API: who reads memory by itself, and namespaces."""

from __future__ import annotations

import ctypes
from typing import Any

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
    numba = pytest.importorskip("numba")
    x = ramba.arange(n) * 1.0

    @numba.vectorize
    def twice(a: Any) -> Any:
        return 2 * a

    @numba.njit
    def mark(a: Any) -> None:
        a[0] = len(a)

    assert_same(twice(x), numpy.arange(n) * 2.0)
    assert isinstance(twice(x), ramba.ndarray)
    mark(x.to_numpy())
    assert x[0] == n


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
