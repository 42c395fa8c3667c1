"""`map_blocks`, `guvectorize` and functions of rows: blocks on threads and workers against NumPy's whole arrays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numba
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy._core._umath_tests import euclidean_pdist  # type: ignore[import-not-found]

from ramba.functions.row_purity import only_computes
from tests.functions.backends import BACKENDS, on
from tests.subject import ramba

pytestmark = [pytest.mark.own_modes, pytest.mark.filterwarnings("error")]

MODES = {"constant": "constant", "nearest": "edge", "reflect": "symmetric", "mirror": "reflect", "wrap": "wrap"}
"""SciPy's words, and those of `numpy.pad`."""


@pytest.fixture(params=BACKENDS, scope="module")
def backend(request: pytest.FixtureRequest) -> Iterator[str]:
    with on(request.param) as name:
        yield name


def star(padded: np.ndarray) -> np.ndarray:
    """Of an array of two axes with a margin of two: all that a wrong margin would change."""
    n, m = padded.shape
    shifts = [padded[i : n - 4 + i, j : m - 4 + j] * (7 * i + j + 1) for i in range(5) for j in range(5)]
    return sum(shifts[1:], shifts[0])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("shape", [(40, 30), (3, 400), (2, 2), (90, 2)])
def test_surroundings(backend: str, mode: str, shape: tuple[int, int]) -> None:
    data = np.random.default_rng(0).integers(0, 100, shape).astype(float)
    expected = star(np.pad(data, 2, MODES[mode]))
    made = ramba.map_blocks(star, ramba.asarray(data) + 0, depth=2, mode=mode)
    np.testing.assert_array_equal(np.asarray(made), expected)


def test_deeper_than_blocks_and_arrays(backend: str) -> None:
    data = np.arange(60.0)
    for mode, other in MODES.items():
        for depth in (25, 60, 130):
            expected = np.convolve(np.pad(data, depth, other), np.ones(2 * depth + 1), "valid")
            made = ramba.map_blocks(
                lambda b, d: np.convolve(b, np.ones(2 * d + 1), "valid"), ramba.asarray(data) * 1, depth, depth=depth,
                mode=mode,
            )  # fmt: skip
            np.testing.assert_allclose(np.asarray(made), expected, rtol=1e-12, err_msg=f"{mode} {depth}")


def test_modes_and_depths_of_axes(backend: str) -> None:
    data = np.arange(1200).reshape(30, 40)
    padded = np.pad(np.pad(data, ((1, 1), (0, 0)), "wrap"), ((0, 0), (3, 3)), constant_values=-5)
    expected = padded[:-2, 3:-3] + padded[2:, 3:-3] + padded[1:-1, :-6] - padded[1:-1, 6:]

    def cross(b: Any) -> Any:
        return b[:-2, 3:-3] + b[2:, 3:-3] + b[1:-1, :-6] - b[1:-1, 6:]

    for depth in ((1, 3), {0: 1, -1: 3}):
        made = ramba.map_blocks(cross, ramba.asarray(data) + 0, depth=depth, mode=("wrap", "constant"), cval=-5)
        assert made.dtype == data.dtype
        np.testing.assert_array_equal(np.asarray(made), expected)
    # what a function gives for the margin is cut off
    np.testing.assert_array_equal(np.asarray(ramba.map_blocks(np.abs, ramba.asarray(data) + 0, depth=2)), data)


def test_axes_go_and_come(backend: str) -> None:
    data = np.random.default_rng(1).random((20, 6, 30))
    x = ramba.asarray(data) * 1
    cases: list[tuple[Any, dict[str, Any], np.ndarray]] = [
        (lambda b: np.sort(b, axis=1), {"drop_axis": 1, "new_axis": 1}, np.sort(data, axis=1)),
        (lambda b: b.sum(axis=2), {"drop_axis": -1}, data.sum(axis=2)),
        (lambda b: b.max(axis=(0, 2)), {"drop_axis": (0, 2)}, data.max(axis=(0, 2))),
        (lambda b: np.stack([b, -b]), {"new_axis": 0}, np.stack([data, -data])),
        (lambda b: np.stack([b, -b], axis=2), {"new_axis": 2}, np.stack([data, -data], axis=2)),
        (lambda b: np.fft.rfft(b, axis=0), {"drop_axis": 0, "new_axis": 0}, np.fft.rfft(data, axis=0)),
        (lambda b: b.mean(axis=1, keepdims=True), {"drop_axis": 1, "new_axis": 1}, data.mean(axis=1, keepdims=True)),
    ]
    for function, options, expected in cases:
        made = ramba.map_blocks(function, x, **options)
        assert made.dtype == expected.dtype
        np.testing.assert_allclose(np.asarray(made), expected, rtol=1e-13)


