"""Elements at given places of the sorted array, without sorting it across workers: what quantiles are made of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ramba.kernels.group import Group, Waiting
from ramba.kernels.piece import Piece
from ramba.kernels.registry import Type, kernel
from ramba.layout.partition import replicated


@kernel(lambda types, places: [Type(types[0].dtype, (len(places),))])
def order_statistics(
    group: Group, small: int, pieces: Sequence[Piece], places: tuple[int, ...]
) -> Waiting[list[Piece]]:
    """``np.sort(a, axis=None)[[*places]]``; the places are not negative.

    Each worker sorts what it has. Then, round by round, everybody proposes the middle of what may still be meant, and
    the weighted median of the proposals rules out at least a quarter of all elements.
    """
    (a,) = pieces
    values = np.sort(a.array, axis=None)
    if a.replicated or not a.size:
        found = values[list(places)]
        return [Piece(found, replicated(found.shape))]
    wanted = np.array(places, np.int64)
    low, high = np.zeros(len(wanted), np.int64), np.full(len(wanted), len(values), np.int64)
    found = np.zeros(len(wanted), values.dtype)
    open_ones = np.ones(len(wanted), bool)
    while open_ones.any():
        proposals = np.zeros(len(wanted), values.dtype)
        mine = low < high
        proposals[mine] = values[(low[mine] + high[mine]) // 2]
        everybody = yield from group.gather(proposals)
        weights = yield from group.gather(high - low)
        pivots = _weighted_medians(everybody, weights)
        less, most = np.searchsorted(values, pivots, "left"), np.searchsorted(values, pivots, "right")
        smaller, up_to = yield from group.reduce(np.stack([less, most]), np.add)
        found[open_ones] = pivots[open_ones]
        before, after = wanted < smaller, wanted >= up_to
        high = np.where(open_ones & before, np.minimum(high, less), high)
        low = np.where(open_ones & after, np.maximum(low, most), low)
        open_ones &= before | after
    return [Piece(found, replicated(found.shape))]


def _weighted_medians(proposals: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """For each column the row's element below which lies half of the weight; rows of no weight do not count."""
    found = np.zeros(proposals.shape[1], proposals.dtype)
    for n in range(len(found)):
        held = np.flatnonzero(weights[:, n])
        if len(held):
            order = held[np.argsort(proposals[held, n], kind="stable")]
            sums = np.cumsum(weights[order, n])
            found[n] = proposals[order[np.searchsorted(sums, (sums[-1] + 1) // 2)], n]
    return found
