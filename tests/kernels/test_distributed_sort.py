"""Sorting, and the distinct elements."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.layout.partition import Partition, bound
from tests.kernels.together import WORKERS, Operand, check, dtypes, partitions, shapes, together


@st.composite
def jumbled(draw: st.DrawFn, workers: int) -> Operand:
    """An array with many equal elements, and some that are not numbers."""
    shape = draw(st.one_of(shapes, st.sampled_from([(40,), (200,), (2, 90), (90, 2)])))
    dtype = draw(dtypes)
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    array = rng.integers(-5, draw(st.sampled_from([-3, 5, 90])), shape).astype(dtype)
    if array.dtype.kind in "fc":
        array[rng.random(shape) < draw(st.sampled_from([0, 0.2]))] = np.nan
    return Operand(array, draw(partitions(shape, workers)))


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 20]))
def test_sort_is_numpys(data: st.DataObject, workers: int, small: int) -> None:
    a = data.draw(jumbled(workers))
    axis = data.draw(st.integers(0, a.array.ndim - 1))
    check(together("sort", workers, small, [a], axis), 0, np.sort(a.array, axis), workers, small)
    expected = np.argsort(a.array, axis, kind="stable")
    check(together("argsort", workers, small, [a], axis, True), 0, expected, workers, small)


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 20]))
def test_unique_is_numpys(data: st.DataObject, workers: int, small: int) -> None:
    a = data.draw(jumbled(workers))
    asked = data.draw(st.tuples(st.booleans(), st.booleans(), st.booleans()))
    outcome = together("unique", workers, small, [a], *asked)
    expected = np.unique(a.array, *asked)
    expected = expected if isinstance(expected, tuple) else (expected,)
    assert len(expected) == len(outcome.arrays)
    for n, array in enumerate(expected):
        check(outcome, n, array, workers, small)


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 3]))
def test_order_statistics_are_numpys(data: st.DataObject, workers: int, small: int) -> None:
    a = data.draw(jumbled(workers))
    if a.array.size:
        places = data.draw(st.lists(st.integers(0, a.array.shape[-1] - 1), max_size=4).map(lambda n: tuple(sorted(n))))
        expected = np.sort(a.array)[..., list(places)]
        check(together("order_statistics", workers, small, [a], places), 0, expected, workers, small)


@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("kind", ["random", "equal", "sorted", "backwards"])
def test_the_work_is_shared_out_evenly(workers: int, kind: str) -> None:
    n = 20_000
    made = {
        "random": np.random.default_rng(0).random(n),
        "equal": np.zeros(n),
        "sorted": np.arange(n) * 1.0,
        "backwards": np.arange(n)[::-1] * 1.0,
    }
    a = Operand(made[kind], Partition((n,), (workers,)))
    outcome = together("sort", workers, 0, [a], 0)
    check(outcome, 0, np.sort(made[kind]), workers, 0)
    assert max(bound(n, workers, r + 1) - bound(n, workers, r) for r in range(workers)) <= n // workers + 1
    assert outcome.post.bytes < 2.3 * n * 8 + workers**2 * 64 * 16 * 2


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 20]))
def test_elements_of_the_order_of_each_row(data: st.DataObject, workers: int, small: int) -> None:
    shape = tuple(data.draw(st.lists(st.sampled_from([1, 2, 3, 8, 13]), min_size=1, max_size=3)))
    array = np.random.default_rng(data.draw(st.integers(0, 9))).integers(-4, 5, shape).astype(float)
    a = Operand(array, data.draw(partitions(shape, workers)))
    rng = np.random.default_rng(data.draw(st.integers(0, 9)))
    places = rng.integers(0, shape[-1], (*shape[:-1], 2))
    lying = Operand(places, data.draw(partitions(places.shape, workers)))
    outcome = together("order_statistics_by_row", workers, small, [a, lying])
    check(outcome, 0, np.take_along_axis(np.sort(a.array, axis=-1), places, -1), workers, small)
