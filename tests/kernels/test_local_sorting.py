"""Sorting one block of memory with all threads of a team, against NumPy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.codegen.compile import emit_target
from ramba.kernels.local import positions, radix, select, sort, split, unique, vectorized
from ramba.runtime.team import Team

NUMBERS = "? i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16 M8[s] m8[ms]".split()
VECTORS = "i2 i4 i8 u2 u4 u8 f4 f8".split()
OTHERS = "g >f8 >i4 S3 U3".split()
teams = {size: Team(size) for size in (1, 2, 3)}


@pytest.fixture(autouse=True, scope="module")
def _threads() -> Iterator[None]:
    yield
    for team in teams.values():
        team.close()


@pytest.fixture(autouse=True, params=[False, True], ids=["digits", "vectors"])
def _cut_small(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything happens that otherwise happens to large arrays, or on other processors, only."""
    for module in (sort, select):
        monkeypatch.setattr(
            module, "is_vectorized", lambda dtype: request.param and dtype.str[1:] in VECTORS and dtype.isnative
        )
    monkeypatch.setattr(split, "SPLIT", 8)
    monkeypatch.setattr(split, "PART", 3)
    monkeypatch.setattr(split, "TILE", 7)
    monkeypatch.setattr(radix, "TILE", 5)
    monkeypatch.setattr(sort, "LONG", 2)
    monkeypatch.setattr("ramba.kernels.team.WORTH", 2)
    monkeypatch.setattr(sort, "PASS", 0)
    monkeypatch.setattr(sort, "UNSTABLE", 0)
    monkeypatch.setattr(sort, "COMPLEX", 2)
    monkeypatch.setattr(sort, "CHUNK", 8)
    monkeypatch.setattr(positions, "PIECE", 7)
    monkeypatch.setattr(positions, "SAMPLE", 4)
    monkeypatch.setattr(positions, "TIED", 2)
    monkeypatch.setattr(select, "LONG", 2)
    monkeypatch.setattr(select, "ONE", 2)
    monkeypatch.setattr(select, "SEVERAL", 2)
    monkeypatch.setattr(select, "DEVIATIONS", 0)
    monkeypatch.setattr(select, "FEW", 3)
    monkeypatch.setattr(select, "DIGIT", 5)
    monkeypatch.setattr(unique, "LONG", 2)
    monkeypatch.setattr(unique, "HASHED", 2)
    monkeypatch.setattr(unique, "PIECE", 7)


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
    if sort.is_vectorized(a.dtype):  # as of NumPy, any nan is a nan
        a, out = a[~np.isnan(a)], out[~np.isnan(out)]
    same(np.sort(out.view(bits)), np.sort(np.ascontiguousarray(a).view(bits)))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("count", [30_000, 200_000])
def test_zeros_keep_their_signs(monkeypatch: pytest.MonkeyPatch, dtype: str, count: int) -> None:
    """NumPy's vectors lose some."""
    monkeypatch.undo()
    a = np.random.default_rng(1).integers(-1, 2, count) * np.array(-1, dtype)
    results = []
    for team in teams.values():
        out = np.empty_like(a)
        sort.sort(team, a, out, 0)
        assert np.count_nonzero(np.signbit(out)) == np.count_nonzero(np.signbit(a))
        results.append(out.tobytes())
    assert len(set(results)) == 1


@given(arrays(1, VECTORS), st.integers(1, 9), sizes)
def test_splitting_keeps_the_order_within_parts(a: np.ndarray, parts: int, size: int) -> None:
    out, splitters = np.empty(len(a), a.dtype), split.splitters_of(split.sample_of(a), parts)
    if not len(a):
        return
    ends = split.split(teams[size], a, out, splitters)
    beyond = ~(a[:, None] <= splitters)  # what is not a number is beyond all of them
    which = np.count_nonzero(beyond, axis=1)
    same(out, a[np.argsort(which, kind="stable")])
    assert ends == np.cumsum(np.bincount(which, minlength=parts)).tolist()


