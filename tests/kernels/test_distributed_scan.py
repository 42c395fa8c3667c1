"""Running sums, running products, and products in NumPy's order."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ramba.layout.partition import Partition
from tests.kernels.together import WORKERS, Operand, check, operands, partitions, shapes, together

OPS = ["add", "multiply", "maximum"]


def cast(a: Operand, dtype: Any) -> Operand:
    """Scans and reductions get what is in the dtype of their result."""
    return Operand(a.array.astype(dtype), a.partition)


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 20]), st.sampled_from(OPS))
def test_scan_is_numpys(data: st.DataObject, workers: int, small: int, op: str) -> None:
    a = data.draw(operands(workers, dtype=data.draw(st.sampled_from(["i1", "u8", "f4", "f8", "c16"]))))
    axis = data.draw(st.integers(0, a.array.ndim - 1))
    expected = getattr(np, op).accumulate(a.array, axis)
    check(
        together("accumulate", workers, small, [cast(a, expected.dtype)], op, axis, False), 0, expected, workers, small
    )


@given(st.data(), st.sampled_from(WORKERS))
def test_products_have_numpys_bits(data: st.DataObject, workers: int) -> None:
    shape = data.draw(shapes)
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    a = Operand(
        rng.normal(size=shape).astype(data.draw(st.sampled_from(["f4", "f8"]))), data.draw(partitions(shape, workers))
    )
    axis = data.draw(st.integers(0, len(shape) - 1))
    check(together("accumulate", workers, 0, [a], "multiply", axis, False), 0, a.array.cumprod(axis), workers, 0)
    for axes in [(axis,), tuple(range(len(shape))), tuple(range(axis, len(shape)))]:
        outcome = together("reduce", workers, 0, [a], "multiply", axes)
        check(outcome, 0, a.array.prod(axes), workers, 0)


@given(st.data(), st.sampled_from(WORKERS))
def test_sums_of_floats_are_close(data: st.DataObject, workers: int) -> None:
    shape = data.draw(shapes)
    a = Operand(np.random.default_rng(0).normal(size=shape), data.draw(partitions(shape, workers)))
    axis = data.draw(st.integers(0, len(shape) - 1))
    outcome = together("accumulate", workers, 0, [a], "add", axis, False)
    np.testing.assert_allclose(outcome.arrays[0], a.array.cumsum(axis), rtol=1e-12, atol=1e-12)


def test_an_axis_that_is_whole_needs_no_messages() -> None:
    a = Operand(np.ones((64, 3)), Partition((64, 3), (4, 1)))
    assert together("accumulate", 4, 0, [a], "add", 1, False).post.messages == 0
    assert together("accumulate", 4, 0, [a], "add", 0, False).post.messages == 5  # distances one and two
