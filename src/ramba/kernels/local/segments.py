"""Folds over segments of an axis: NumPy's own, some segments on each thread."""

from __future__ import annotations

import numpy as np

from ramba.kernels.team import WORTH, Part, Team, slabs
from ramba.ops import OPS

PARTS = 4  # for each thread: one may be slower than the others


def reduceat(team: Team, a: np.ndarray, starts: np.ndarray, op: str, axis: int, out: np.ndarray) -> None:
    """``op.reduceat(a, starts, axis)`` into ``out``, with NumPy's bits; all starts are inside.

    Notes
    -----
    Threads share the segments if these are in order and lie one after the other in memory, else the other axes.
    """
    others = max((extent for d, extent in enumerate(a.shape) if d != axis), default=1)
    if a.size >= WORTH and _in_order(starts) and len(starts) > 1 and (axis == 0 or others < 2 * team.size):
        _by_segments(team, a, starts, op, axis, out)
    else:
        _by_slabs(team, a, starts, op, axis, out)


def _in_order(starts: np.ndarray) -> bool:
    return bool((starts[1:] >= starts[:-1]).all())


def _by_segments(team: Team, a: np.ndarray, starts: np.ndarray, op: str, axis: int, out: np.ndarray) -> None:
    count, extent, parts = len(starts), a.shape[axis], PARTS * team.size
    # as many elements for each part, or as many segments, whichever is less: a segment's beginning takes time, too
    cuts = np.searchsorted(starts, [extent * n // parts for n in range(1, parts)]).tolist()
    bounds = sorted({0, *cuts, *(count * n // parts for n in range(1, parts)), count})

    def part(n: int) -> None:
        first, last = bounds[n], bounds[n + 1]
        begin, end = int(starts[first]), int(starts[last]) if last < count else extent
        end = max(end, int(starts[last - 1]) + 1)  # a segment that ends where it starts is that element
        source, target = ((slice(None),) * axis + (slice(*ends),) for ends in ((begin, end), (first, last)))
        OPS[op].numpy.reduceat(a[source], starts[first:last] - begin, axis, out.dtype, out[target])

    team.map(part, len(bounds) - 1)


def _by_slabs(team: Team, a: np.ndarray, starts: np.ndarray, op: str, axis: int, out: np.ndarray) -> None:
    def part(key: Part) -> None:
        OPS[op].numpy.reduceat(a[key], starts, axis, out.dtype, out[key])

    slabs(team, a.shape, (axis,), part)


__all__ = ["reduceat"]
