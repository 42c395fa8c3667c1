"""Arrays of indices, read and assigned through."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.layout.partition import Partition
from tests.kernels.together import WORKERS, Operand, check, operands, partitions, together

extents = st.sampled_from([1, 2, 3, 5, 8, 13])
index_shapes = st.sampled_from([(), (0,), (1,), (5,), (13,), (3, 4), (4, 1), (1, 5), (2, 1, 3)])


@st.composite
def indexed(draw: st.DrawFn, workers: int) -> tuple[Operand, list[Operand]]:
    """An array and index arrays, which can be broadcast together, for its first dimensions."""
    shape = tuple(draw(st.lists(extents, min_size=1, max_size=3)))
    a = draw(operands(workers, shape, draw(st.sampled_from(["i4", "f8", "c16", "?"]))))
    count = draw(st.integers(1, len(shape)))
    whole = draw(index_shapes)
    indices = []
    for extent in shape[:count]:
        own = tuple(draw(st.sampled_from([e, 1])) for e in whole[draw(st.integers(0, len(whole))) :])
        own = whole if not indices else own
        indices.append(draw(operands(workers, own, "i8", -extent, extent)))
    return a, indices


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 20]))
def test_take_is_numpys(data: st.DataObject, workers: int, small: int) -> None:
    shape = tuple(data.draw(st.lists(extents, min_size=1, max_size=3)))
    a = data.draw(operands(workers, shape))
    axis = data.draw(st.integers(0, len(shape) - 1))
    index = data.draw(operands(workers, data.draw(index_shapes), "i4", -shape[axis], shape[axis]))
    key = (slice(None),) * axis + (index.array,)
    check(together("take", workers, small, [a, index], axis), 0, a.array[key], workers, small)


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 20]))
def test_points_are_numpys(data: st.DataObject, workers: int, small: int) -> None:
    a, indices = data.draw(indexed(workers))
    expected = a.array[tuple(index.array for index in indices)]
    check(together("gather_points", workers, small, [a, *indices]), 0, expected, workers, small)


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from(["", "add", "maximum"]))
def test_the_last_assignment_wins(data: st.DataObject, workers: int, op: str) -> None:
    a, indices = data.draw(indexed(workers))
    key = tuple(index.array for index in indices)
    shape = a.array[key].shape
    shape = data.draw(st.sampled_from([shape, (), shape[1:], tuple(min(e, 1) for e in shape)]))
    values = Operand(np.arange(np.prod(shape)).reshape(shape).astype("i1"), data.draw(partitions(shape, workers)))
    expected = a.array.copy()
    if op and expected.dtype.kind in "b":
        return
    if op:
        getattr(np, op).at(expected, key, values.array)
    else:
        expected[key] = values.array
    outcome = together("put", workers, 0, [a, *indices, values], op)
    np.testing.assert_array_equal(outcome.arrays[0], expected)
    assert outcome.partitions[0] == a.partition


@given(st.data(), st.sampled_from(WORKERS))
def test_everybody_raises_numpys_error(data: st.DataObject, workers: int) -> None:
    a, indices = data.draw(indexed(workers))
    if 0 in np.broadcast_shapes(*(index.array.shape for index in indices)):
        return
    extent = a.array.shape[0]
    wrong = indices[0].array.reshape(-1)
    wrong[data.draw(st.integers(0, wrong.size - 1))] = data.draw(st.sampled_from([extent, -extent - 1]))
    wrong[data.draw(st.integers(0, wrong.size - 1))] = data.draw(st.sampled_from([extent + 3, -extent - 7]))
    refused(a, tuple(index.array for index in indices), workers, "gather_points", [a, *indices])
    refused(a, tuple(index.array for index in indices), workers, "put", [a, *indices, indices[0]])


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("workers", WORKERS)
@pytest.mark.parametrize("shape", [(3, 4), (30, 40), (40, 2), (2, 40)])
def test_everybody_raises_numpys_error_along_an_axis(axis: int, workers: int, shape: tuple[int, ...]) -> None:
    a = Operand(np.zeros(shape), Partition(shape, (workers, 1)))
    index = Operand(np.array([0, 77, -99, 1, 0, 0, 1, 1]), Partition((8,), (workers,)))
    key = (slice(None),) * axis + (index.array,)
    refused(a, key, workers, "take", [a, index], axis)


def refused(a: Operand, key: Any, workers: int, name: str, pieces: list[Operand], *params: Any) -> None:
    """The kernel raises what NumPy does."""
    with pytest.raises(IndexError) as numpys:
        a.array[key]
    with pytest.raises(IndexError) as ours:
        together(name, workers, 0, pieces, *params)
    assert str(ours.value) == str(numpys.value)
