"""Distributions as users write them, read as partitions."""

from __future__ import annotations

import math
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ramba.layout import Box, Partition, cut_at, partition, replicated
from ramba.layout.distribution import of_blocks, wanted


@pytest.mark.parametrize(
    ("asked", "shape", "grid"),
    [
        (0, (8, 9), (4, 1)),
        (1, (8, 9), (1, 4)),
        (-1, (8, 9), (1, 4)),
        (0, (3, 9), (3, 1)),  # fewer rows than workers
        ((2, 2), (8, 9), (2, 2)),
        ((1, 3), (8, 9), (1, 3)),
        ((None, 2), (8, 9), (2, 2)),
        ((2, -1), (8, 9), (2, 2)),
        ((None, None), (8, 9), (2, 2)),
        ("whole", (8, 9), ()),
        (numpy.int64(1), (8, 9), (1, 4)),
        ([4], (9,), (4,)),
    ],
)
def test_axis_grid_and_word(asked: Any, shape: tuple[int, ...], grid: tuple[int, ...]) -> None:
    assert wanted(asked, shape, 4) == Partition(shape, grid)


@pytest.mark.parametrize(
    ("asked", "shape", "error"),
    [
        (2, (8, 9), ValueError),
        (-3, (8, 9), ValueError),
        ((9, 1), (8, 9), ValueError),  # 9 blocks of 8 rows
        ((4, 2), (8, 9), ValueError),  # more blocks than workers
        ((0, 2), (8, 9), ValueError),
        ((2,), (8, 9), ValueError),
        ("rows", (8, 9), ValueError),
        ([(0, 5), None], (8, 9), ValueError),
        ([(1, 8), None], (8, 9), ValueError),
        ([(0, 5, 3, 8), None], (8, 9), ValueError),
        (1.5, (8, 9), TypeError),
        ({0}, (8, 9), TypeError),
    ],
)
def test_what_cannot_be_is_refused(asked: Any, shape: tuple[int, ...], error: type[Exception]) -> None:
    with pytest.raises(error):
        wanted(asked, shape, 4)


def test_without_workers_too_many_blocks_are_no_mistake() -> None:
    assert wanted((4, 2), (8, 9), 0) == Partition((8, 9), (4, 2))
    with pytest.raises(ValueError, match="9 blocks"):
        wanted((9, 1), (8, 9), 0)


def test_places_of_blocks() -> None:
    assert wanted([(0, 5, 8), 1], (8, 9), 4) == Partition((8, 9), (2, 1), ((0, 5, 8), (0, 9)))
    assert wanted([(0, 4, 8), 1], (8, 9), 4) == Partition((8, 9), (2, 1))  # even: the same as a grid


def test_as_another_array() -> None:
    uneven = cut_at((8, 9), ((0, 5, 8), (0, 9)))
    assert wanted(uneven, (8, 9), 4) == uneven
    assert wanted(uneven, (6, 7), 4) == Partition((6, 7), (2, 1))
    assert wanted(replicated((8, 9)), (5,), 4) == replicated((5,))
    with pytest.raises(ValueError, match="cannot lie as"):
        wanted(uneven, (5,), 4)


def divisions(part: Partition, workers: int) -> numpy.ndarray:
    """The first and last index of each worker's block."""
    rows = [part.block(rank) for rank in range(workers)]
    return numpy.array([[box.start, [s + n - 1 for s, n in zip(*box, strict=True)]] for box in rows])


@st.composite
def partitions(draw: st.DrawFn) -> Partition:
    shape = tuple(draw(st.lists(st.integers(1, 12), min_size=1, max_size=3)))
    edges = tuple(tuple(sorted({0, extent, *draw(st.lists(st.integers(0, extent), max_size=3))})) for extent in shape)
    return cut_at(shape, edges)


@given(partitions())
def test_blocks_tile_the_array_and_are_found_again(part: Partition) -> None:
    seen = numpy.full(part.shape, -1)
    for rank in range(part.blocks):
        start, extent = part.block(rank)
        here = seen[tuple(slice(s, s + n) for s, n in zip(start, extent, strict=True))]
        assert (here == -1).all()
        here[...] = rank
        assert list(part.owners(Box(start, extent))) == [rank]
    assert (seen >= 0).all()
    for place in numpy.ndindex(part.shape):
        assert list(part.owners(Box(place, (1,) * len(place)))) == [seen[place]]
    assert of_blocks(divisions(part, part.blocks + 1), part.shape) == part
    sizes = numpy.array([[part.block(rank).extent, part.block(rank).start] for rank in range(part.blocks)])
    assert of_blocks(numpy.concatenate([sizes, numpy.zeros_like(sizes)], axis=1), part.shape) == part


@given(st.lists(st.integers(1, 40), min_size=1, max_size=3), st.integers(1, 9))
def test_the_usual_partition_can_be_asked_for(shape: list[int], workers: int) -> None:
    usual = partition(tuple(shape), workers, 0)
    if not usual.replicated:
        assert wanted(usual.grid, usual.shape, workers) == usual
        assert of_blocks(divisions(usual, workers), usual.shape) == usual
        assert math.prod(wanted([None] * len(shape), usual.shape, workers).grid) <= workers  # type: ignore[union-attr]


def test_blocks_in_another_order_are_refused() -> None:
    blocks = numpy.array([[[5], [7]], [[0], [4]]])
    with pytest.raises(ValueError, match="C order"):
        of_blocks(blocks, (8,))
    with pytest.raises(ValueError, match="C order"):
        of_blocks(numpy.array([[[0], [3]], [[5], [7]]]), (8,))