@pytest.mark.parametrize("bits", [128, 256])
@given(arrays(1, VECTORS), st.integers(1, 9))
def test_vectors_of_any_width_split_alike(bits: int, a: np.ndarray, parts: int) -> None:
    splitters = split.splitters_of(split.sample_of(a), parts)
    results = []
    for wide in (emit_target(), replace(emit_target(), vector_bits=bits)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(split, "emit_target", lambda wide=wide: wide)
            results.append(np.empty(len(a), a.dtype))
            if len(a):
                split.split(teams[2], a, results[-1], splitters)
    same(*results)


def test_numpys_speed_is_tried_once() -> None:
    assert {vectorized.is_vectorized(np.dtype(dtype)) for dtype in ["?", "f2", "c8", "M8[s]", ">f8", "g", "S3"]} == {
        False
    }
    assert vectorized.is_vectorized(np.dtype("f8")) is vectorized.is_vectorized(np.dtype("f8"))


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


@given(st.data(), arrays(), sizes)
def test_order_statistics_are_numpys(data: st.DataObject, a: np.ndarray, size: int) -> None:
    places = np.array(data.draw(st.lists(st.integers(0, max(a.size - 1, 0)), max_size=7 if a.size else 0)), np.int64)
    before = a.copy()
    found = select.order_statistics(teams[size], a, places)
    same(found, np.sort(a, axis=None)[places])
    same(a, before)


@given(st.data(), arrays(), sizes)
def test_partition_divides(data: st.DataObject, a: np.ndarray, size: int) -> None:
    axis = data.draw(st.integers(0, a.ndim - 1))
    if not a.shape[axis]:
        return
    kth = data.draw(st.lists(st.integers(-a.shape[axis], a.shape[axis] - 1), min_size=1, max_size=4))
    out = any_strides(data.draw, a.shape, a.dtype)
    select.partition(teams[size], a, out, kth if len(kth) > 1 else kth[0], axis)
    divided(out, a, kth, axis)
    before = a.copy()
    select.partition(teams[size], a, a, kth, axis)
    divided(a, before, kth, axis)


def test_places_that_are_not_there_are_refused() -> None:
    a = np.arange(9.0)
    for kth in (9, -10, [0, 9]):
        with pytest.raises(ValueError, match="out of bounds"):
            select.partition(teams[2], a, a, kth, 0)


def divided(out: np.ndarray, a: np.ndarray, kth: list[int], axis: int) -> None:
    """All elements are there, and those before and after a place are not on the wrong side."""
    expected = np.sort(a, axis)
    same(np.sort(out, axis), expected)
    for place in kth:
        cut = place % a.shape[axis]
        before, after = np.split(out, [cut], axis)
        same(np.sort(before, axis), np.split(expected, [cut], axis)[0])
        same(np.take(after, 0, axis), np.take(expected, cut, axis))


@given(arrays(1), st.tuples(st.booleans(), st.booleans(), st.booleans()), sizes)
def test_unique_is_numpys(a: np.ndarray, asked: tuple[bool, bool, bool], size: int) -> None:
    expected = np.unique(a, *asked)
    results = unique.unique(teams[size], np.empty, a, *asked)
    assert len(results) == 1 + sum(asked)
    for ours, theirs in zip(results, expected if any(asked) else [expected], strict=True):
        same(ours, theirs)


def test_an_interruption_leaves_nothing_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    a = np.random.default_rng(0).integers(0, 9, 300)
    differ = unique._differ

    def interrupted(p: np.ndarray, q: np.ndarray, out: np.ndarray) -> None:
        raise KeyboardInterrupt

    for team in teams.values():
        monkeypatch.setattr(unique, "_differ", interrupted)
        with pytest.raises(KeyboardInterrupt):
            unique.unique(team, np.empty, a, True, True, True)
        monkeypatch.setattr(unique, "_differ", differ)
        same(unique.unique(team, np.empty, a, False, False, True)[1], np.unique(a, return_counts=True)[1])


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
    places = np.array([0, count // 2, count // 2 + 1, count - 1])
    same(select.order_statistics(teams[2], a, places), out[places])
    select.partition(teams[2], a, out, count // 3, 0)
    divided(out, a, [count // 3], 0)
    same(unique.unique(teams[2], np.empty, a, False, True, False)[1], np.unique(a, return_inverse=True)[1])


@given(
    st.integers(0, 99),
    st.integers(2, 300),
    st.sampled_from([1, 5, 50, 1 << 20]),
    st.sampled_from([2, 8, 12, 20]),
    sizes,
)
def test_argsort_of_numbers_that_agree_in_high_bits(seed: int, count: int, kinds: int, bits: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    a = rng.integers(0, kinds, count).astype(np.uint64)  # beside high bits that leave no room for these
    a += rng.integers(0, 1 << bits, count).astype(np.uint64) << np.uint64(43)
    a[0], out = np.iinfo(np.uint64).max, np.empty(count, np.int64)
    sort.argsort(teams[size], a, out, 0)
    same(out, np.argsort(a, kind="stable"))
