"""Folds over segments: NumPy's, wherever starts and elements lie."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.layout.partition import Partition
from tests.kernels.together import WORKERS, Operand, check, operands, partitions, together

OPS = ["add", "multiply", "maximum", "subtract", "logical_xor", "hypot"]


@st.composite
def places(draw: st.DrawFn, extent: int, workers: int, beyond: int = 0) -> Operand:
    """Starts within an axis, in order or not, somehow cut."""
    found = draw(st.lists(st.integers(-beyond, max(extent - 1, 0) + beyond), max_size=12 if extent else 0))
    array = np.array(sorted(found) if draw(st.booleans()) else found, np.int64)
    return Operand(array, draw(partitions(array.shape, workers)))


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 20]), st.sampled_from(OPS))
def test_reduceat_is_numpys(data: st.DataObject, workers: int, small: int, op: str) -> None:
    dtype = "f8" if op == "hypot" else data.draw(st.sampled_from(["i1", "u8", "f4", "f8"]))
    a = data.draw(operands(workers, dtype=dtype))
    axis = data.draw(st.integers(0, a.array.ndim - 1))
    starts = data.draw(places(a.array.shape[axis], workers))
    function: Any = getattr(np, op)
    kind = np.dtype(bool) if op == "logical_xor" else function.reduceat(np.ones(1, a.array.dtype), [0]).dtype
    given_ = Operand(a.array.astype(kind), a.partition)
    expected = function.reduceat(given_.array, starts.array, axis)
    if op == "hypot":
        outcome = together("reduceat", workers, small, [given_, starts], op, axis)
        np.testing.assert_allclose(outcome.arrays[0], expected)
    else:
        check(together("reduceat", workers, small, [given_, starts], op, axis), 0, expected, workers, small)


@given(st.data(), st.sampled_from(WORKERS))
def test_starts_outside(data: st.DataObject, workers: int) -> None:
    a = data.draw(operands(workers, dtype="f8"))
    axis = data.draw(st.integers(0, a.array.ndim - 1))
    starts = data.draw(places(a.array.shape[axis] or 1, workers, beyond=3))
    strange = [n for n in starts.array.tolist() if not 0 <= n < a.array.shape[axis]]
    if strange:
        with pytest.raises(IndexError, match=f"^index {strange[0]} out-of-bounds in add.reduceat"):
            together("reduceat", workers, 0, [a, starts], "add", axis)
    else:
        expected = np.add.reduceat(a.array, starts.array, axis)
        check(together("reduceat", workers, 0, [a, starts], "add", axis), 0, expected, workers, 0)


def test_a_segment_may_end_where_the_next_worker_begins() -> None:
    a = Operand(np.arange(12.0), Partition((12,), (4,)))
    for starts in ([0, 3, 6, 9], [0, 4], [5], [2, 2, 3, 3, 11], [0, 11], [8, 8, 8]):
        where = Operand(np.array(starts), Partition((len(starts),), (4,)))
        check(together("reduceat", 4, 0, [a, where], "add", 0), 0, np.add.reduceat(a.array, starts), 4, 0)