def test_arguments_and_dtypes(backend: str) -> None:
    data = np.arange(600).reshape(20, 30)
    x, row = ramba.asarray(data) + 0, ramba.arange(30) * 2
    made = ramba.map_blocks(lambda a, k, b: np.add(a * k, b), x, 3, row)
    np.testing.assert_array_equal(np.asarray(made), data * 3 + np.arange(30) * 2)
    made = ramba.map_blocks(lambda a: np.array(a, np.float32), x, dtype="i2")
    assert made.dtype == np.int16
    assert ramba.map_blocks(lambda a: a / 2 if a.size else a, x).dtype == np.float64
    assert ramba.map_blocks(lambda a: a * 2, ramba.zeros((0, 3), "f4")).dtype == np.float32


def test_functions_of_elements_are_fused(backend: str) -> None:
    x = ramba.arange(4000.0) + 1
    with ramba.config.set(functions="auto"):
        before = ramba.map_blocks(lambda b: np.sqrt(b) * 2, x + 1)
        if backend == "threads":
            assert str(ramba.explain(before)).count("kernel over") == 1
    np.testing.assert_allclose(np.asarray(before), np.sqrt(np.arange(4000.0) + 2) * 2)
    with ramba.config.set(functions="python"):
        again = ramba.map_blocks(lambda b: np.sqrt(b) * 2, x + 1)
    np.testing.assert_allclose(np.asarray(before), np.asarray(again), rtol=1e-15)


def test_what_is_refused(backend: str) -> None:
    x = ramba.arange(600.0).reshape(20, 30) + 0
    with pytest.raises(ValueError, match="shape"):
        ramba.map_blocks(lambda b: b[1:].copy(), x)
    with pytest.raises(ValueError, match="axes"):
        ramba.map_blocks(lambda b: b.sum(), x)
    with pytest.raises(ValueError, match="depth"):
        ramba.map_blocks(lambda b: b, x, depth=-1)
    with pytest.raises(ValueError, match="mode"):
        ramba.map_blocks(lambda b: b, x, depth=1, mode="grid")
    with pytest.raises(np.exceptions.AxisError):
        ramba.map_blocks(lambda b: b, x, drop_axis=2)
    with pytest.raises(TypeError, match="no numbers"):
        ramba.map_blocks(lambda b: b.astype(object), x)
    with pytest.raises(TypeError, match="function"):
        ramba.map_blocks(3, x)
    with pytest.raises(TypeError, match="array"):
        ramba.map_blocks(lambda: 3)


class Own(Exception):
    """Of this module."""


def test_an_exception_has_its_traceback_and_the_block(backend: str) -> None:
    def failing(b: np.ndarray) -> np.ndarray:
        if b.max() > 590:
            raise Own("too much")
        return b

    with pytest.raises(Own, match="too much") as caught:
        ramba.map_blocks(failing, ramba.arange(600.0).reshape(20, 30) + 0)
    notes = "".join(caught.value.__notes__)
    assert "for the block [" in notes
    if backend == "processes":
        assert "in failing" in notes
        assert "on worker 1" in notes
    assert float((ramba.arange(600.0) + 1).sum()) == 600 * 601 / 2  # nothing is left of it


def test_blocks_are_where_the_data_is(backend: str) -> None:
    x = ramba.arange(600) + 0
    found = set(np.asarray(ramba.map_blocks(lambda b: np.full(b.shape, os.getpid()), x)).tolist())
    assert (os.getpid() in found) == (backend != "processes")
    assert len(found) == (2 if backend == "processes" else 1)


