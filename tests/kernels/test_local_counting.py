"""Bins, numbers, places in sorted arrays, extremes: NumPy's results, on any number of threads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.kernels.local import extreme, search
from ramba.kernels.local import histogram as counting
from ramba.runtime.team import Team
from tests.kernels.local import KINDS, REALS, TEAMS, arrays, filled, memory, teams


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small arrays go the way of large ones."""
    monkeypatch.setattr(counting, "FEW", 64)
    monkeypatch.setattr(counting, "FEW_NUMBERS", 64)
    monkeypatch.setattr(counting, "FEW_WEIGHTS", 64)
    monkeypatch.setattr(counting, "TABLES", ((10, 8), (300, 4)))
    monkeypatch.setattr(counting, "TOTALLED", 50)
    monkeypatch.setattr(counting, "WORTH", 64)
    monkeypatch.setattr(counting, "PRIVATE", 290)
    monkeypatch.setattr(search, "FEW", 1)
    monkeypatch.setattr(search, "TILE", 100)
    monkeypatch.setattr(extreme, "ENOUGH", 8)
    monkeypatch.setattr(extreme, "ENOUGH_COLUMNS", 8)
    monkeypatch.setattr(extreme, "ENOUGH_SPAN", 8)
    monkeypatch.setattr(extreme, "TILE", 100)
    monkeypatch.setattr("ramba.kernels.team.WORTH", 64)


LIMITS = [(0, 1), (0.0, 1.0), (-20, 20), (-1.5, 2.25), (0.1, 0.7), (0, 0), (1e-3, 1e6), (-1e300, 1e300)]


@given(arrays(REALS, 2), teams, st.integers(1, 50), st.sampled_from(LIMITS))
def test_bins_between_limits(a: np.ndarray, team: Team, bins: int, limits: tuple[float, float]) -> None:
    try:
        expected = np.histogram(a, bins, limits)[0]
    except Exception as problem:
        with pytest.raises(type(problem)):
            counting.histogram(team, a, bins, limits)
        return
    np.testing.assert_array_equal(counting.histogram(team, a, bins, limits), expected)


@given(st.data(), teams, st.sampled_from(["f4", "f8"]), st.integers(1, 1000))
def test_values_at_the_edges_are_counted_as_numpy_counts_them(
    data: st.DataObject, team: Team, kind: str, bins: int
) -> None:
    limits = data.draw(st.tuples(st.floats(-100, 100), st.floats(0.01, 1000)).map(lambda p: (p[0], p[0] + p[1])))
    edges = np.histogram_bin_edges(np.empty(0, kind), bins, limits).astype(kind)
    a = np.concatenate([np.nextafter(edges, -np.inf), edges, np.nextafter(edges, np.inf), edges, edges])
    np.testing.assert_array_equal(counting.histogram(team, a, bins, limits), np.histogram(a, bins, limits)[0])
    np.testing.assert_array_equal(counting.histogram(team, a, bins, None), np.histogram(a, bins)[0])


@given(arrays(["i1", "i8", "u8", "f8"]), teams)
def test_explicit_edges(a: np.ndarray, team: Team) -> None:
    edges = np.array([-3.0, -1.0, 0.0, 0.0, 2.0, 50.0])
    np.testing.assert_array_equal(counting.histogram(team, a, 10, None, edges), np.histogram(a, edges)[0])


@given(teams, st.sampled_from(["i8", "f4", "f8", "c16"]), st.integers(0, 2000))
def test_weights(team: Team, kind: str, size: int) -> None:
    rng = np.random.default_rng(size)
    a, weights = rng.random(size), rng.integers(0, 9, size).astype(kind)
    for spec, limits in ((10, (0.2, 0.9)), (np.array([0.0, 0.3, 0.5, 1.0]), None)):
        edges = spec if limits is None else None
        counts = counting.histogram(team, a, 10, limits, edges, weights)
        expected = np.histogram(a, spec, limits, weights=weights)[0]
        assert counts.dtype == expected.dtype
        np.testing.assert_allclose(counts, expected, rtol=1e-6)


