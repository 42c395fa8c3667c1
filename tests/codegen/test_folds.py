"""Folds over the inner loop, over outer loops, and over both, in any tiling."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.ops import COMPILED, UFUNCS, can_fold
from ramba.plan.spec import Tiles
from tests.codegen.kernels import fold
from tests.codegen.samples import identical, random

FOLDS = [(name, dtype) for name in sorted(UFUNCS) for dtype in sorted(COMPILED)
         if can_fold(name, dtype) and UFUNCS[name].name == name]  # fmt: skip


def combined(name: str, partial: np.ndarray) -> np.ndarray:
    """Partial results made one."""
    return UFUNCS[name].numpy.reduce(partial, axis=0, dtype=partial.dtype)


@pytest.mark.parametrize(("name", "dtype"), FOLDS)
@pytest.mark.parametrize("inner", [True, False])
def test_fold_agrees_with_numpy(name: str, dtype: str, inner: bool) -> None:
    shape = (3, 5, 149)
    array = random(dtype, 3 * 5 * 149).reshape(shape)
    if dtype[0] in "fc":
        array = np.random.default_rng(0).normal(size=shape).astype(dtype)
    axes = (1, 2) if inner else (1,)
    want = array
    for axis in reversed(axes):
        want = UFUNCS[name].numpy.reduce(want, axis=axis, dtype=array.dtype)
    for native in (True, False):
        got = combined(name, fold(name, array, 1, 1, inner=inner, tiles=Tiles(2, 2, 61), native_code=native))
        if dtype[0] in "fc" and name in ("add", "multiply"):
            rough = 1e-3 if dtype in ("f4", "c8") else 1e-12
            np.testing.assert_allclose(got.reshape(want.shape), want, rtol=rough, atol=rough)
        else:
            assert identical(got.reshape(want.shape), want).all()


@pytest.mark.parametrize("name", ["minimum", "maximum", "fmin", "fmax"])
@pytest.mark.parametrize("where", [0, 17, 99, None])
def test_nan_in_extremes(name: str, where: int | None) -> None:
    array = np.arange(100.0).reshape(1, 100)
    array[0, where] = np.nan
    got = combined(name, fold(name, array, 0, 1, inner=True, tiles=Tiles(1, 1, 33)))
    np.testing.assert_array_equal(got, [UFUNCS[name].numpy.reduce(array, axis=None)])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("shape", [(1, 1_000_003), (300_001, 3)])
def test_sums_lose_little(dtype: str, shape: tuple[int, int]) -> None:
    array = np.random.default_rng(0).random(shape).astype(dtype)
    got = fold("add", array, 0, 1, inner=True, tiles=Tiles(1, shape[0], shape[1]))[0, 0]
    exact = np.sum(array, dtype="longdouble")
    assert abs(got - exact) <= 8 * np.finfo(dtype).eps * exact


def test_sum_of_negative_zeros_is_that_of_numpy() -> None:
    zeros = np.full((2, 50), -0.0)
    got = fold("add", zeros, 1, 0, inner=True, tiles=Tiles(1, 1, 50))
    assert (np.signbit(got) == np.signbit(zeros.sum(1))).all()


@given(st.integers(1, 4), st.integers(1, 5), st.integers(1, 200), st.tuples(*[st.integers(1, 70)] * 3), st.booleans())
def test_any_tiling(kept: int, folded: int, inner: int, sizes: tuple[int, int, int], over_inner: bool) -> None:
    array = random("i8", kept * folded * inner).reshape(kept, folded, inner)
    want = array.sum((1, 2)) if over_inner else array.sum(1)
    got = combined("add", fold("add", array, 1, 1, inner=over_inner, tiles=Tiles(*sizes)))
    assert (got.reshape(want.shape) == want).all()
