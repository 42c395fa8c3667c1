"""Runs a distributed kernel on a group of workers in this process, and puts their blocks together."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ramba.kernels import KERNELS, Piece, Type, run
from ramba.kernels.group import Waiting
from ramba.kernels.layouts import within
from ramba.layout.overlap import Box
from ramba.layout.partition import Partition, partition, replicated
from ramba.runtime.collective import Collective
from ramba.runtime.pool import Pool
from ramba.runtime.transport.mailbox import Mailbox, Mailboxes

WORKERS = [1, 2, 3, 4, 7]


class Operand:
    """An array and how it lies."""

    def __init__(self, array: Any, lying: Partition) -> None:
        self.array = np.array(array)
        self.partition = lying

    def piece(self, rank: int) -> Piece:
        """One worker's part."""
        block = self.partition.block(rank)
        part = self.array[within(block, Box((0,) * self.array.ndim, self.array.shape))]
        return Piece(part.copy(order="C").reshape(block.extent), self.partition)

    def __repr__(self) -> str:
        return f"{self.array!r} in {self.partition.grid}"


class Outcome:
    """What the workers gave, and what they sent."""

    def __init__(self, arrays: list[np.ndarray], partitions: list[Partition], post: Mailboxes) -> None:
        self.arrays = arrays
        self.partitions = partitions
        self.post = post


def together(name: str, workers: int, small: int, operands: list[Operand], *params: Any) -> Outcome:
    """Runs a kernel; raises what every worker raises. What was inferred before is true."""
    outcome = joint(lambda group, pieces: run(name, group, small, pieces, params), workers, operands)
    types = KERNELS[name].infer([Type(a.array.dtype, a.array.shape) for a in operands], *params)
    assert len(types) == len(outcome.arrays)
    for (dtype, shape), array in zip(types, outcome.arrays, strict=True):
        assert array.dtype == dtype
        assert shape is None or array.shape == shape
    return outcome


def joint(steps: Callable[[Any, list[Piece]], Waiting[list[Piece]]], workers: int, operands: list[Operand]) -> Outcome:
    """Runs what gives the steps of each worker; raises what every worker raises."""
    post, pool = Mailboxes(workers), Pool()
    groups = [Collective(Mailbox(post, rank), pool) for rank in range(workers)]
    pieces = [[operand.piece(group.rank) for operand in operands] for group in groups]
    running = {g.rank: steps(g, pieces[g.rank]) for g in groups}
    results: dict[int, list[Piece]] = {}
    problems: dict[int, Exception] = {}
    while running:
        before = post.messages, len(running), len(post.waiting)
        for rank, steps in list(running.items()):
            try:
                next(steps)
            except StopIteration as done:
                results[rank] = done.value
                del running[rank]
            except Exception as problem:
                problems[rank] = problem
                del running[rank]
        if problems and results:
            raise AssertionError(f"only some workers raise: {problems}")
        if before == (post.messages, len(running), len(post.waiting)):
            if problems:
                raise next(iter(problems.values()))
            raise AssertionError(f"workers {list(running)} wait for ever")
    if problems:
        assert len({(type(problem), str(problem)) for problem in problems.values()}) == 1, problems
        raise problems[0]
    assert not post.waiting, "messages that nobody collected"
    assert len({group.tag for group in groups}) == 1
    count = len(results[0])
    joined = [join([results[rank][n] for rank in range(workers)]) for n in range(count)]
    return Outcome(joined, [results[0][n].partition for n in range(count)], post)


def join(pieces: list[Piece]) -> np.ndarray:
    """The whole array; checks that every piece is what the partition says."""
    lying = pieces[0].partition
    out = np.zeros(lying.shape, pieces[0].array.dtype)
    for rank, piece in enumerate(pieces):
        block = lying.block(rank)
        assert piece.partition == lying
        assert piece.array.shape == block.extent
        assert piece.array.dtype == out.dtype
        assert piece.array.flags.c_contiguous
        if lying.replicated and rank:
            np.testing.assert_array_equal(piece.array, out)
        else:
            out[within(block, Box((0,) * out.ndim, out.shape))] = piece.array
    return out


def check(outcome: Outcome, n: int, expected: Any, workers: int, small: int) -> None:
    """One result is the expected array, bit for bit, and lies where a new array does."""
    expected = np.asarray(expected)
    found = outcome.arrays[n]
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    np.testing.assert_array_equal(found, expected)
    if outcome.partitions[n] != partition(expected.shape, workers, small):
        raise AssertionError(f"{outcome.partitions[n]} is not the standard partition")


def partitions(shape: tuple[int, ...], workers: int) -> st.SearchStrategy[Partition]:
    """Grids of at most so many blocks, some of which may be empty; or replicated."""
    if not shape:
        return st.just(replicated(shape))

    def fits(grid: tuple[int, ...]) -> bool:
        return prod(grid) <= workers

    grids = st.tuples(*[st.integers(1, workers)] * len(shape)).map(
        lambda grid: grid if fits(grid) else (workers, *(1,) * (len(shape) - 1))
    )
    return st.one_of(
        grids.map(lambda grid: Partition(shape, grid)),
        st.sampled_from([partition(shape, workers, 0), replicated(shape)]),
    )


shapes = st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 8, 13]), min_size=1, max_size=3).map(tuple)
dtypes = st.sampled_from(["?", "i1", "i4", "u8", "f4", "f8", "c16"])


@st.composite
def operands(
    draw: st.DrawFn,
    workers: int,
    shape: tuple[int, ...] | None = None,
    dtype: str | None = None,
    low: int = -4,
    high: int = 5,
) -> Operand:
    """An array of small whole numbers, somehow cut."""
    shape = draw(shapes) if shape is None else shape
    dtype = draw(dtypes) if dtype is None else dtype
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    array = rng.integers(low, high, shape).astype(dtype)
    return Operand(array, draw(partitions(shape, workers)))
