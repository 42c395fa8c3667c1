"""Folds of truth that few elements decide: NumPy's results, wherever the element that decides them lies."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ramba

SETTINGS = {
    "few at once": {"eager_size": 1},
    "more at once": {"eager_size": 20},
    "lazy": {"eager_size": 0},
    "3 workers": {"eager_size": 5, "backend": "local", "workers": 3},
}


@pytest.fixture(params=SETTINGS, autouse=True)
def some(request: pytest.FixtureRequest) -> Iterator[None]:
    with ramba.config.set(**SETTINGS[request.param], on_fallback="ignore"):
        yield


@st.composite
def truths(draw: st.DrawFn) -> np.ndarray:
    """Arrays of one value, but for one element."""
    shape = draw(st.sampled_from([(1,), (7,), (400,), (30, 20), (5, 9, 11), (3000,), (0,), (0, 3)]))
    value = draw(st.booleans())
    a = np.full(shape, value)
    if a.size and draw(st.booleans()):
        a.reshape(-1)[draw(st.integers(0, a.size - 1))] = not value
    a = a.astype(draw(st.sampled_from(["b1", "b1", "i4", "f8", "c16"])))
    a = a[..., :: draw(st.sampled_from([1, 1, -1, 2]))]
    return a.T if draw(st.booleans()) else a


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(truths(), st.data())
def test_folds_of_truth(wanted: np.ndarray, data: st.DataObject) -> None:
    a = ramba.asarray(wanted)
    ramba.sync()
    axis = data.draw(st.sampled_from([None, *range(wanted.ndim)]))
    keepdims = data.draw(st.booleans())
    for call in ("any", "all"):
        for xp_result, expected in (
            (getattr(ramba, call)(a, axis, keepdims=keepdims), getattr(np, call)(wanted, axis, keepdims=keepdims)),
            (getattr(a, call)(), getattr(wanted, call)()),
        ):
            assert np.shape(xp_result) == np.shape(expected)
            assert np.asarray(xp_result).dtype == bool
            np.testing.assert_array_equal(np.asarray(xp_result), expected)
    out, place = ramba.zeros(np.any(wanted, axis).shape, int), np.zeros(np.any(wanted, axis).shape, int)
    ramba.any(a, axis, out=out)
    np.any(wanted, axis, out=place)
    np.testing.assert_array_equal(np.asarray(out), place)
    assert int(ramba.count_nonzero(a)) == np.count_nonzero(wanted)
    if wanted.size:
        for call in ("argmax", "argmin"):
            found, expected = getattr(ramba, call)(a, axis), getattr(np, call)(wanted, axis)
            np.testing.assert_array_equal(np.asarray(found), expected)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(truths(), truths(), st.booleans())
def test_equality_of_arrays(x: np.ndarray, y: np.ndarray, equal_nan: bool) -> None:
    for b in (y, x.copy(), np.where(x == 1, np.nan, x)):
        a, other = ramba.asarray(x), ramba.asarray(b)
        ramba.sync()
        assert ramba.array_equal(a, other, equal_nan) == np.array_equal(x, b, equal_nan)
        assert ramba.array_equal(other, other.copy(), equal_nan) == np.array_equal(b, b.copy(), equal_nan)
        assert ramba.array_equiv(a, other) == np.array_equiv(x, b)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.sampled_from(["f4", "f8", "i2", "i8", "u1", "c16", "?"]), st.booleans())
def test_places_of_extremes(data: st.DataObject, dtype: str, pending: bool) -> None:
    shape = data.draw(st.sampled_from([(1,), (50,), (3000,), (30, 20), (5, 9, 11)]))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    wanted = rng.integers(0, 9, shape).astype(dtype)  # most extremes are met more than once
    if wanted.dtype.kind in "fc" and data.draw(st.booleans()):
        wanted[rng.random(shape) < 0.02] = np.nan
    wanted = wanted[..., :: data.draw(st.sampled_from([1, -1, 2]))]
    a = ramba.asarray(wanted)
    if pending:
        a = a + a.dtype.type(0)
    else:
        ramba.sync()
    axis = data.draw(st.sampled_from([None, *range(-wanted.ndim, wanted.ndim)]))
    for call in ("argmax", "argmin"):
        expected = getattr(np, call)(wanted, axis)
        found = np.asarray(getattr(ramba, call)(a, axis))
        assert found.dtype == np.intp
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(np.asarray(getattr(a, call)(axis)), expected)