@pytest.mark.parametrize("length", [1, 10, 300, 1000])
@given(team=teams, size=st.integers(0, 3000), kind=st.sampled_from(["i1", "u2", ">i4", "i8", "u8"]))
def test_bincount(length: int, team: Team, size: int, kind: str) -> None:
    rng = np.random.default_rng(size)
    x = rng.integers(0, min(length, np.iinfo(kind).max), size).astype(kind)[:: 1 if size % 3 else -2]
    size = len(x)
    counts = counting.bincount(team, memory, x, None, length)
    np.testing.assert_array_equal(counts, np.bincount(x.astype("i8"), None, length))
    assert counts.dtype == np.int64
    weights = rng.normal(size=size)
    sums = counting.bincount(team, memory, x, weights, length)
    np.testing.assert_array_equal(sums, np.bincount(x.astype("i8"), weights, length))


@given(teams, st.integers(70, 300), st.sampled_from([50, 400]), st.booleans())
def test_bincount_complains_as_numpy_does(team: Team, size: int, length: int, weighted: bool) -> None:
    x = np.arange(size)
    x[-1] = -1
    weights = np.ones(size) if weighted else None
    with pytest.raises(ValueError) as expected:
        np.bincount(x, weights)
    with pytest.raises(ValueError) as found:
        counting.bincount(team, memory, x, weights, length)
    assert str(found.value) == str(expected.value)


@given(st.data(), teams, st.sampled_from(["left", "right"]))
def test_searchsorted(data: st.DataObject, team: Team, side: str) -> None:
    ordered = data.draw(arrays(KINDS))
    ordered = np.sort(ordered)
    values = data.draw(arrays([ordered.dtype.str[1:] if ordered.dtype.kind != "g" else "f8", "f8", "i8", "f4"], 2))
    if data.draw(st.booleans()) and ordered.size:
        values = np.random.default_rng(0).choice(ordered, values.shape)  # all of them are found
    out = np.empty(values.shape, np.int64)
    search.searchsorted(team, ordered, values, side, out)
    np.testing.assert_array_equal(out, np.searchsorted(ordered, values, side))  # type: ignore[call-overload]


def test_searching_in_a_reversed_view() -> None:
    falling = np.arange(1000.0)[::-1]
    values = np.random.default_rng(0).random(5000) * 1000
    out = np.empty(5000, np.int64)
    team = Team(2)
    search.searchsorted(team, falling[::-1], values, "left", out)
    team.close()
    np.testing.assert_array_equal(1000 - out, np.digitize(values, falling, right=False))


@given(st.data(), teams, st.booleans())
def test_extremes(data: st.DataObject, team: Team, largest: bool) -> None:
    a = data.draw(arrays(KINDS, 3))
    axis = data.draw(st.one_of(st.none(), st.integers(-a.ndim, a.ndim - 1)))
    function = np.argmax if largest else np.argmin
    try:
        expected = np.asarray(function(a, axis))
    except ValueError as problem:
        with pytest.raises(ValueError, match=str(problem)):
            extreme.argextreme(team, a, axis, largest, np.empty((), np.int64))
        return
    out = np.empty(expected.shape, np.int64)
    extreme.argextreme(team, a, axis, largest, out)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("kind", REALS)
@pytest.mark.parametrize("largest", [True, False])
@given(team=teams, rows=st.integers(1, 70), columns=st.integers(1, 200))
def test_extremes_of_matrices(kind: str, largest: bool, team: Team, rows: int, columns: int) -> None:
    a = filled(np.random.default_rng(rows * columns), (rows, columns), kind)
    for axis in (0, 1):
        expected = np.argmax(a, axis) if largest else np.argmin(a, axis)
        out = np.empty(expected.shape, np.int64)
        extreme.argextreme(team, a, axis, largest, out)
        np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("odd", [np.nan, np.inf])
def test_bins_need_a_finite_range(odd: float) -> None:
    a = np.arange(1000.0)
    a[500] = odd
    with pytest.raises(ValueError, match="autodetected range"):
        counting.histogram(TEAMS[2], a, 10, None)


@given(st.data(), teams)
def test_span(data: st.DataObject, team: Team) -> None:
    a = data.draw(arrays(REALS[1:], 2))
    if a.size:
        with np.errstate(all="ignore"):
            np.testing.assert_array_equal(extreme.span(team, a), (a.min(), a.max()))
