"""Sorting one block of memory with all threads of a team, against NumPy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.kernels.local import radix, sort
from ramba.runtime.team import Team

NUMBERS = "? i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16 M8[s] m8[ms]".split()
OTHERS = "g >f8 >i4 S3 U3".split()
teams = {size: Team(size) for size in (1, 2, 3)}


@pytest.fixture(autouse=True, scope="module")
def _threads() -> Iterator[None]:
    yield
    for team in teams.values():
        team.close()


@pytest.fixture(autouse=True)
def _cut_small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything happens that otherwise happens to large arrays only."""
    monkeypatch.setattr(radix, "TILE", 5)
    monkeypatch.setattr(sort, "LONG", 2)
    monkeypatch.setattr(sort, "PASS", 0)
    monkeypatch.setattr(sort, "CHUNK", 8)


@st.composite
def arrays(draw: st.DrawFn, ndim: int | None = None, dtypes: list[str] = NUMBERS + OTHERS) -> np.ndarray:
    """Arrays of any strides, with equal elements, zeros of both signs, infinities and what is not a number."""
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    dimensions = ndim or draw(st.integers(1, 3))
    shape = tuple(draw(st.integers(0, 200 if dimensions == 1 else 12)) for _ in range(dimensions))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    limit = draw(st.sampled_from([1, 3, 100] if dtype == np.float16 else [1, 3, 100, 1 << 31]))
    array = rng.integers(-limit, limit, shape)
    array = array.astype("i8" if dtype.kind in "mM" else dtype).astype(dtype)
    if dtype.kind in "fc" and draw(st.booleans()):
        array = (array * rng.random(shape)).astype(dtype)
        for part in (array.real, array.imag) if dtype.kind == "c" else (array,):
            for value in (np.nan, -np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324):
                part[rng.random(shape) < draw(st.sampled_from([0, 0.1]))] = value
    elif dtype.kind in "iu" and draw(st.booleans()):
        array[rng.random(shape) < 0.2] = np.iinfo(dtype).max
        array[rng.random(shape) < 0.2] = np.iinfo(dtype).min
    elif dtype.kind in "mM" and draw(st.booleans()):
        array[rng.random(shape) < 0.2] = "NaT"
    key = tuple(draw(st.sampled_from([slice(None), slice(None, None, -1), slice(1, None, 2)])) for _ in shape)
    return array[key].transpose(draw(st.permutations(range(dimensions))))


def same(p: np.ndarray, q: np.ndarray) -> None:
    """Equal elements, and what is not a number in the same places."""
    assert p.dtype == q.dtype
    np.testing.assert_array_equal(p, q)


def any_strides(draw: st.DrawFn, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Memory for a result."""
    wide = np.zeros(tuple(2 * extent for extent in shape), dtype)
    step = draw(st.sampled_from([slice(None, None, 2), slice(None, None, -2)]))
    return wide[(step,) * len(shape)]


sizes = st.sampled_from(list(teams))


@given(st.data(), arrays(), sizes)
def test_sort_is_numpys(data: st.DataObject, a: np.ndarray, size: int) -> None:
    axis = data.draw(st.integers(0, a.ndim - 1))
    expected = np.sort(a, axis)
    out = any_strides(data.draw, a.shape, a.dtype)
    before = a.copy()
    sort.sort(teams[size], a, out, axis)
    same(out, expected)
    same(a, before)
    sort.sort(teams[size], a, a, axis)  # in place
    same(a, expected)


@given(arrays(1, ["f2", "f4", "f8"]))
def test_the_bits_do_not_depend_on_the_number_of_threads(a: np.ndarray) -> None:
    results = []
    for team in teams.values():
        out = np.empty_like(a)
        sort.sort(team, a, out, 0)
        results.append(out.tobytes())
    assert len(set(results)) == 1
    bits = f"u{a.itemsize}"
    same(np.sort(out.view(bits)), np.sort(np.ascontiguousarray(a).view(bits)))


@given(st.data(), arrays(), sizes)
def test_argsort_is_numpys(data: st.DataObject, a: np.ndarray, size: int) -> None:
    axis = data.draw(st.integers(0, a.ndim - 1))
    out = any_strides(data.draw, a.shape, np.dtype(np.int64))
    sort.argsort(teams[size], a, out, axis)
    same(out, np.argsort(a, axis, kind="stable"))
    sort.argsort(teams[size], a, out, axis, stable=False)
    same(np.take_along_axis(a, out, axis), np.sort(a, axis))


@given(st.data(), st.integers(0, 60), st.integers(1, 3), sizes)
def test_lexsort_is_numpys(data: st.DataObject, count: int, wanted: int, size: int) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    keys = [rng.integers(0, 4, count).astype(data.draw(st.sampled_from(["i1", "f8", "U2"]))) for _ in range(wanted)]
    out = np.empty(count, np.int64)
    sort.lexsort(teams[size], keys, out)
    same(out, np.lexsort(keys))


@pytest.mark.parametrize("dtype", ["f8", "i8", "f4", "u2", "c16", "S5"])
@pytest.mark.parametrize("count", [30_000, 250_000])
def test_large_arrays(monkeypatch: pytest.MonkeyPatch, dtype: str, count: int) -> None:
    monkeypatch.undo()
    a = (np.random.default_rng(3).normal(size=count) * 1e5).astype(dtype)
    out, order = np.empty_like(a), np.empty(count, np.int64)
    sort.sort(teams[2], a, out, 0)
    sort.argsort(teams[2], a, order, 0)
    same(out, np.sort(a))
    same(order, np.argsort(a, kind="stable"))
