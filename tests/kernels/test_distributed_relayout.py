"""Arrays into other partitions and other shapes."""

from __future__ import annotations

from math import prod

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ramba.kernels.group import Group, Waiting
from ramba.kernels.layouts import meet, stretch
from ramba.kernels.piece import Piece
from ramba.kernels.relayout import reshape, to_partition
from ramba.layout.partition import Partition, replicated
from tests.kernels.together import WORKERS, Operand, Outcome, check, joint, operands, partitions, shapes


def relayout(workers: int, a: Operand, grid: tuple[int, ...]) -> Outcome:
    """The array in the partition with another grid."""
    target = Partition(a.array.shape, grid)
    return joint(lambda group, pieces: steps(group, pieces, target), workers, [a])


def steps(group: Group, pieces: list[Piece], target: Partition) -> Waiting[list[Piece]]:
    """What each worker does."""
    return [(yield from to_partition(group, pieces[0], target))]


@given(st.data(), st.sampled_from(WORKERS))
def test_relayout_keeps_the_elements(data: st.DataObject, workers: int) -> None:
    a = data.draw(operands(workers))
    target = data.draw(partitions(a.array.shape, workers))
    outcome = relayout(workers, a, target.grid)
    np.testing.assert_array_equal(outcome.arrays[0], a.array)
    assert outcome.partitions[0] == target


@given(st.data(), st.sampled_from(WORKERS), st.sampled_from([0, 10]))
def test_reshape_is_numpys(data: st.DataObject, workers: int, small: int) -> None:
    a = data.draw(operands(workers))
    size = a.array.size
    factors = [n for n in range(1, size + 1) if size % n == 0]
    first = data.draw(st.sampled_from(factors)) if size else 0
    shape = data.draw(st.sampled_from([(first, size // max(first, 1)), (size,), (1, size)]))
    outcome = joint(lambda group, pieces: reshape(group, small, pieces, shape), workers, [a])
    check(outcome, 0, a.array.reshape(shape), workers, small)


def test_only_what_overlaps_is_sent_in_one_message() -> None:
    rows = Operand(np.arange(64.0).reshape(8, 8), Partition((8, 8), (4, 1)))
    outcome = relayout(4, rows, (2, 2))
    assert outcome.post.messages == 4
    assert outcome.post.bytes == 4 * 8 * 8
    assert relayout(4, rows, (4, 1)).post.messages == 0
    whole = Operand(rows.array, replicated((8, 8)))
    assert relayout(4, whole, (2, 2)).post.messages == 0


@given(shapes, st.data())
def test_stretches_are_disjoint_boxes_in_order(shape: tuple[int, ...], data: st.DataObject) -> None:
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, prod(shape))] * 2)))
    boxes = stretch(shape, first, last)
    numbers = np.arange(prod(shape)).reshape(shape)
    keys = [tuple(slice(s, s + e) for s, e in zip(*box, strict=True)) for box in boxes]
    found = [numbers[key].reshape(-1) for key in keys]
    np.testing.assert_array_equal(np.concatenate([*found, np.array([], int)]), np.arange(first, last))
    assert len(boxes) <= 2 * len(shape)
    assert not any(meet(p, q) for p in boxes for q in boxes if p is not q)
