"""What the simulated workers run, and what they must send each other: worked out from the blocks alone.

The arrays begin as zeros, whatever the benchmarks begin with: kernels compute nothing here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy

from ramba.config import current
from ramba.layout import Box, Partition, partition
from ramba.plan.step import ALIGNMENT

RADIUS = 2  # of the star


class Workload(NamedTuple):
    """A program, and what one iteration of it reads of other workers' blocks."""

    name: str
    title: str
    setup: Callable[[Any, int], Callable[[], None]]  # the module and the size; gives an iteration
    shape: Callable[[int], tuple[int, ...]]  # of its arrays
    dtype: str
    reads: Callable[[tuple[int, ...], Box], list[Box]]  # disjoint, but for what lies in the worker's own block


def star(np: Any, n: int) -> Callable[[], None]:
    """Parallel Research Kernels, Stencil: a star of radius 2 in single precision."""
    A, B = np.zeros((n, n), dtype="float32"), np.zeros((n, n), dtype="float32")
    near, far = 0.25, 0.125

    def iteration() -> None:
        nonlocal A
        B[2:-2, 2:-2] += (
            far * A[2:-2, 4:]
            + near * A[2:-2, 3:-1]
            - near * A[2:-2, 1:-3]
            - far * A[2:-2, :-4]
            + far * A[4:, 2:-2]
            + near * A[3:-1, 2:-2]
            - near * A[1:-3, 2:-2]
            - far * A[:-4, 2:-2]
        )
        A += 1.0

    return iteration


def nstream(np: Any, n: int) -> Callable[[], None]:
    """Parallel Research Kernels, Nstream."""
    A, B, C = np.zeros(n), np.full(n, 2.0), np.full(n, 2.0)

    def iteration() -> None:
        nonlocal A
        A += B + 3.0 * C

    return iteration


def transpose(np: Any, n: int) -> Callable[[], None]:
    """Parallel Research Kernels, Transpose."""
    A, B = np.zeros((n, n)), np.zeros((n, n))

    def iteration() -> None:
        nonlocal A, B
        B += A.T
        A += 1.0

    return iteration


def _arms(shape: tuple[int, ...], block: Box) -> list[Box]:
    """The star's bars through a worker's part of the interior: one along each dimension."""
    low = [max(s, RADIUS) for s in block.start]
    high = [min(s + c, n - RADIUS) for s, c, n in zip(block.start, block.extent, shape, strict=True)]
    if any(a >= b for a, b in zip(low, high, strict=True)):
        return []
    return [
        Box(
            tuple(a - RADIUS * (d == along) for d, a in enumerate(low)),
            tuple(b - a + 2 * RADIUS * (d == along) for d, (a, b) in enumerate(zip(low, high, strict=True))),
        )
        for along in range(len(shape))
    ]


def _mirrored(shape: tuple[int, ...], block: Box) -> list[Box]:
    return [Box(block.start[::-1], block.extent[::-1])]


def _nothing(shape: tuple[int, ...], block: Box) -> list[Box]:
    return []


WORKLOADS = (
    Workload("star", "star stencil", star, lambda n: (n, n), "f4", _arms),
    Workload("nstream", "nstream", nstream, lambda n: (n,), "f8", _nothing),
    Workload("transpose", "transposition", transpose, lambda n: (n, n), "f8", _mirrored),
)

BY_NAME = {workload.name: workload for workload in WORKLOADS}


def theory(workload: Workload, n: int, workers: int) -> list[tuple[int, int]]:
    """Messages and bytes that each worker must send in one iteration: what others read of its block, once.

    Each strip begins at a cache line of its message, so its bytes are rounded up.
    """
    lying = partition(workload.shape(n), workers, current().eager_size)
    size = numpy.dtype(workload.dtype).itemsize
    sent = [(0, 0)] * workers
    for reader in range(workers):
        nbytes: dict[int, int] = {}
        for giver, count in _overlaps(lying, workload.reads(lying.shape, lying.block(reader)), workers):
            if giver != reader:
                nbytes[giver] = nbytes.get(giver, 0) + -(-count * size // ALIGNMENT) * ALIGNMENT
        for giver, more in nbytes.items():
            sent[giver] = sent[giver][0] + 1, sent[giver][1] + more
    return sent


def _overlaps(lying: Partition, boxes: list[Box], workers: int) -> Iterator[tuple[int, int]]:
    """Every worker that holds elements of a box, and how many: all of them are looked at."""
    blocks = [lying.block(rank) for rank in range(workers)] if boxes else []
    start = numpy.array([block.start for block in blocks])
    end = start + numpy.array([block.extent for block in blocks])
    for box in boxes:
        first = numpy.maximum(start, box.start)
        last = numpy.minimum(end, numpy.add(box.start, box.extent))
        counts = numpy.maximum(last - first, 0).prod(axis=1)
        for rank in numpy.flatnonzero(counts):
            yield int(rank), int(counts[rank])
