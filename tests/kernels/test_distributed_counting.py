"""Bins, numbers, and places in a sorted array."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.kernels import counting
from ramba.layout.partition import Partition, replicated
from tests.kernels.together import WORKERS, Operand, check, operands, partitions, together


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from(["left", "right"]))
def test_searchsorted_is_numpys(data: st.DataObject, workers: int, side: str) -> None:
    ordered = data.draw(operands(workers, (13,), "f8"))
    ordered.array.sort()
    values = data.draw(operands(workers, dtype="f8"))
    expected = np.searchsorted(ordered.array, values.array, side)
    check(together("searchsorted", workers, 5, [ordered, values], side), 0, expected, workers, 5)


@given(st.data(), st.sampled_from(WORKERS))
def test_histogram_is_numpys(data: st.DataObject, workers: int) -> None:
    a = data.draw(operands(workers, dtype="f8"))
    found = together("histogram", workers, 3, [a], 7, (-3.0, 4.0), "")
    check(found, 0, np.histogram(a.array, 7, (-3.0, 4.0))[0], workers, 3)
    edges = Operand(np.array([-2.0, -1.0, 3.0, 3.5]), replicated((4,)))
    weights = Operand(a.array + 1, data.draw(partitions(a.array.shape, workers)))
    expected = np.histogram(a.array, edges.array)[0]
    check(together("histogram", workers, 3, [a, edges], 0, None, ""), 0, expected, workers, 3)
    expected = np.histogram(a.array, edges.array, weights=weights.array)[0]
    check(together("histogram", workers, 3, [a, edges, weights], 0, None, ""), 0, expected, workers, 3)


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 1000]))
def test_bincount_is_numpys(data: st.DataObject, workers: int, private: int) -> None:
    shape = (data.draw(st.sampled_from([0, 1, 5, 30])),)
    x = data.draw(operands(workers, shape, "i4", 0, 9))
    weights = data.draw(operands(workers, shape, "f4"))
    with mock.patch.object(counting, "PRIVATE", private):
        check(together("bincount", workers, 0, [x], 4), 0, np.bincount(x.array, None, 4), workers, 0)
        expected = np.bincount(x.array, weights.array, 4)
        check(together("bincount", workers, 0, [x, weights], 4), 0, expected, workers, 0)


@pytest.mark.parametrize("workers", WORKERS)
def test_negative_numbers_are_refused_by_everybody(workers: int) -> None:
    x = Operand(np.array([3, 1, -2, 4, 4]), Partition((5,), (workers,)))
    with pytest.raises(ValueError) as numpys:
        np.bincount(x.array)
    with pytest.raises(ValueError) as ours:
        together("bincount", workers, 0, [x], 0)
    assert str(ours.value) == str(numpys.value)
