"""How a user says where the blocks of an array are to lie, read as a partition.

A distribution is a hint: it never changes a value. Where there are no workers it is read, and means nothing.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from ramba.layout.overlap import Box
from ramba.layout.partition import Partition, cut_at, least_surface, partition, places, replicated

WHOLE = "whole"


def wanted(distribution: Any, shape: tuple[int, ...], workers: int) -> Partition | None:
    """The partition that a distribution asks for.

    Parameters
    ----------
    distribution
        None; ``"whole"``; the axis to cut; for each dimension the number of blocks, None or -1 (as it comes) or where
        the blocks begin and end; a partition, which is taken over as far as it fits; blocks as an integer array (see
        `of_blocks`).
    shape
        Of the array.
    workers
        How many there are; 0 where there are none, and nothing can be said of too many blocks.

    Returns
    -------
    Partition or None
        None if nothing in particular is asked for.

    Raises
    ------
    ValueError
        If an array of this shape, or so few workers, cannot have it.
    TypeError
        If it is none of all that.
    """
    if distribution is None:
        return None
    if isinstance(distribution, str):
        if distribution != WHOLE:
            raise ValueError(f"{distribution!r} is no distribution: the only word for one is {WHOLE!r}")
        return replicated(shape)
    if isinstance(distribution, Partition):
        found: Partition | None = taken_over(distribution, shape)
    elif isinstance(distribution, np.ndarray) and distribution.ndim == 3:
        found = of_blocks(distribution, shape)
    elif hasattr(distribution, "__index__") and not getattr(distribution, "ndim", 0):
        found = _along(operator.index(distribution), shape, workers)
    elif isinstance(distribution, Sequence):
        found = _by_dimension(distribution, shape, workers)
    else:
        raise TypeError(f"{type(distribution).__name__} is no distribution")
    if found is not None and workers and found.blocks > workers:
        raise ValueError(f"{found.blocks} blocks were asked for, and there are {workers} workers")
    return found


def _along(axis: int, shape: tuple[int, ...], workers: int) -> Partition | None:
    """One axis cut, into as many blocks as there are workers or elements along it."""
    axis = np.lib.array_utils.normalize_axis_index(axis, len(shape))
    if 0 in shape:
        return None
    return Partition(shape, tuple(min(workers or 1, e) if d == axis else 1 for d, e in enumerate(shape)))


def _by_dimension(parts: Sequence[Any], shape: tuple[int, ...], workers: int) -> Partition | None:
    """A number of blocks, or where they begin and end, for each dimension."""
    if len(parts) != len(shape):
        raise ValueError(f"a distribution over {len(parts)} dimensions for an array that has {len(shape)}")
    free = [d for d, part in enumerate(parts) if part is None or (isinstance(part, int | np.integer) and part == -1)]
    edges = {d: tuple(map(operator.index, part)) for d, part in enumerate(parts) if isinstance(part, Sequence)}
    counts = {d: operator.index(part) for d, part in enumerate(parts) if d not in edges and d not in free}
    for d, count in counts.items():
        if count < 1 or count > max(shape[d], 1):
            raise ValueError(f"a dimension of {shape[d]} elements cannot be cut into {count} blocks")
    taken = prod(counts.values()) * prod(len(ends) - 1 for ends in edges.values())
    others = least_surface(tuple(shape[d] for d in free), max(workers // max(taken, 1), 1))
    grid = counts | {d: len(ends) - 1 for d, ends in edges.items()} | dict(zip(free, others, strict=True))
    if not edges:
        return None if 0 in shape else Partition(shape, tuple(grid[d] for d in range(len(shape))))
    return cut_at(shape, tuple(edges.get(d) or places(shape[d], grid[d]) for d in range(len(shape))))


def taken_over(other: Partition, shape: tuple[int, ...]) -> Partition | None:
    """The partition of another array, for one of the same number of dimensions: as many blocks, as far as they fit.

    Raises
    ------
    ValueError
        If they have not as many dimensions.
    """
    if other.shape == shape:
        return other
    if other.replicated:
        return replicated(shape)
    if len(other.shape) != len(shape):
        raise ValueError(f"an array of shape {shape} cannot lie as one of shape {other.shape}")
    return None if 0 in shape else Partition(shape, tuple(map(min, other.grid, shape)))


def laid_anew(lies: Partition, before: int, now: int) -> Partition:
    """How an array lies when there are other workers than before.

    In the usual way if it does so now, also as the transposed one of an array that does; along one dimension, if only
    that is cut. Blocks that a user wanted stay as they are, if there are no more of them than workers.
    """
    shape, usual = lies.shape, partition(lies.shape, now, 1)
    if lies.replicated or lies == partition(shape, before, 1):
        return lies if lies.replicated else usual
    if lies == turned(partition(shape[::-1], before, 1)):
        return turned(partition(shape[::-1], now, 1))
    cut = [d for d, parts in enumerate(lies.grid) if parts > 1]
    if not lies.edges and len(cut) == 1 and lies.blocks == min(before, shape[cut[0]]):
        return Partition(shape, tuple(min(now, e) if d == cut[0] else 1 for d, e in enumerate(shape)))
    return lies if lies.blocks <= now else usual


def fitting(lies: Partition, workers: int) -> Partition:
    """The same partition, or the usual one if there are not as many workers."""
    return lies if lies.replicated or lies.blocks <= workers else partition(lies.shape, workers, 1)


def turned(lies: Partition) -> Partition:
    """The partition of the transposed array."""
    return Partition(lies.shape[::-1], lies.grid[::-1], lies.edges[::-1])


def of_blocks(blocks: np.ndarray, shape: tuple[int, ...]) -> Partition:
    """The partition whose blocks are given one by one, as an array ``(workers, fields, dimensions)`` of integers.

    Of two fields, the first is each block's first index and the second its last one, inclusive; of more, the first two
    are extent and first index.

    Raises
    ------
    ValueError
        If the blocks are not those of a grid, numbered in C order.
    """
    if blocks.dtype.kind not in "iu" or blocks.shape[1] < 2 or blocks.shape[2] != len(shape):
        raise ValueError(f"an array of {blocks.dtype} and shape {blocks.shape} does not describe blocks of {shape}")
    inclusive = blocks.shape[1] == 2
    first = blocks[:, 0] if inclusive else blocks[:, 1]
    extents = blocks[:, 1] + 1 - first if inclusive else blocks[:, 0]
    given = [
        Box(tuple(start), tuple(extent))
        for start, extent in zip(first.tolist(), extents.tolist(), strict=True)
        if min(extent, default=1) > 0
    ]
    ends = [{0} | {box.start[d] + box.extent[d] for box in given} for d in range(len(shape))]
    made = cut_at(shape, tuple(map(tuple, map(sorted, ends))))
    if given != [made.block(rank) for rank in range(made.blocks)]:
        raise ValueError(
            "the blocks of a distribution must be those of a grid, numbered in C order, the empty ones last"
        )
    return made


def slices(box: Box) -> str:
    """A box as a key: ``[0:5, 2:4]``."""
    return "[" + ", ".join(f"{s}:{s + n}" for s, n in zip(box.start, box.extent, strict=True)) + "]"


__all__ = ["WHOLE", "fitting", "laid_anew", "of_blocks", "slices", "taken_over", "turned", "wanted"]