@numba.guvectorize(["void(f8[:], f8[:])", "void(i8[:], i8[:])"], "(n)->(n)")
def running(x: Any, out: Any) -> None:
    total = x[0] - x[0]
    for i in range(x.shape[0]):
        total += x[i]
        out[i] = total


@numba.guvectorize(["void(f8[:], f8[:], f8[:])"], "(n),(n)->()")
def inner(x: Any, y: Any, out: Any) -> None:
    total = 0.0
    for i in range(x.shape[0]):
        total += x[i] * y[i]
    out[0] = total


@numba.guvectorize(["void(f8[:], f8, f8[:], f8[:])"], "(n),()->(),()")
def both(x: Any, limit: Any, below: Any, above: Any) -> None:
    below[0] = above[0] = 0.0
    for i in range(x.shape[0]):
        if x[i] < limit:
            below[0] += x[i]
        else:
            above[0] += x[i]


def test_guvectorize(backend: str) -> None:
    data = np.random.default_rng(2).random((70, 40))
    x = ramba.asarray(data) * 1
    np.testing.assert_array_equal(np.asarray(running(x)), running(data))
    np.testing.assert_array_equal(np.asarray(running(x.T)), running(data.T))
    np.testing.assert_array_equal(np.asarray(running(x[::2, 3:])), running(data[::2, 3:]))
    np.testing.assert_array_equal(np.asarray(inner(x, ramba.arange(40.0) + 0)), inner(data, np.arange(40.0)))
    made = np.asarray(inner(x[:, None], x[None, :9]))
    np.testing.assert_array_equal(made, inner(data[:, None], data[None, :9]))
    for ours, theirs in zip(both(x, 0.5), both(data, 0.5), strict=True):
        np.testing.assert_array_equal(np.asarray(ours), theirs)
    out = ramba.zeros((70, 40))
    assert running(x, out=out) is out
    np.testing.assert_array_equal(np.asarray(out), running(data))
    whole = ramba.arange(600) + 0
    assert running(whole).dtype == np.int64  # no loop dimension: one call
    np.testing.assert_array_equal(np.asarray(running(whole)), np.cumsum(np.arange(600)))
    with ramba.config.set(on_fallback="ignore"), pytest.raises(ValueError, match="core dimension"):
        inner(x, x[:, :3])


def test_a_gufunc_whose_result_says_a_length(backend: str) -> None:
    data = np.random.default_rng(3).random((30, 4))
    x, out = ramba.asarray(data) * 1, ramba.zeros(30 * 29 // 2)
    with ramba.config.set(on_fallback="ignore"):
        assert euclidean_pdist(x, out) is out
    np.testing.assert_array_equal(np.asarray(out), euclidean_pdist(data, np.zeros(30 * 29 // 2)))


LIMIT = 0.25
SEEN: list[float] = []


def spread(row: Any) -> Any:
    return row.max() - np.minimum(row.min(), LIMIT)


def several(row: Any, k: int = 2) -> Any:
    return np.stack([np.sort(row)[:k], row[:k]])


def noticing(row: Any) -> Any:
    SEEN.append(float(row[0]))
    return row.sum()


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_apply_along_axis(backend: str, axis: int) -> None:
    data = np.random.default_rng(3).random((20, 9, 11))
    x = ramba.asarray(data) * 1
    for function, options in ((spread, {}), (several, {"k": 3}), (np.median, {}), (np.argmax, {}), (len, {})):
        ours, theirs = (np.apply_along_axis(function, axis, a, **options) for a in (x, data))
        assert isinstance(ours, ramba.ndarray)
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(np.asarray(ours), theirs)
    # the first row says what the dtype is, as in NumPy
    ours, theirs = (
        np.apply_along_axis(lambda r: 1 if r[0] == data[0, 0, 0] else r[0] * 10, axis, a) for a in (x, data)
    )
    np.testing.assert_array_equal(np.asarray(ours), theirs)


def test_what_does_more_than_compute_is_called_in_order(backend: str) -> None:
    data = np.random.default_rng(3).random((20, 30))
    with ramba.config.set(on_fallback="ignore"):
        SEEN.clear()
        made = np.apply_along_axis(noticing, 1, ramba.asarray(data) * 1)
        assert data[:, 0].tolist() == SEEN
        np.testing.assert_allclose(np.asarray(made), data.sum(axis=1))

        SEEN.clear()
        np.vectorize(noticing, signature="(n)->()")(ramba.asarray(data) * 1)
        assert data[:, 0].tolist() == SEEN
        with pytest.raises(ValueError, match="iteration dimensions"):
            np.apply_along_axis(spread, 1, ramba.zeros((0, 3)))
        with pytest.raises(np.exceptions.AxisError):
            np.apply_along_axis(spread, 5, ramba.asarray(data) * 1)


def test_vectorize_with_a_signature(backend: str) -> None:
    data = np.random.default_rng(4).random((20, 30))
    x, k = ramba.asarray(data) * 1, np.arange(30.0)
    for function, signature, args in (
        (lambda r: np.sort(r)[::-1], "(n)->(n)", ()),
        (lambda r, s: np.dot(r, s), "(n),(n)->()", (k,)),
        (lambda r: np.convolve(r, [1, 2], "full"), "(n)->(m)", ()),
        (lambda r: (np.min(r), np.max(r)), "(n)->(),()", ()),
    ):
        ours, theirs = (ramba.vectorize(function, signature=signature)(a, *args) for a in (x, data))
        for a, b in zip(ours, theirs, strict=True) if isinstance(theirs, tuple) else [(ours, theirs)]:
            assert np.asarray(a).dtype == b.dtype
            np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-14)


def test_apply_over_axes(backend: str) -> None:
    data = np.random.default_rng(5).random((8, 9, 10))
    x = ramba.asarray(data) * 1
    for function, axes in ((np.sum, [0, 2]), (np.sum, -1), (np.max, (1,)), (np.sort, [0, 1])):
        ours, theirs = (np.apply_over_axes(function, a, axes) for a in (x, data))
        assert isinstance(ours, ramba.ndarray)
        np.testing.assert_allclose(np.asarray(ours), theirs, rtol=1e-13)
    with pytest.raises(ValueError, match="correct shape"):
        np.apply_over_axes(lambda a, axis: a.sum(axis=(0, 1)), x, 0)


def test_which_functions_only_compute() -> None:
    table: dict[int, float] = {}
    rng = np.random.default_rng()

    def remembering(row: Any) -> Any:
        table[0] = row[0]
        return row

    def writing(row: Any) -> Any:
        row.sort()
        return row

    def sorting(row: Any) -> Any:
        return np.linalg.norm(np.sort(row)) + row.mean()

    assert all(map(only_computes, (sorting, np.median, np.linalg.norm, len, spread, several)))
    impure = (remembering, writing, noticing, print, np.random.rand, np.put, rng.normal, lambda r: rng.normal())
    assert not any(map(only_computes, impure))
    assert not only_computes(lambda r: np.random.default_rng(0).normal())
    assert not only_computes(lambda r: r.partition(2))
    assert not only_computes(lambda r: np.copyto(r, 0))


@given(st.integers(0, 12), st.integers(1, 12), st.integers(0, 5), st.sampled_from(list(MODES)), st.integers(1, 4))
def test_any_number_of_workers(n: int, m: int, depth: int, mode: str, count: int) -> None:
    values = np.arange(n * m, dtype=float).reshape(n, m) ** 2 % 17
    if mode != "constant" and not n:
        return
    padded = np.pad(values, depth, MODES[mode])
    with ramba.config.set(backend="local", workers=count, num_threads=1, eager_size=1):
        ramba.shutdown()
        x = ramba.asarray(values) + 0
        made = ramba.map_blocks(lambda b, d: b[: len(b) - 2 * d, 2 * d :] + 0, x, depth, depth=depth, mode=mode)
        np.testing.assert_array_equal(np.asarray(made), padded[:n, 2 * depth :])
    ramba.shutdown()
